"""Conversations in one breath: mail after mail on one ledger, without anything being written down."""

from __future__ import annotations

from dataclasses import replace

from processor.core.decide import decide
from processor.core.decision import Conversation, Decision, Snapshot
from processor.core.policy import Policy
from tests.builders import mail
from tests.core.scenes import in_words


def talk(ledger: Snapshot, policy: Policy, *bodies: str) -> list[str]:
    """Decide the mails one after the other, each as the answer to our last letter; tell each decision in words."""
    told, conversation = [], None
    for body in bodies:
        decision = decide(mail(body, subject="Allocation"), replace(ledger, conversation=conversation), policy)
        told.append(in_words(decision))
        if decision.joins or decision.opens:
            conversation = _kept(decision)
        ledger = _booked(ledger, decision)
    return told


def _kept(decision: Decision) -> Conversation | None:
    """Return the request as the journal would keep it."""
    if decision.state is None:
        return None
    return Conversation(
        "AR-K7Q2M", decision.state, decision.language, decision.memory, decision.partner_id, decision.missing, letters=1
    )


def _booked(ledger: Snapshot, decision: Decision) -> Snapshot:
    """Take from payments and invoices what was applied."""
    of_payment = {payment.payment_number: payment.unallocated for payment in ledger.payments}
    of_invoice = {invoice.invoice_number: invoice.open_amount for invoice in ledger.invoices}
    for one in decision.applications:
        of_payment[one.payment] -= one.amount
        of_invoice[one.invoice] -= one.amount
    payments = tuple(replace(one, unallocated=of_payment[one.payment_number]) for one in ledger.payments)
    invoices = tuple(replace(one, open_amount=of_invoice[one.invoice_number]) for one in ledger.invoices)
    return replace(ledger, payments=payments, invoices=invoices)
