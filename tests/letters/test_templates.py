"""A template that is wrong is named, with its line; nothing is ever left out silently."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from processor.adapters.letter_templates import LetterTemplateError
from processor.adapters.render import LetterRenderer
from processor.core.letter import LetterKind
from processor.core.model import Money
from processor.ports import PermanentError
from tests.letters.specimens import (
    MAILBOX,
    REFERENCE,
    SECRET,
    TEMPLATES,
    NoonClock,
    answered,
    question,
    renderer,
    specimens,
)


def broken(folder: Path, file: str, old: str, new: str) -> LetterRenderer:
    """Copy the templates and spoil one of them."""
    shutil.copytree(TEMPLATES, folder / "templates")
    path = folder / "templates" / "mail" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return LetterRenderer(folder / "templates", MAILBOX, "Accounts Receivable", SECRET, NoonClock())


def place(file: str, words: str) -> str:
    """Say where a template has these words."""
    lines = (TEMPLATES / "mail" / file).read_text(encoding="utf-8").split("\n")
    return f"{file}, line {next(number for number, line in enumerate(lines, 1) if words in line)}"


def complaint(writer: LetterRenderer, kind: str = "confirmation") -> str:
    with pytest.raises(LetterTemplateError) as caught:
        writer.render(specimens("en")[kind], answered(), REFERENCE, 1)
    assert isinstance(caught.value, PermanentError)
    return str(caught.value)


def test_an_undefined_name_is_named_with_its_place(tmp_path: Path) -> None:
    writer = broken(tmp_path, "en/letters.jinja", "{{ line.amount }} of payment", "{{ amuont }} of payment")

    assert complaint(writer) == (
        f"{place('en/letters.jinja', 'We have applied {{ line.amount }}')}, called from "
        f"{place('_base/confirmation.jinja', 'say.applied')}: 'amuont' is undefined"
    )


def test_an_unknown_fact_is_named_with_its_place(tmp_path: Path) -> None:
    writer = broken(tmp_path, "_base/confirmation.jinja", "say.undo()", "letter.undo")

    assert f"called from {place('_base/confirmation.jinja', 'say.undo()')}: " in complaint(writer)
    assert "no attribute 'undo'" in complaint(writer)


def test_a_sentence_that_is_not_closed_is_named_with_its_place(tmp_path: Path) -> None:
    writer = broken(tmp_path, "en/questions.jinja", "{% endmacro %}", "")

    assert complaint(writer).startswith("en/questions.jinja, line ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    writer = broken(tmp_path, "en/terms.jinja", "regards", "regards")
    (tmp_path / "templates" / "mail" / "en" / "letters.jinja").unlink()

    assert "en/letters.jinja" in complaint(writer)


def test_a_template_cannot_reach_into_the_program(tmp_path: Path) -> None:
    writer = broken(tmp_path, "en/letters.jinja", "{{ line.amount }} of", "{{ letter.__class__.__mro__ }} of")

    assert "unsafe" in complaint(writer)


def test_a_fact_that_is_absent_is_no_gap() -> None:
    letter = replace(
        specimens("en")["confirmation"], applied=(replace(specimens("en")["confirmation"].applied[0], invoice=None),)
    )

    with pytest.raises(
        LetterTemplateError, match=r"en/letters\.jinja, line \d+, .*: a fact that the sentence needs is absent"
    ):
        renderer().render(letter, answered(), REFERENCE, 1)


def test_an_amount_without_a_currency_is_never_written() -> None:
    asked = replace(question("en", "exceeds_open").questions[0], stated=Money(125000, ""))

    with pytest.raises(LetterTemplateError, match="is no currency"):
        renderer().render(replace(question("en", "exceeds_open"), questions=(asked,)), answered(), REFERENCE, 1)


def test_a_check_finds_a_broken_letter_before_it_is_needed(tmp_path: Path) -> None:
    renderer().check()

    with pytest.raises(LetterTemplateError, match=r"_base/oversize\.jinja, line \d"):
        broken(tmp_path, "_base/oversize.jinja", "{{ m.paragraph(say.oversize()) }}", "{{ m.paragraph( }}").check()


def test_without_templates_there_is_no_renderer(tmp_path: Path) -> None:
    with pytest.raises(LetterTemplateError, match="no templates in the language 'en'"):
        LetterRenderer(tmp_path, MAILBOX, "Accounts Receivable", SECRET, NoonClock())


@pytest.mark.parametrize("language", ["", "xx", "../en", "EN", "_base"])
def test_a_language_without_templates_falls_back_to_english(language: str) -> None:
    letter = replace(specimens("en")["acknowledgement"], language=language)

    assert (
        renderer().render(letter, answered(), "", 1).text
        == renderer().render(replace(letter, language="en"), answered(), "", 1).text
    )
    assert letter.kind is LetterKind.ACKNOWLEDGEMENT
