"""Every letter in every language: complete, all in that language, the same in text and HTML, and as last read."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta
from lxml import html

from processor.adapters.letter_templates import LetterTemplates
from processor.adapters.letter_text import TABLE_WIDTH, width
from processor.core.decision import RequestState
from processor.core.letter import LetterKind, QuestionKind
from processor.ports import RenderedLetter
from tests.letters.golden import FOLDER, golden_letters
from tests.letters.specimens import QUESTIONS, REFERENCE, TEMPLATES, answered, renderer, specimens

WRITER = renderer()
LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt")
NAMES = tuple(specimens("en"))
STATES = {*RequestState, "unknown", "item"}
MARKS = {"-", "•"}  # what a list looks like in one part only


@cache
def rendered(language: str, name: str) -> RenderedLetter:
    return WRITER.render(specimens(language)[name], answered(), REFERENCE, 1)


def parsed(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def html_part(letter: RenderedLetter) -> str:
    part = parsed(letter.raw).get_body(("html",))
    assert part is not None
    content: str = part.get_content()
    return content


def test_there_is_a_specimen_of_everything() -> None:
    assert WRITER.languages == LANGUAGES
    assert {letter.kind for letter in specimens("en").values()} == set(LetterKind)
    assert {question.kind for question in QUESTIONS.values()} == set(QuestionKind)
    assert {letter.status for letter in specimens("en").values()} - {""} == STATES


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_clean(language: str) -> None:
    assert [name for name in NAMES if not is_clean(rendered(language, name).text)] == []


def is_clean(text: str) -> bool:
    prose = "\n".join(line for line in text.split("\n") if not line.startswith(" "))
    unfilled = re.search(r"None|\{\{|\}\}|\{%|Undefined|[a-z]_[a-z]", text)
    spacing = re.search(r"\S {2,}\S| [.,](?!\d)|\.\.|\( | \)|[a-zà-ÿ][.?!][A-ZÀ-Ý]", prose)
    return not unfilled and not spacing and all(width(line) <= TABLE_WIDTH for line in text.split("\n"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_says_what_the_text_says(language: str) -> None:
    letters = [rendered(language, name) for name in NAMES]

    assert [letter.text for letter in letters if words(shown(letter)) != words(letter.text)] == []


def shown(letter: RenderedLetter) -> str:
    return " ".join(html.fromstring(html_part(letter)).xpath("//body//text()"))


def words(text: str) -> set[str]:
    """Split at spaces and behind Japanese marks, where the text part ends its lines."""
    return {word for word in re.split(r"\s+|(?<=[、。])", text) if word and word not in MARKS and set(word) != {"-"}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_fetches_nothing_and_runs_nothing(language: str) -> None:
    pages = [html_part(rendered(language, name)) for name in NAMES]

    assert not any(re.search(r"https?:|src=|href=|<script|<link|<img|@import|url\(", page) for page in pages)
    assert all(f'<html lang="{language}">' in page for page in pages)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_english_is_left(language: str) -> None:
    letters = [rendered(language, name) for name in NAMES if "profile" not in name]
    texts = [letter.subject + "\n" + letter.text.replace("Accounts Receivable", "") for letter in letters]

    english = [re.findall(r"(?i)\b(?:the|you|your|our|please|payments?|invoices?|and|reply)\b", text) for text in texts]

    assert not any(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences(language: str) -> None:
    sources = Environment(loader=FileSystemLoader(TEMPLATES / "mail"), autoescape=True)

    def names(of: str, file: str) -> set[str]:
        text = sources.loader.get_source(sources, f"{of}/{file}")[0] if sources.loader else ""
        return set(re.findall(r"{% (?:macro|set) (\w+)", text)) - {"the", "within", "line", "ends", "on"}

    for file in ("terms.jinja", "letters.jinja", "questions.jinja"):
        assert names(language, file) == names("en", file)


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.glob("mail/*/*.jinja")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_a_template_names_only_what_it_gets(path: Path) -> None:
    given = {"letter", "reference", "sender_name", "language", "period", "table", "choices", "alternatives"}
    sandbox = LetterTemplates(TEMPLATES / "mail", "en", "text").sandbox

    named = meta.find_undeclared_variables(sandbox.parse(path.read_text(encoding="utf-8")))

    assert named <= given | {"m", "say", "ask", "term", "pieces"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_as_they_were_last_read(language: str) -> None:
    """After a wanted change: `make golden`, and read the difference."""
    last_read = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob(f"{language}/*.txt")}

    assert golden_letters(WRITER, language) == last_read
