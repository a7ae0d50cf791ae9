"""Amounts, dates and lists in the habit of each language; the statement as a spreadsheet reads it."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from processor.adapters.formats import Formats
from processor.adapters.letter_sheet import defused, statement_sheet
from processor.core.letter import StatementFacts
from processor.core.model import Money
from processor.core.visible import visible
from tests.letters.specimens import STATEMENT


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "euros", "day"),
    [
        ("en", "EUR 1,234,567.80", "1 November 2026"),
        ("nl", "EUR 1.234.567,80", "1 november 2026"),
        ("de", "1.234.567,80 EUR", "1. November 2026"),
        ("fr", "1 234 567,80 EUR", "1er novembre 2026"),
        ("es", "1.234.567,80 EUR", "1 de noviembre de 2026"),
        ("it", "1.234.567,80 EUR", "1º novembre 2026"),
        ("pt", "1 234 567,80 EUR", "1 de novembro de 2026"),
        ("pl", "1 234 567,80 EUR", "1 listopada 2026"),
        ("ja", "EUR 1,234,567.80", "2026年11月1日"),
    ],
)
def test_amounts_and_dates_follow_the_language(language: str, euros: str, day: str) -> None:
    formats = Formats(language)

    assert plain(formats.money(Money(123456780, "EUR"))) == euros
    assert plain(formats.day(date(2026, 11, 1))) == day


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1234567, "JPY"), "JPY 1,234,567"),
        (Money(1234567, "KWD"), "KWD 1,234.567"),
        (Money(5, "EUR"), "EUR 0.05"),
        (Money(-125000, "USD"), "USD -1,250.00"),
        (Money(99999999999999999, "EUR"), "EUR 999,999,999,999,999.99"),
    ],
)
def test_decimals_follow_the_currency(money: Money, written: str) -> None:
    assert plain(Formats("en").money(money)) == written


@pytest.mark.parametrize(
    ("language", "ends"),
    [
        ("en", ("19", "20 November 2026")),
        ("de", ("19.", "20. November 2026")),
        ("ja", ("2026年11月19日", "20日")),
    ],
)
def test_a_period_says_once_what_its_ends_share(language: str, ends: tuple[str, str]) -> None:
    first, last = Formats(language).period(date(2026, 11, 19), date(2026, 11, 20))

    assert (plain(first), plain(last)) == ends


def test_a_period_over_months_and_years() -> None:
    formats = Formats("fr")

    assert [plain(end) for end in formats.period(date(2026, 12, 1), date(2027, 1, 1))] == [
        "1er décembre 2026",
        "1er janvier 2027",
    ]
    assert [plain(end) for end in formats.period(date(2026, 11, 30), date(2026, 12, 1))] == [
        "30 novembre",
        "1er décembre 2026",
    ]


def test_lists_end_with_the_word_of_the_language() -> None:
    assert Formats("pl").listing(["1", "2", "3"]) == "1, 2 i 3"
    assert Formats("es").listing(["1", "2"], "or") == "1 o 2"
    assert Formats("ja").listing(["1", "2"]) == "1、2"


def rows(language: str, facts: StatementFacts = STATEMENT) -> list[list[str]]:
    terms = {
        name: f"<{name}>"
        for name in ("kind", "number", "received", "due", "currency", "total", "remaining", "payment", "invoice")
    }
    content = statement_sheet(facts, Formats(language), terms.__getitem__).content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(
        csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";" if language == "nl" else ",")
    )


def test_a_statement_opens_in_a_spreadsheet_of_the_language() -> None:
    assert rows("en")[1] == ["<payment>", "1400000001", "2026-11-03", "", "EUR", "1500.00", "250.00"]
    assert rows("nl")[1] == ["<payment>", "1400000001", "2026-11-03", "", "EUR", "1500,00", "250,00"]
    assert rows("nl")[4] == ["<invoice>", "D020001IVK", "", "", "EUR", "20000,00", "17890,45"]


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "--1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1250.00", "-1250,00", "1250", "G012040490", "", "a=b"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("  a \t\r\n b\x00c ", "a b c"),
        ("a\u202eb\u200bc\u00ad\ufeff", "a[U+202E]b[U+200B]c[U+00AD][U+FEFF]"),
        ("line\u2028end\x85x", "line end x"),
        ("\ud800\ue000", "��"),
        ("請求書 é Ł", "請求書 é Ł"),
    ],
)
def test_text_is_shown_as_a_reader_can_see_it(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_long_text_is_cut() -> None:
    assert visible("x" * 81) == "x" * 79 + "…"
    assert visible("x" * 80) == "x" * 80
