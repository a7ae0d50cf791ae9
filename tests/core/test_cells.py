"""Numbers with a sign, a word for their currency or brackets around them, in running text and as a whole cell."""

from __future__ import annotations

from decimal import Decimal

import pytest

from processor.core.currencies import codes
from processor.core.message import Cell
from processor.core.reading.amounts import AmountMention, cell_amount
from processor.core.request import AskedAmount
from tests.core.pages import POLICY, page_of

GRAMMAR = POLICY.phrases.grammar
KRONER = ("SEK", "NOK", "DKK", "ISK")


def only(text: str) -> AmountMention:
    (found,) = page_of(text).amounts
    return found


@pytest.mark.parametrize(
    "text",
    [
        "-500.00",
        "apply -500.00",
        "apply\n-500.00",
        "apply\t-500.00",
        "(-500.00)",
        "apply €-500.00",
        "apply $-500.00",
        "apply £-500.00",
        "amount:-500.00",
        "-€ 500.00",
        "-EUR 500.00",
        "apply -€500.00",
        "apply -EUR 500.00 to it",
        "(-EUR 500.00)",
        "500.00-",
        "500.00- EUR",
        "apply 500.00-\nto it",
        "apply 500.00-\tto it",
    ],
)
def test_a_sign_makes_an_amount_doubtful(text: str) -> None:
    assert only(text).amount.doubtful


@pytest.mark.parametrize(
    "text",
    [
        "- 500.00",
        "G1-500.00",
        "- EUR 500.00",
        "apply x-EUR 500.00",
        "500.00 - now",
        "500.00-EUR",
        "500.00-x",
        "+500.00",
    ],
)
def test_a_dash_that_is_no_sign_does_not(text: str) -> None:
    assert [found.amount.doubtful for found in page_of(text).amounts if not found.bare] in ([False], [])


@pytest.mark.parametrize(
    ("text", "currencies"),
    [
        ("2.000,00 euro", ("EUR",)),
        ("2.000,00  euro", ("EUR",)),
        ("2.000,00\neuro", ("EUR",)),
        ("2.000,00, euro", ()),
        ("2.000,00   euro", ()),
        ("euro 2.000,00", ("EUR",)),
        ("euro: 2.000,00", ("EUR",)),
        ("euro  2.000,00", ("EUR",)),
        ("euro   2.000,00", ()),
        ("euro, 2.000,00", ()),
        ("2.000,00ユーロ", ("EUR",)),
        ("ユーロ2.000,00", ("EUR",)),
        ("2.000,00 dinar", ("KWD", "BHD", "JOD", "IQD", "TND", "LYD", "RSD")),
        ("2.000,00 pesos", ("MXN", "ARS", "CLP", "COP", "UYU", "DOP", "PHP")),
        ("kr 2.000,00", KRONER),
        ("2.000,00 kr", KRONER),
        ("2.000,00 and 300.00 euro", ()),
    ],
)
def test_a_word_beside_a_number_names_its_currency(text: str, currencies: tuple[str, ...]) -> None:
    assert page_of(text).amounts[0].amount.currencies == currencies


@pytest.mark.parametrize(
    ("text", "seen", "values"),
    [
        ("apply EUR 500.00 now", "EUR 500.00", ["500.00"]),
        ("apply EUR: 500.00 now", "EUR: 500.00", ["500.00"]),
        ("apply 500.00 EUR now", "500.00 EUR", ["500.00"]),
        ("apply 500.00EUR now", "500.00EUR", ["500.00"]),
        ("apply EUR500.00 now", "EUR500.00", ["500.00"]),
        ("apply 500.00, now", "500.00", ["500.00"]),
        ("apply 500.00.", "500.00", ["500.00"]),
        ("apply 500.00' now", "500.00", ["500.00"]),
        ("apply 400,-- EUR now", "400,-- EUR", ["400"]),
        ("apply 400,- now", "400,-", ["400"]),
        ("apply EUR 400,-", "EUR 400,-", ["400"]),
        ("apply 2.000,00 euro now", "2.000,00", ["2000.00"]),
        ("apply EUR 1,2,3 now", "1,2,3", []),
        ("apply 2,5k EUR now", "2,5k", []),
    ],
)
def test_how_an_amount_is_seen(text: str, seen: str, values: list[str]) -> None:
    found = only(text)

    assert found.amount.seen == seen
    assert [str(value) for value in found.amount.readings] == values
    assert text[found.start : found.end].strip() == seen


@pytest.mark.parametrize(
    ("text", "currencies", "bare", "doubtful"),
    [
        ("apply 400,-", (), False, False),
        ("apply 400.00", (), False, False),
        ("apply 400", (), True, False),
        ("apply 400.5", (), True, False),
        ("apply 0.00", (), False, True),
        ("apply 0", (), True, True),
        ("apply 0123", (), True, False),
        ("apply EUR 0", ("EUR",), False, True),
        ("apply 2,5k EUR", ("EUR",), False, True),
        ("apply USD 2,5k", ("USD",), False, True),
        ("apply 2,5k", (), False, True),
        ("apply 1e5 EUR", ("EUR",), False, True),
        ("apply EUR 1,2,3", ("EUR",), False, True),
        ("apply $ 5.00", None, False, False),
    ],
)
def test_whether_a_number_is_money(text: str, currencies: tuple[str, ...] | None, bare: bool, doubtful: bool) -> None:
    found = only(text)

    assert currencies is None or found.amount.currencies == currencies
    assert (found.bare, found.amount.doubtful) == (bare, doubtful)


def test_a_number_in_no_known_grouping_without_a_currency_is_no_amount() -> None:
    assert page_of("apply 1,2,3 now").amounts == ()


def test_amounts_stand_in_the_order_of_the_text() -> None:
    found = page_of("apply 500.00 EUR, then 2,5k, then 600.00 EUR").amounts

    assert [one.amount.seen for one in found] == ["500.00 EUR", "2,5k", "600.00 EUR"]


def cell(text: str, *, number: bool = False) -> AskedAmount | None:
    return cell_amount(Cell(text, 0, len(text), number=number), (), GRAMMAR)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("(500.00)", True),
        ("( 500.00 )", True),
        ("(500.00", False),
        ("500.00)", False),
        ("500.00 (net)", False),
        ("(net) 500.00", False),
        ("(net) (500.00)", False),
    ],
)
def test_a_cell_in_brackets_is_below_zero(text: str, doubtful: bool) -> None:
    amount = cell(text)

    assert amount is not None
    assert (amount.doubtful, amount.readings) == (doubtful, (Decimal("500.00"),))


def test_a_cell_with_several_amounts_is_doubtful_as_it_stands() -> None:
    assert cell(" 500.00 / 600.00 ") == AskedAmount((), (), "500.00 / 600.00", doubtful=True)
    assert cell("in full") is None


@pytest.mark.parametrize(
    ("text", "number", "readings"),
    [
        ("1.250", True, ["1.250"]),
        ("1.250", False, ["1250", "1.250"]),
        ("1250", True, ["1250"]),
        ("2,5k", True, []),
    ],
)
def test_a_workbooks_number_has_a_decimal_point(text: str, number: bool, readings: list[str]) -> None:
    amount = cell(text, number=number)

    assert amount is not None
    assert [str(value) for value in amount.readings] == readings


def test_every_code_of_a_currency_is_known() -> None:
    assert len(codes()) > 150
    assert {"EUR", "JPY", "KWD", "CLF"} <= codes()


LONG = "please take from our payment of today, as we agreed on the telephone, "


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"{LONG}EUR 3\n690,00 for it", ["EUR 3\n690,00"]),
        (f"short\n{LONG}EUR 3\n690,00 for it", ["EUR 3\n690,00"]),
        (f"{LONG}EUR 3\n690 for it", ["EUR 3\n690"]),
        ("take EUR 3\n690,00 for it", ["EUR 3", "690,00"]),
        (f"{LONG}\ntake EUR 3\n690,00 for it", ["EUR 3", "690,00"]),
        (f"{LONG}EUR 3\n6900,00 for it", ["EUR 3", "6900,00"]),
        (f"{LONG}EUR 3\n69,00 for it", ["EUR 3", "69,00"]),
    ],
)
def test_a_number_that_goes_on_below_a_full_line(text: str, seen: list[str]) -> None:
    assert [found.amount.seen for found in page_of(text).amounts] == seen
