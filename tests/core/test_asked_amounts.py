"""What an amount comes to in the ledger's currency, and how much each line takes of a payment (rows 33 to 41)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from processor.core.matching.group import asked_line, fitting
from processor.core.matching.groups import groups
from processor.core.model import Invoice, InvoiceStatus
from processor.core.policy import Policy
from processor.core.reading.numbers import readings
from processor.core.reading.stated import Stated
from processor.core.request import AskedAmount, Line, Quantity
from tests.builders import PARTNER, invoice, payment, snapshot
from tests.core.written import told

P1, G1, G2, G3 = "1400000001", "G000000001", "G000000002", "G000000003"


@pytest.mark.parametrize(
    ("written", "currency", "minors"),
    [
        ("1.250", "EUR", [125_000]),
        ("1.000", "EUR", [100_000]),
        ("0.250", "EUR", []),
        ("12.5", "EUR", [1_250]),
        ("1.250", "JPY", [1_250]),
        ("12.00", "JPY", [12]),
        ("12.50", "JPY", []),
        ("1.250", "KWD", [1_250_000, 1_250]),
        ("0.250", "KWD", [250]),
        ("1.250", "CLF", [12_500_000, 12_500]),
        ("1.250", "XXX", []),
    ],
)
def test_three_digits_behind_a_separator_group_thousands_where_a_currency_has_fewer_decimals(
    written: str, currency: str, minors: list[int]
) -> None:
    assert list(fitting(readings(written), currency)) == minors


def test_a_workbooks_own_number_is_what_it_says() -> None:
    assert fitting((Decimal("1.000"),), "EUR") == (100,)


@pytest.mark.parametrize(
    ("still_open", "left", "minors"),
    [
        (1_250, None, [1_250]),
        (1_250_000, None, [1_250_000]),
        (None, 1_250, [1_250]),
        (None, 1_250_000, [1_250_000]),
        (2_000, None, [1_250]),
        (2_000_000, None, [1_250_000, 1_250]),
        (1_000, None, [1_250_000, 1_250]),
        (2_000_000, 2_000, [1_250]),
        (2_000, 2_000_000, [1_250]),
        (2_000_000, 1_250_000, [1_250_000]),
        (1_250, 1_250_000, [1_250]),
        (1_250_000, 1_250, [1_250]),
        (None, None, [1_250_000, 1_250]),
    ],
)
def test_of_two_readings_the_only_one_that_fits_the_ledger_counts(
    still_open: int | None, left: int | None, minors: list[int]
) -> None:
    given = invoice(total=5_000_000, still_open=still_open, currency="KWD") if still_open else None
    source = payment(P1, 5_000_000, left=left, currency="KWD") if left else None

    assert list(fitting(readings("1.250"), "KWD", given, source)) == minors


OPEN = AskedAmount((Decimal("1000.00"),), ("EUR",), balance=True)


@pytest.mark.parametrize(
    ("amount", "given", "stated", "doubtful", "foreign"),
    [
        (None, invoice(), None, False, False),
        (told("5.00"), invoice(), 500, False, False),
        (told("5.00", "USD", "EUR"), invoice(), 500, False, False),
        (told("5.00", "USD", "CAD"), invoice(), 500, False, True),
        (AskedAmount((Decimal(5),)), invoice(), 500, False, False),
        (told("0.00"), invoice(), None, True, False),
        (told("0.01"), invoice(), 1, False, False),
        (told("0.005"), invoice(), None, True, False),
        (told("0.00", "USD"), invoice(), None, True, True),
        (told("1.250", "KWD"), invoice(total=9_000_000, currency="KWD"), None, True, False),
        (AskedAmount((), ("EUR",), doubtful=True), invoice(), None, True, False),
        (AskedAmount((), ("USD",), doubtful=True), invoice(), None, True, True),
        (OPEN, invoice(), 100_000, False, False),
        (OPEN, invoice(still_open=90_000), None, True, False),
        (told("5.00"), None, 500, False, False),
        (OPEN, None, 100_000, False, False),
    ],
)
def test_an_amount_in_the_ledgers_currency(
    amount: AskedAmount | None, given: Invoice | None, stated: int | None, doubtful: bool, foreign: bool
) -> None:
    asked = asked_line(Line(G1, P1, amount), given, None, "EUR")

    assert (asked.stated, asked.doubtful, asked.foreign_currency) == (stated, doubtful, foreign)
    assert (asked.line, asked.invoice, asked.amount) == (Line(G1, P1, amount), given, None)


def test_an_amount_whose_currency_nobody_knows_is_no_number_yet() -> None:
    asked = asked_line(Line(G1, P1, told("5.00", "USD")), None, None, None)

    assert (asked.stated, asked.doubtful, asked.foreign_currency) == (None, False, False)


def test_an_amount_in_the_payments_currency_is_not_foreign() -> None:
    amount = told("5.00", "USD")

    assert not asked_line(Line(G1, P1, amount), invoice(), payment(currency="USD"), "USD").foreign_currency
    assert asked_line(Line(G1, P1, amount), None, payment(), "EUR").foreign_currency


def test_an_amount_with_two_readings_is_the_one_that_fits_the_invoice() -> None:
    dinars = invoice(total=5_000, currency="KWD")

    assert asked_line(Line(G1, P1, told("1.250", "KWD")), dinars, None, "KWD").stated == 1_250


def test_what_an_invoice_has_open_is_not_said_to_be_paid() -> None:
    assert asked_line(Line(G1, P1, OPEN), invoice(), None, "EUR").paying is None
    assert asked_line(Line(G1, P1, told("5.00")), invoice(), None, "EUR").paying == 500


@pytest.mark.parametrize(
    ("given", "payable"),
    [
        (invoice(), True),
        (invoice(still_open=1), True),
        (invoice(still_open=0), False),
        (invoice(status=InvoiceStatus.LOCKED), False),
        (invoice(status=InvoiceStatus.VOID), False),
        (invoice(replaced_by=G2), False),
        (None, False),
    ],
)
def test_whether_an_invoice_can_take_money(given: Invoice | None, payable: bool) -> None:
    assert asked_line(Line(G1), given, None, "EUR").payable is payable


ALL, REST, FULL = Quantity.ALL_OF_PAYMENT, Quantity.REST, Quantity.FULL
OWED = invoice(G1, 40_000), invoice(G2, 30_000), invoice(G3, 20_000), invoice("G000000004", still_open=0)


def some(number: str, amount: str | None = None, quantity: Quantity | None = None) -> Line:
    return Line(number, P1, told(amount) if amount else None, quantity)


@pytest.mark.parametrize(
    ("left", "lines", "amounts"),
    [
        # one invoice: the smaller of left and open
        (100_000, [some(G1)], [40_000]),
        (30_000, [some(G1)], [30_000]),
        (100_000, [some("G000000009")], [None]),
        (100_000, [some("G000000009", "5.00")], [500]),
        (100_000, [some("G000000004")], [None]),
        (100_000, [some("G000000004", "5.00"), some(G1)], [500, None]),
        # a definite quantity
        (30_000, [some(G1, None, FULL)], [40_000]),
        (50_000, [some(G1, None, ALL)], [50_000]),
        (30_000, [some(G1, None, REST)], [30_000]),
        (50_000, [some("G000000009", None, FULL)], [None]),
        # several, all of which fit
        (100_000, [some(G1), some(G2)], [40_000, 30_000]),
        (70_000, [some(G1), some(G2)], [40_000, 30_000]),
        (69_999, [some(G1), some(G2)], [None, None]),
        (50_000, [some(G1, "200.00"), some(G2)], [20_000, 30_000]),
        (49_999, [some(G1, "200.00"), some(G2)], [20_000, None]),
        (70_000, [some(G1, None, FULL), some(G2)], [40_000, 30_000]),
        (69_999, [some(G1, None, FULL), some(G2)], [40_000, None]),
        (50_000, [some("G000000009"), some(G2)], [None, 30_000]),
        (50_000, [some("G000000009", "250.00"), some(G2)], [25_000, None]),
        # the rest
        (50_000, [some(G1), some(G2, None, REST)], [40_000, 10_000]),
        (50_000, [some(G1), some(G2, None, ALL)], [40_000, 10_000]),
        (90_000, [some(G1), some(G2, None, REST)], [40_000, 30_000]),
        (50_000, [some(G1, "100.00"), some(G2), some(G3, None, REST)], [10_000, 30_000, 10_000]),
        (40_000, [some(G1), some(G2, None, REST)], [40_000, None]),
        (40_001, [some(G1), some(G2, None, REST)], [40_000, 1]),
        (39_999, [some(G1), some(G2, None, REST)], [None, None]),
        (50_000, [some(G1, None, REST), some(G2, None, REST)], [None, None]),
        (90_000, [some(G1), some(G2, None, REST), some(G3, None, REST)], [None, None, None]),
        # "all of it to both"
        (70_000, [some(G1, None, ALL), some(G2, None, ALL)], [40_000, 30_000]),
        (60_000, [some(G1, None, ALL), some(G2, None, ALL)], [None, None]),
    ],
)
def test_how_much_each_line_takes(left: int, lines: list[Line], amounts: list[int | None], policy: Policy) -> None:
    given = snapshot(payment(P1, left), *OWED)

    (group,) = groups(Stated(tuple(lines)), given, policy, PARTNER.partner_id)

    assert [asked.amount for asked in group.lines] == amounts
    assert group.sum == (sum(one or 0 for one in amounts) if None not in amounts else None)


@pytest.mark.parametrize(
    ("lines", "stated", "amounts"),
    [
        ([some(G1, "500.00")], [50_000], [40_000]),
        ([some(G1, "300.00")], [30_000], [30_000]),
        ([some(G1, None, ALL)], [100_000], [40_000]),
        ([some(G1, "500.00"), some(G2)], [50_000, None], [40_000, 30_000]),
        ([some("G000000009", "500.00")], [50_000], [50_000]),
    ],
)
def test_what_exceeds_the_open_balance_stays_where_the_mail_lets_it(
    lines: list[Line], stated: list[int | None], amounts: list[int | None], policy: Policy
) -> None:
    asked = Stated(tuple(lines), surplus_may_stay=True)

    (group,) = groups(asked, snapshot(payment(P1), *OWED), policy, PARTNER.partner_id)

    assert [(line.stated, line.amount) for line in group.lines] == list(zip(stated, amounts, strict=True))


@pytest.mark.parametrize(("quantity", "stated"), [(FULL, 40_000), (ALL, 30_000), (REST, None)])
def test_a_definite_quantity_states_an_amount(quantity: Quantity, stated: int | None, policy: Policy) -> None:
    (group,) = groups(Stated((some(G1, None, quantity),)), snapshot(payment(P1, 30_000), *OWED), policy, None)

    assert group.lines[0].stated == stated


def test_without_a_payment_a_line_has_the_amount_that_is_stated(policy: Policy) -> None:
    lines = Line(G1, "1400000009", told("5.00")), Line(G2, "1400000009")

    (group,) = groups(Stated(lines), snapshot(payment(P1), *OWED), policy, PARTNER.partner_id)

    assert [line.amount for line in group.lines] == [500, None]
