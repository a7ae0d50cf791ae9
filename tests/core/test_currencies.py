"""Amounts as minor units: exactly, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.core.currencies import codes, exponent, to_minor, to_text


@pytest.mark.parametrize(("code", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0)])
def test_a_currency_has_its_decimals(code: str, decimals: int) -> None:
    assert exponent(code) == decimals


@pytest.mark.parametrize("code", ["XAU", "XTS", "XXX", "eur", "", "EURO", "DEM"])
def test_what_is_no_currency_has_none(code: str) -> None:
    assert exponent(code) is None
    assert to_minor(Decimal(1), code) is None


@pytest.mark.parametrize(
    ("amount", "code", "minor"),
    [
        ("1250.00", "EUR", 125_000),
        ("1250", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("-3.10", "EUR", -310),
        ("1E+3", "EUR", 100_000),
        ("1.10000000000000000000000000000000000000", "EUR", 110),
        ("0E-999999", "EUR", 0),
        ("9999999999999999.99", "EUR", 999_999_999_999_999_999),
    ],
)
def test_an_amount_becomes_minor_units(amount: str, code: str, minor: int) -> None:
    assert to_minor(Decimal(amount), code) == minor


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1250.5", "JPY"),
        ("1.2345", "KWD"),
        ("0.001", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("10000000000000000.00", "EUR"),
        ("1E+999999999", "EUR"),
        ("1E-999999999", "EUR"),
    ],
)
def test_an_amount_that_would_need_rounding_or_more_room_is_refused(amount: str, code: str) -> None:
    assert to_minor(Decimal(amount), code) is None


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [(125_000, "EUR", "1250.00"), (5, "EUR", "0.05"), (-5, "EUR", "-0.05"), (1250, "JPY", "1250"), (7, "KWD", "0.007")],
)
def test_minor_units_are_written_with_all_decimals(minor: int, code: str, text: str) -> None:
    assert to_text(minor, code) == text


def test_an_unknown_currency_is_not_written() -> None:
    with pytest.raises(KeyError):
        to_text(1, "XXX")


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.sampled_from(sorted(codes())))
def test_what_is_written_reads_back(minor: int, code: str) -> None:
    assert to_minor(Decimal(to_text(minor, code)), code) == minor
