"""The last look before money moves: nothing impossible is applied, whatever the rules said."""

from __future__ import annotations

import pytest

from processor.core.decide import decide
from processor.core.decision import Decision
from processor.core.held import within_balances
from processor.core.holding import held_over_limit
from processor.core.judge import Judged, Standing, judge
from processor.core.letter import Letter, LetterKind
from processor.core.matching.group import AskedLine, Group
from processor.core.model import Invoice, Payment
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.policy import Policy
from processor.core.request import Line
from tests.builders import PARTNER, invoice, mail, payment, snapshot

LEDGER = snapshot(payment(), payment("1400000002"), invoice(), invoice("G000000002"))


def asked(item: Invoice | None, amount: int | None) -> AskedLine:
    number = item.invoice_number if item else "G000000009"
    return AskedLine(Line(number, "1400000001"), item, stated=amount, amount=amount)


def group(*lines: AskedLine, paying: Payment | None = None) -> Group:
    paid = paying or payment()
    return Group(PARTNER.partner_id, lines, paid.payment_number, paid, currency="EUR")


def test_a_sound_group_is_applied(policy: Policy) -> None:
    judged = judge(group(asked(invoice(), 40_000)), LEDGER, policy)

    assert judged.standing is Standing.APPLIED
    assert [(one.invoice, one.amount) for one in judged.applications] == [("G000000001", 40_000)]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (asked(invoice(), 0),),
        (asked(invoice(), -1),),
        (asked(invoice(), None),),
        (asked(invoice(still_open=50_000), 50_001),),
        (asked(invoice(), 60_000), asked(invoice("G000000002"), 60_000)),
        (asked(invoice(), 10_000), asked(invoice(), 10_000)),
        (asked(invoice(currency="USD"), 10_000),),
        (asked(invoice(partner_id="1000002"), 10_000),),
        (asked(None, 10_000),),
    ],
)
def test_an_impossible_group_is_never_applied(lines: tuple[AskedLine, ...], policy: Policy) -> None:
    judged = judge(group(*lines), LEDGER, policy)

    assert judged.standing is not Standing.APPLIED
    assert judged.applications == ()
    assert judged.findings != ()


def test_without_words_for_what_is_wrong_the_amounts_are_asked_for(policy: Policy) -> None:
    judged = judge(group(asked(invoice(), 10_000), asked(invoice(), 10_000)), LEDGER, policy)

    assert [(one.reason, one.missing) for one in judged.findings] == [(Reason.AMBIGUOUS_AMOUNT, Missing.AMOUNT)]


def test_a_group_without_a_payment_brings_about_nothing() -> None:
    assert Judged(Group(PARTNER.partner_id, ()), Standing.APPLIED).applications == ()


def test_a_line_without_an_invoice_or_an_amount_brings_about_nothing() -> None:
    lines = (asked(None, 10_000), asked(invoice(), None), asked(invoice("G000000002"), 10_000))

    applied = Judged(group(*lines), Standing.APPLIED).applications

    assert [(one.invoice, one.amount, one.payment_left_before) for one in applied] == [("G000000002", 10_000, 100_000)]


def test_groups_that_only_fit_one_by_one_are_held_back(policy: Policy) -> None:
    first, second = (judge(group(asked(item, 60_000)), LEDGER, policy) for item in LEDGER.invoices)
    apart = judge(group(asked(invoice(), 10_000), paying=payment("1400000002")), LEDGER, policy)

    held = within_balances([first, second, apart], LEDGER)

    assert [entry.standing for entry in held] == [Standing.NEEDS_DETAILS, Standing.NEEDS_DETAILS, Standing.APPLIED]
    assert within_balances([first, apart], LEDGER) == [first, apart]


def test_a_decision_over_a_limit_applies_nothing() -> None:
    held = held_over_limit(Decision(Outcome.APPLIED, "ap@harbourlane.example"), "the day's limit")

    assert (held.outcome, held.reasons, held.letter) == (Outcome.REJECTED, (Reason.OVER_LIMIT,), None)
    assert held.applications == ()
    assert held.reviews[0].note == "the day's limit"


def test_a_confirmation_held_over_a_limit_becomes_a_neutral_word(policy: Policy) -> None:
    decided = decide(mail("Please apply payment 1400000001 to invoice G000000001."), LEDGER, policy)
    assert decided.letter is not None

    letter = held_over_limit(decided, "the day's limit").letter

    assert letter == Letter(LetterKind.ACKNOWLEDGEMENT, "en", decided.letter.to, decided.letter.name, "")
