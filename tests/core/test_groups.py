"""What is asked, divided into groups: whose each is, in which currency, with which sums, and what the others leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from processor.core.decide import decide
from processor.core.matching.group import Group
from processor.core.matching.groups import groups
from processor.core.model import Invoice, Partner, Payment
from processor.core.policy import Policy
from processor.core.reading.stated import PaymentFact, Stated
from processor.core.request import Line, Quantity, Total
from tests.builders import PARTNER, invoice, mail, payment, snapshot
from tests.core.scenes import in_words
from tests.core.written import told

OTHER = Partner("1000002", "Quayside Prints", "en")
P1, P2, G1, G2, G3 = "1400000001", "1400000002", "G000000001", "G000000002", "G000000003"
LEDGER = (payment(P1, 60_000), payment(P2, 50_000), invoice(G1), invoice(G2, 30_000), invoice(G3, 20_000))


def divided(
    stated: Stated, policy: Policy, *items: Payment | Invoice | Partner, partner_id: str | None = PARTNER.partner_id
) -> tuple[Group, ...]:
    return groups(stated, snapshot(*(items or LEDGER)), policy, partner_id)


def named(found: tuple[Group, ...]) -> list[tuple[str | None, list[str | None]]]:
    return [(group.named, [asked.line.invoice for asked in group.lines]) for group in found]


@pytest.mark.parametrize(
    ("lines", "apart"),
    [
        ([(G1, P1), (G2, P2), (G3, P1)], [(P1, [G1, G3]), (P2, [G2])]),
        ([(G1, P1), (G2, None)], [(P1, [G1]), (None, [G2])]),
        ([(G1, None), (G2, None)], [(None, [G1, G2])]),
        ([("G000000009", P1), ("G000000008", None)], [(P1, ["G000000009"]), (None, ["G000000008"])]),
        ([(G1, P1), ("G000000009", None), (G2, None)], [(P1, [G1]), (None, [G2, "G000000009"])]),
        ([("G000000009", None), ("G000000008", None)], [(None, ["G000000009", "G000000008"])]),
        ([(None, P1), (G1, None)], [(P1, [None]), (None, [G1])]),
        ([], [(None, [])]),
    ],
)
def test_lines_that_draw_on_one_payment_are_a_group(
    lines: list[tuple[str | None, str | None]], apart: object, policy: Policy
) -> None:
    assert named(divided(Stated(tuple(Line(*line) for line in lines)), policy)) == apart


def test_lines_without_a_payment_are_apart_by_currency_and_by_partner(policy: Policy) -> None:
    items = invoice(G1), invoice(G2, currency="USD"), invoice(G3, partner_id=OTHER.partner_id), invoice("G000000004")
    stated = Stated((Line(G1), Line(G2), Line(G3), Line("G000000004"), Line("G000000009")))

    found = divided(stated, policy, *items, PARTNER, OTHER, partner_id=None)

    assert named(found) == [(None, [G1, "G000000004", "G000000009"]), (None, [G2]), (None, [G3])]
    assert [group.currency for group in found] == ["EUR", "USD", "EUR"]
    assert [group.partner_id for group in found] == ["1000001", "1000001", "1000002"]


def test_a_payment_without_a_line_is_a_group_of_its_own_unless_the_pairing_is_open(policy: Policy) -> None:
    stated = Stated((Line(G1),), lone_payments=(P1, P2))

    assert named(divided(stated, policy)) == [(None, [G1]), (P1, []), (P2, [])]
    assert named(divided(replace(stated, unpaired=True), policy)) == [(None, [G1])]
    assert [group.unpaired for group in divided(replace(stated, unpaired=True), policy)] == [True]
    assert [group.payment for group in divided(stated, policy)][1:] == [payment(P1, 60_000), payment(P2, 50_000)]


def test_a_group_of_a_named_payment_is_paired(policy: Policy) -> None:
    (group,) = divided(Stated((Line(G1, P1),), unpaired=True), policy)

    assert not group.unpaired


@pytest.mark.parametrize(
    ("line", "stated_id", "owner"),
    [
        (Line(G1, P1), None, "1000001"),
        (Line(G2, P1), None, None),
        (Line(G2), None, "1000002"),
        (Line(G1), "1000001", "1000001"),
        (Line(G1), "1000002", None),
        (Line("G000000009", P1), None, "1000001"),
        (Line("G000000009"), None, None),
        (Line("G000000009"), "1000002", "1000002"),
    ],
)
def test_whose_a_group_is(line: Line, stated_id: str | None, owner: str | None, policy: Policy) -> None:
    items = payment(P1), invoice(G1), invoice(G2, partner_id=OTHER.partner_id), PARTNER, OTHER

    assert divided(Stated((line,)), policy, *items, partner_id=stated_id)[0].partner_id == owner


def test_a_group_without_items_is_the_only_partners(policy: Policy) -> None:
    assert divided(Stated((Line("G000000009"),)), policy, partner_id=None)[0].partner_id == PARTNER.partner_id


@pytest.mark.parametrize(
    ("stated", "currency"),
    [
        (Stated((Line(G1, amount=told("5.00", "USD")),)), "EUR"),
        (Stated((Line(G1, "1400000009"), Line(G2, "1400000009"))), None),
        (Stated((Line("G000000009", amount=told("5.00", "USD")),)), "USD"),
        (Stated((Line("G000000009"),), facts=(PaymentFact(told("5.00", "USD")),)), "USD"),
        (Stated((Line("G000000009"),), totals=(Total(told("5.00", "USD")),)), "USD"),
        (Stated((Line("G000000009"),), loose=(told("5.00", "USD"),)), "USD"),
        (Stated((Line("G000000009"),), loose=(told("5.00", "USD"), told("5.00", "EUR"))), None),
        (Stated((Line("G000000009"),), loose=(told("5.00", "USD", "CAD"), told("5.00", "GBP"))), "GBP"),
        (Stated((Line("G000000009"),), loose=(told("5.00", "USD", "CAD"),)), None),
        (Stated((Line("G000000009"),)), None),
    ],
)
def test_the_currency_in_which_a_payment_is_looked_for(stated: Stated, currency: str | None, policy: Policy) -> None:
    assert divided(stated, policy, invoice(G1), invoice(G2, currency="USD"))[0].currency == currency


def test_a_payments_currency_is_its_groups(policy: Policy) -> None:
    (group,) = divided(Stated((Line(G1, P1),)), policy, payment(P1, currency="USD"), invoice(G1))

    assert group.currency == "USD"


def test_an_amount_for_an_unknown_invoice_is_read_in_the_currency_of_the_payment(policy: Policy) -> None:
    line = Line("G000000009", P1, told("1.250", "KWD"))

    assert divided(Stated((line,)), policy, payment(P1, 1_250, currency="KWD"))[0].lines[0].stated == 1_250
    assert divided(Stated((line,)), policy, payment(P1, 1_000, currency="KWD"))[0].lines[0].doubtful


def test_a_group_keeps_what_is_said_beside_its_lines(policy: Policy) -> None:
    ranges = ((G1, "03"), (G2, "03"))
    stated = Stated((Line(G1, P1),), ranges=ranges, vague_exclusion=True, surplus_may_stay=True, deduction=True)

    (group,) = divided(replace(stated, loose=(told("5.00"),)), policy)

    assert (group.ranges, group.loose) == (((G1, "03"),), (told("5.00"),))
    assert (group.vague_exclusion, group.surplus_may_stay, group.deduction) == (True, True, True)


@pytest.mark.parametrize(
    ("stated", "sums"),
    [
        (Stated((Line(G1, P1),), totals=(Total(told("5.00")),)), [(500,)]),
        (Stated((Line(G1, P1),), totals=(Total(told("600.00")),)), [()]),
        (Stated((Line(G1, P1),), totals=(Total(told("5.00", "JPY", "EUR")),)), [(500,)]),
        (Stated((Line(G1, P1),), totals=(Total(told("0.005")),)), [()]),
        (Stated((Line(G1, P1),), totals=(Total(told("5.00"), P1), Total(told("6.00"), P2))), [(500,)]),
        (Stated((Line(G1),), totals=(Total(told("5.00"), P1), Total(told("6.00")))), [(500, 600)]),
        (Stated((Line(G1, P1),), facts=(PaymentFact(told("5.00"), P1),)), [(500,)]),
        (Stated((Line(G1, P1),), facts=(PaymentFact(told("600.00"), P1),)), [()]),
        (Stated((Line(G1, P1),), facts=(PaymentFact(told("5.00"), P2),)), [()]),
        (Stated((Line(G1, P1),), facts=(PaymentFact(told("5.00")),)), [(500,)]),
        (Stated((Line(G1, "1400000009"),), facts=(PaymentFact(told("5.00")),)), [()]),
        (Stated((Line(G1, P1),), facts=(PaymentFact(told("5.00")), PaymentFact(told("6.00")))), [()]),
        (Stated((Line(G1, P1), Line(G2, P2)), facts=(PaymentFact(told("5.00")),)), [(), ()]),
        (Stated((Line(G1, P1),), lone_payments=(P2,), facts=(PaymentFact(told("5.00")),)), [(), ()]),
        (Stated((Line(G1),), facts=(PaymentFact(told("5.00")),)), [()]),
        (Stated((Line("G000000009"),), totals=(Total(told("5.00", "USD", "EUR")),)), [()]),
        # the sum of several groups names no group's own
        (Stated((Line(G2, P1), Line(G3, P2)), totals=(Total(told("500.00")),)), [(), ()]),
        (Stated((Line(G2, P1), Line(G3, P2)), totals=(Total(told("400.00")),)), [(40_000,), (40_000,)]),
        (Stated((Line(G1, P1), Line("G000000009", P2)), totals=(Total(told("500.00")),)), [(50_000,), ()]),
        (Stated((Line(G2, P1),), totals=(Total(told("300.00")), Total(told("5.00")))), [(30_000, 500)]),
        # each payment takes what the one before it leaves: together the invoice, and no more
        (Stated((Line(G1, P1), Line(G1, P2)), totals=(Total(told("1000.00")),)), [(), ()]),
    ],
)
def test_the_sums_that_a_mail_names_for_a_group(stated: Stated, sums: list[tuple[int, ...]], policy: Policy) -> None:
    assert [group.totals for group in divided(stated, policy)] == sums


def amounts(found: tuple[Group, ...]) -> list[list[int | None]]:
    return [[asked.amount for asked in group.lines] for group in found]


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ([Line(G1, P1), Line(G1, P2)], [[60_000], [40_000]]),
        ([Line(G1, P1, told("100.00")), Line(G1, P2)], [[10_000], [50_000]]),
        ([Line(G1, P1), Line(G1, P2, told("500.00"))], [[60_000], [50_000]]),
        ([Line(G1, P1), Line(G1, P2, quantity=Quantity.FULL)], [[60_000], [40_000]]),
        ([Line(G3, P1), Line(G3, P2)], [[20_000], [None]]),
        ([Line(G3, P1), Line(G3, P2), Line(G2, P2)], [[20_000], [None, None]]),
        ([Line(G3, P1, told("900.00")), Line(G3, P2)], [[90_000], [None]]),
        ([Line(G1, P1, told("100.00")), Line(G1, P2, told("200.00")), Line(G1)], [[10_000], [20_000], [None]]),
        ([Line("G000000009", P1), Line("G000000009", P2)], [[None], [None]]),
    ],
)
def test_each_payment_finds_what_the_ones_before_it_leave_open(
    lines: list[Line], taken: list[list[int | None]], policy: Policy
) -> None:
    assert amounts(divided(Stated(tuple(lines)), policy)) == taken


def test_what_is_left_open_adds_up_over_all_payments_before(policy: Policy) -> None:
    lines = Line(G1, P1), Line(G1, P2), Line(G1, "1400000003")

    found = divided(Stated(lines), policy, *LEDGER, payment("1400000003"))
    third = divided(Stated(lines), policy, payment(P1, 30_000), payment(P2, 20_000), payment("1400000003"), invoice(G1))

    assert amounts(found) == [[60_000], [40_000], [None]]
    assert amounts(third) == [[30_000], [20_000], [50_000]]


TWO = f"{P1}>{G1}=600.00 {P2}>{G1}=400.00"


@pytest.mark.parametrize(
    ("words", "comes_to"),
    [
        (f"Please apply {P1} and {P2} to {G1}.", f"applied {TWO}"),
        (f"Please apply {P1} and {P2} to {G1} in full.", f"applied {TWO}"),
        (f"Please apply {P1} and {P2} to {G1}, EUR 1,000.00 in total.", f"applied {TWO}"),
        (
            f"Please apply {P1} to {G2} and {P2} to {G3}. Total: EUR 500.00.",
            f"applied {P1}>{G2}=300.00 {P2}>{G3}=200.00",
        ),
        (
            f"Please apply:\n\nPayment;Invoice;Amount\n{P1};{G1};600.00\n{P2};{G1};500.00\n",
            f"needs_details amount exceeds_open {P1}>{G1}=600.00",
        ),
        (
            f"Please apply {P1} and {P2} to {G3}.",
            f"needs_details invoice_number invoice_settled {P1}>{G3}=200.00",
        ),
        (
            f"Our payment of EUR 600.00 is for {G2}. Our payment of EUR 500.00 is for {G3}.",
            f"applied {P1}>{G2}=300.00 {P2}>{G3}=200.00",
        ),
        (
            f"Our payment of EUR 600.00 is for {G2}. Our payment of EUR 900.00 is for {G3}.",
            f"needs_details ambiguous_payment payment_reference {P1}>{G2}=300.00",
        ),
    ],
)
def test_a_mail_with_several_groups(words: str, comes_to: str, policy: Policy) -> None:
    assert in_words(decide(mail(words), snapshot(*LEDGER), policy)) == comes_to
