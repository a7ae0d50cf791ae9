"""What asks for a confirmation and for nothing else: row 43, a range of numbers, an unclear exclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.letter import LetterLine, Question, QuestionKind
from processor.core.matching.group import is_payable
from processor.core.outcomes import Missing, Reason
from processor.core.rules.case import Case, Finding, money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from processor.core.decision import Snapshot
    from processor.core.model import Invoice


def pairing_is_single(case: Case) -> Iterable[Finding]:
    """Row 43: several payments and several invoices, and more than one pairing is possible."""
    if case.group.unpaired:
        yield Finding(
            Reason.AMBIGUOUS_PAIRING,
            Missing.CONFIRMATION,
            question=Question(QuestionKind.PAIRING, alternatives=_alternatives(case)),
        )


def _alternatives(case: Case) -> tuple[tuple[LetterLine, ...], ...]:
    """Offer the pairings in which one payment takes all, as numbered examples; the partner may answer with another."""
    rows = [asked for asked in case.items if asked.invoice]
    payments = [payment for payment in case.snapshot.payments if payment.unallocated]
    needed = sum(asked.invoice.open_amount for asked in rows if asked.invoice)
    whole = [
        payment for payment in payments if payment.unallocated >= needed and payment.currency == case.group.currency
    ]
    return tuple(
        tuple(LetterLine(payment.payment_number, asked.line.invoice) for asked in rows) for payment in whole[:4]
    )


def invoices_are_single(case: Case) -> Iterable[Finding]:
    """Reading the mail: a range of invoice numbers is a question."""
    for first, last in case.group.ranges:
        inside = tuple(
            LetterLine(invoice=invoice.invoice_number, invoice_open=money(invoice.open_amount, invoice))
            for invoice in in_range(first, last, case.snapshot)
        )
        yield Finding(
            missing=Missing.CONFIRMATION,
            question=Question(QuestionKind.RANGE, seen=f"{first}-{last}", lines=inside),
        )


def in_range(first: str, last: str, snapshot: Snapshot) -> tuple[Invoice, ...]:
    """Return the sender's payable open invoices between two numbers of one length."""
    end = first[: len(first) - len(last)] + last
    return tuple(
        sorted(
            (
                invoice
                for invoice in snapshot.invoices
                if first <= invoice.invoice_number <= end and is_payable(invoice) and invoice.open_amount
            ),
            key=lambda invoice: invoice.invoice_number,
        )
    )


def exclusion_is_clear(case: Case) -> Iterable[Finding]:
    """Reading the mail: if it isn't clear which invoices are left out, that is asked."""
    if case.group.vague_exclusion:
        named = tuple(LetterLine(invoice=asked.line.invoice) for asked in case.items)
        yield Finding(missing=Missing.CONFIRMATION, question=Question(QuestionKind.WHICH_MEANT, lines=named))
