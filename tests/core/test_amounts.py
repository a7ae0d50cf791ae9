"""Amounts in running text and in cells: number, currency, and whether it is money at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from processor.core.currencies import exponent
from processor.core.message import Cell
from processor.core.reading.amounts import AmountMention, cell_amount
from processor.core.request import AskedAmount
from tests.core.pages import POLICY, page_of

LOCALES = ("en_GB", "de_DE", "fr_FR", "nl_NL", "es_ES", "it_IT", "pt_PT", "pl_PL", "ja_JP", "de_CH", "en_IE", "fr_CA")
CODES = ("EUR", "USD", "GBP", "CHF", "PLN", "JPY", "KWD")
GRAMMAR = POLICY.phrases.grammar


def find(text: str) -> tuple[AmountMention, ...]:
    return page_of(text).amounts


def cell_of(text: str, *, number: bool = False) -> Cell:
    return Cell(text, 0, len(text), number=number)


def only(text: str) -> AskedAmount:
    (found,) = find(text)
    return found.amount


@given(minor=st.integers(1, 10**11), locale=st.sampled_from(LOCALES), code=st.sampled_from(CODES))
def test_money_reads_as_any_country_writes_it(minor: int, locale: str, code: str) -> None:
    value = Decimal(minor).scaleb(-(exponent(code) or 0))

    amount = only(f"apply {format_currency(value, code, locale=locale)} please")

    assert value in amount.readings
    assert code in amount.currencies
    assert not amount.doubtful


@pytest.mark.parametrize(
    ("text", "value", "currencies"),
    [
        ("EUR 1.250,00", "1250.00", ("EUR",)),
        ("1.250,00 EUR", "1250.00", ("EUR",)),
        ("€1,250.00", "1250.00", ("EUR",)),
        ("1250.00€", "1250.00", ("EUR",)),
        ("£ 12.50", "12.50", ("GBP",)),
        ("US$ 99.95", "99.95", ("USD",)),
        ("usd 99.95", "99.95", ("USD",)),
        ("CHF 1'250.00", "1250.00", ("CHF",)),
        ("Fr. 12.50", "12.50", ("CHF",)),
        ("1 250,00 zł", "1250.00", ("PLN",)),
        ("2.000,00 euro", "2000.00", ("EUR",)),
        ("1.250,00 Euro", "1250.00", ("EUR",)),
        ("¥12,000", "12000", ("JPY", "CNY")),
        ("12,000円", "12000", ("JPY",)),
        ("€ 1.250,-", "1250", ("EUR",)),
        ("１，２５０．００ EUR", "1250.00", ("EUR",)),
        ("1\u202f250,00\u00a0€", "1250.00", ("EUR",)),
        ("1250.00", "1250.00", ()),
    ],
)
def test_an_amount_with_its_currency(text: str, value: str, currencies: tuple[str, ...]) -> None:
    amount = only(f"apply {text} to it")

    assert amount.readings[0] == Decimal(value)
    assert amount.currencies == currencies
    assert not amount.doubtful


@pytest.mark.parametrize(
    "text",
    [
        "EUR 0.00",
        "EUR -500.00",
        "-500.00 EUR",
        "EUR 500.00-",
        "2,5k",
        "2.5 K",
        "3 grand",
        "5 thousand",
        "EUR 2 tsd",
        "1e5",
        "1E+5 EUR",
        "1_000 EUR",
        "EUR 1,2,3",
        "EUR 1234567890123456",
    ],
)
def test_what_is_meant_as_an_amount_but_is_none_is_doubtful(text: str) -> None:
    assert [found.amount.doubtful for found in find(f"apply {text} to it")] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "15% of it",
        "on 21/09 at",
        "at 10:30 sharp",
        "the 3rd of them",
        "the 1er of them",
        "v1.2.3.4",
        "a@12.example",
        "https://b.example/?n=500",
        "2 x 50",
        "room A12",
        "#500",
    ],
)
def test_numbers_that_are_no_money_are_no_amounts(text: str) -> None:
    assert [found for found in find(text) if not found.bare] == []


@pytest.mark.parametrize(
    ("text", "bare"), [("500", True), ("500.5", True), ("500.00", False), ("500 EUR", False), ("1.250", True)]
)
def test_a_number_alone_is_bare(text: str, bare: bool) -> None:
    assert [found.bare for found in find(text)] == [bare]


def test_the_digits_of_an_identifier_or_a_date_are_no_amount() -> None:
    found = find("payment 1400000001 of 3.11.2026, invoice G000000001: 500.00")

    assert [one.amount.seen for one in found] == ["500.00"]


def test_an_amount_is_seen_with_its_currency() -> None:
    (found,) = find("please use EUR 500.00 now")

    assert (found.amount.seen, found.start, found.end) == ("EUR 500.00", 11, 21)


@pytest.mark.parametrize(
    ("cell", "values", "doubtful"),
    [
        ("1.250,00", ["1250.00"], False),
        (" € 12,50 ", ["12.50"], False),
        ("(500.00)", ["500.00"], True),
        ("-500.00", ["500.00"], True),
        ("500.00 / 600.00", [], True),
        ("500", ["500"], False),
    ],
)
def test_a_cell_is_one_amount(cell: str, values: list[str], doubtful: bool) -> None:
    amount = cell_amount(cell_of(cell), (), GRAMMAR)

    assert amount is not None
    assert [str(value) for value in amount.readings] == values
    assert amount.doubtful == doubtful


@pytest.mark.parametrize("cell", ["", "  ", "in full", "n/a"])
def test_a_cell_without_a_number_is_no_amount(cell: str) -> None:
    assert cell_amount(cell_of(cell), (), GRAMMAR) is None


def test_a_workbooks_own_number_has_one_reading() -> None:
    amount = cell_amount(cell_of("1.250", number=True), (), GRAMMAR)

    assert amount is not None
    assert [str(value) for value in amount.readings] == ["1.250"]
