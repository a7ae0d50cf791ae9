"""Rows 25 to 28: a payment that is not named is found where only one can be meant, else those that can are offered."""

from __future__ import annotations

from datetime import date

import pytest

from processor.core.decide import decide
from processor.core.matching.group import Group
from processor.core.matching.groups import groups
from processor.core.model import Invoice, Partner, Payment
from processor.core.policy import Policy
from processor.core.reading.stated import PaymentFact, Stated
from processor.core.request import Line, Total
from tests.builders import PARTNER, invoice, mail, payment, snapshot
from tests.core.scenes import in_words
from tests.core.written import told

P1, P2, P3, G1, G2 = "1400000001", "1400000002", "1400000003", "G000000001", "G000000002"
ASKED = "needs_details ambiguous_payment payment_reference"
TWO = payment(P1, 90_000), payment(P2, 80_000, left=50_000)
SAME = payment(P1, 80_000), payment(P2, 80_000, received_on=date(2026, 10, 6)), payment(P3, 70_000)


def meant(
    stated: Stated, policy: Policy, *items: Payment | Invoice | Partner, partner_id: str | None = PARTNER.partner_id
) -> Group:
    (group,) = groups(stated, snapshot(*items), policy, partner_id)
    return group


def found(group: Group) -> tuple[str | None, list[str]]:
    """Tell the payment that is meant, or those that are offered."""
    if group.payment:
        return group.payment.payment_number, []
    return None, [one.payment_number for one in group.candidates]


@pytest.mark.parametrize(
    ("stated", "payment_number"),
    [
        (Stated((Line(G1),)), P1),
        (Stated((Line(G1, amount=told("900.00")),)), P1),
        (Stated((Line(G1, amount=told("900.01")),)), None),
        (Stated((Line(G1, amount=told("900.00")), Line(G2))), P1),
        (Stated((Line(G1, amount=told("500.00")), Line(G2, amount=told("500.00")))), None),
        (Stated((Line(G1),), facts=(PaymentFact(told("900.00")),)), P1),
        (Stated((Line(G1),), facts=(PaymentFact(told("950.00")),)), P1),
        (Stated((Line(G1),), facts=(PaymentFact(told("950.01")),)), None),
        (Stated((Line(G1),), facts=(PaymentFact(told("950.00")), PaymentFact(told("950.01")))), None),
        (Stated((Line(G1),), facts=(PaymentFact(told("950.01"), P2),)), P1),
        (Stated((Line(G1),), totals=(Total(told("950.01")),)), P1),
        (Stated((Line(G1),), days=((date(2026, 1, 1),),)), P1),
        (Stated((Line("G000000009"),)), P1),
        (Stated((Line(G1),), unpaired=True), None),
        (Stated(), P1),
    ],
)
def test_the_only_payment_is_meant_where_all_that_is_stated_fits_it(
    stated: Stated, payment_number: str | None, policy: Policy
) -> None:
    items = payment(P1, 95_000, left=90_000), payment(P2, left=0), payment(P3, currency="USD"), invoice(), invoice(G2)
    group = meant(stated, policy, *items[: 5 if stated.lines and stated.lines[0].invoice == G1 else 2])

    assert found(group) == (payment_number, [] if payment_number else [P1])


def test_a_cent_is_a_payment(policy: Policy) -> None:
    assert found(meant(Stated((Line(G1),)), policy, payment(P1, left=1), invoice())) == (P1, [])


def test_another_partners_payment_is_not_meant(policy: Policy) -> None:
    other = payment(P2, partner_id="1000002")

    assert found(meant(Stated((Line(G1),)), policy, payment(P1), other, invoice())) == (P1, [])
    assert found(meant(Stated((Line(G1),)), policy, other, invoice())) == (None, [])


def test_while_it_is_not_clear_whose_it_is_no_payment_is_meant(policy: Policy) -> None:
    partners = PARTNER, Partner("1000002", "Quayside Prints", "en")

    assert found(meant(Stated((Line("G000000009"),)), policy, payment(P1), *partners, partner_id=None)) == (None, [P1])


def test_a_payment_that_is_meant_gives_the_group_its_currency_and_the_lines_their_amounts(policy: Policy) -> None:
    stated = Stated((Line("G000000009", amount=told("1.250", "KWD", "BHD")),))

    group = meant(stated, policy, payment(P1, 1_250, currency="KWD"))

    assert (group.currency, group.lines[0].stated, group.lines[0].doubtful) == ("KWD", 1_250, False)


def test_an_amount_with_two_readings_is_the_one_that_fits_the_payment_meant(policy: Policy) -> None:
    dinars = invoice(total=2_000_000, currency="KWD")
    stated = Stated((Line(G1, amount=told("1.250", "KWD")),))

    assert meant(stated, policy, payment(P1, 5_000, currency="KWD"), dinars).lines[0].stated == 1_250
    assert meant(stated, policy, payment(P1, 5_000_000, currency="KWD"), dinars).lines[0].doubtful


@pytest.mark.parametrize(
    ("stated", "comes_to"),
    [
        (Stated((Line(G1),)), (None, [P1, P2])),
        # its own amount, or what it has left
        (Stated((Line(G1),), facts=(PaymentFact(told("900.00")),)), (P1, [])),
        (Stated((Line(G1),), facts=(PaymentFact(told("800.00")),)), (P2, [])),
        (Stated((Line(G1),), facts=(PaymentFact(told("500.00")),)), (P2, [])),
        (Stated((Line(G1),), facts=(PaymentFact(told("900.00", "USD")),)), (None, [P1, P2])),
        (Stated((Line(G1),), facts=(PaymentFact(told("700.00")),)), (None, [P1, P2])),
        (Stated((Line(G1),), facts=(PaymentFact(told("800.00")), PaymentFact(told("500.00")))), (P2, [])),
        (Stated((Line(G1),), facts=(PaymentFact(told("800.00")), PaymentFact(told("900.00")))), (None, [P1, P2])),
        # the total, where no payment amount is stated
        (Stated((Line(G1),), totals=(Total(told("800.00")),)), (P2, [])),
        (Stated((Line(G1),), totals=(Total(told("700.00")),)), (None, [P1, P2])),
        (Stated((Line(G1),), totals=(Total(told("700.00")), Total(told("800.00")))), (P2, [])),
        (Stated((Line(G1, amount=told("900.00")),), totals=(Total(told("800.00")),)), (P2, [])),
        (Stated((Line(G1),), facts=(PaymentFact(told("900.00")),), totals=(Total(told("800.00")),)), (P1, [])),
        # the lines together, where neither is
        (Stated((Line(G1, amount=told("900.00")),)), (P1, [])),
        (Stated((Line(G1, amount=told("500.00")),)), (P2, [])),
        (Stated((Line(G1, amount=told("300.00")), Line(G2, amount=told("500.00")))), (P2, [])),
        (Stated((Line(G1, amount=told("300.00")), Line(G2, amount=told("300.00")))), (None, [P1, P2])),
        (Stated((Line(G1, amount=told("900.00")), Line(G2))), (None, [P1, P2])),
        (Stated((Line(G1),), loose=(told("900.00"),)), (None, [P1, P2])),
        # an amount alone
        (Stated(loose=(told("900.00"),)), (P1, [])),
        (Stated(loose=(told("700.00"),)), (None, [P1, P2])),
        (Stated(loose=(told("700.00"), told("500.00"))), (P2, [])),
        (Stated(), (None, [P1, P2])),
    ],
)
def test_of_several_payments_the_one_of_which_the_amount_is_said_is_meant(
    stated: Stated, comes_to: tuple[str | None, list[str]], policy: Policy
) -> None:
    assert found(meant(stated, policy, *TWO, invoice(), invoice(G2))) == comes_to


@pytest.mark.parametrize(
    ("amount", "days", "comes_to"),
    [
        ("800.00", [], (None, [P1, P2])),
        ("800.00", [date(2026, 11, 2)], (P1, [])),
        ("800.00", [date(2026, 11, 5)], (P1, [])),
        ("800.00", [date(2026, 10, 30)], (P1, [])),
        ("800.00", [date(2026, 11, 6)], (None, [P1, P2])),
        ("800.00", [date(2026, 10, 3)], (P2, [])),
        ("800.00", [date(2026, 11, 10), date(2026, 10, 11)], (None, [P1, P2])),
        ("800.00", [date(2026, 1, 10), date(2026, 10, 6)], (P2, [])),
        ("700.00", [date(2026, 10, 6)], (None, [P3])),
        (None, [date(2026, 10, 6)], (None, [P2])),
        (None, [date(2026, 11, 2)], (None, [P1, P3])),
        (None, [date(2026, 1, 1)], (None, [P1, P2, P3])),
    ],
)
def test_a_date_decides_among_payments_of_one_amount_and_shortens_the_list_alone(
    amount: str | None, days: list[date], comes_to: tuple[str | None, list[str]], policy: Policy
) -> None:
    facts = (PaymentFact(told(amount)),) if amount else ()
    stated = Stated((Line(G1),), facts=facts, days=(tuple(days),) if days else ())

    assert found(meant(stated, policy, *SAME, invoice())) == comes_to


@pytest.mark.parametrize(
    ("words", "comes_to"),
    [
        ("Please apply EUR 800.00 to G000000001.", f"applied {P2}>G000000001=800.00"),
        ("Please apply our payment of EUR 800.00 to G000000001.", f"applied {P2}>G000000001=800.00"),
        ("Please apply our payment to G000000001, of which EUR 1,000.00 is open.", ASKED),
        (
            "Please apply EUR 300.00 to G000000001 and EUR 500.00 to G000000002.",
            f"applied {P2}>G000000001=300.00 {P2}>G000000002=500.00",
        ),
        ("Please apply EUR 300.00 to G000000001 and EUR 400.00 to G000000002.", ASKED),
    ],
)
def test_a_mail_that_names_no_payment(words: str, comes_to: str, policy: Policy) -> None:
    given = snapshot(payment(P1, 200_000), payment(P2, 80_000), invoice(), invoice(G2, 50_000))

    assert in_words(decide(mail(words), given, policy)) == comes_to
