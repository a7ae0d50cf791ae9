"""Written numbers: every value that they can have, and none for what only a program would call a number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from processor.core.characters import fold
from processor.core.reading.numbers import decimals, readings

LOCALES = ("en", "de", "fr", "nl", "es", "it", "pt", "pl", "ja", "de_CH", "en_IN", "sv")
PATTERNS = {"en_IN": "#,##,##0"}


@given(minor=st.integers(1, 10**13), places=st.sampled_from([0, 2, 3]), locale=st.sampled_from(LOCALES))
def test_an_amount_reads_as_it_was_written_in_any_country(minor: int, places: int, locale: str) -> None:
    value = Decimal(minor).scaleb(-places)
    pattern = PATTERNS.get(locale, "#,##0") + ("." + "0" * places if places else "")

    written = fold(format_decimal(value, pattern, locale=locale)).text

    assert value in readings(written)


@given(minor=st.integers(0, 10**13), locale=st.sampled_from(LOCALES))
def test_two_decimals_and_a_group_leave_one_reading(minor: int, locale: str) -> None:
    value = Decimal(minor + 100_000).scaleb(-2)
    pattern = PATTERNS.get(locale, "#,##0") + ".00"

    assert readings(fold(format_decimal(value, pattern, locale=locale)).text) == (value,)


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("1250", ["1250"]),
        ("1.250", ["1250", "1.250"]),
        ("1,250", ["1250", "1.250"]),
        ("0.250", ["0.250"]),
        ("1.250,00", ["1250.00"]),
        ("1,250.00", ["1250.00"]),
        ("1'250.00", ["1250.00"]),
        ("1 250,00", ["1250.00"]),
        ("12,50", ["12.50"]),
        ("12.5", ["12.5"]),
        ("1.234.567", ["1234567"]),
        ("12,34,567.89", ["1234567.89"]),
        ("999999999999999", ["999999999999999"]),
        ("0", ["0"]),
    ],
)
def test_a_number_has_these_values(written: str, values: list[str]) -> None:
    assert [str(value) for value in readings(written)] == values


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1e5",
        "1_000",
        "NaN",
        "Infinity",
        "+5",
        "-5",
        "1,2,3",
        "1.25.00",
        "1,250,00",
        "1.250.0",
        "12.3456",
        "1 25",
        "1250,",
        ".50",
        "1234567890123456",
        "123456789012345.67",
        "٣٤٥",
        "１２",
        "12\n",
    ],
)
def test_what_is_no_number_has_no_value(written: str) -> None:
    assert readings(written) == ()


@given(st.text("0123456789.,' -eE_NaInf\n", max_size=40))
def test_no_text_is_more_than_a_number(written: str) -> None:
    for value in readings(written):
        assert value.is_finite()
        assert 0 <= value < 10**15
        assert decimals(value) <= 3


@pytest.mark.parametrize(("value", "places"), [("12", 0), ("12.5", 1), ("12.500", 3), ("1E+3", 0), ("NaN", 0)])
def test_decimals_are_counted_as_written(value: str, places: int) -> None:
    assert decimals(Decimal(value)) == places
