"""Rows 27 to 31: which payment, does it exist, has it money, was all this done before?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.letter import LetterLine, Question, QuestionKind
from processor.core.model import Money
from processor.core.outcomes import Missing, Reason
from processor.core.reading.neighbours import neighbours
from processor.core.rules.case import Case, Finding, standing, which_payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.matching.group import AskedLine
    from processor.core.model import Allocation, Payment


def payment_is_singled_out(case: Case) -> Iterable[Finding]:
    """Row 27: no payment named, and rows 25 and 26 don't single one out
    though the partner has some in that currency.
    """
    group = case.group
    if case.items and group.named is None and group.payment is None and group.candidates and not group.unpaired:
        yield Finding(Reason.AMBIGUOUS_PAYMENT, Missing.PAYMENT_REFERENCE, question=which_payment(case))


def payment_exists(case: Case) -> Iterable[Finding]:
    """Row 28: no unallocated payment at all in that currency."""
    group = case.group
    if case.items and group.named is None and group.payment is None and not group.candidates and not group.unpaired:
        yield Finding(
            Reason.PAYMENT_NOT_FOUND,
            Missing.PAYMENT_REFERENCE,
            question=Question(QuestionKind.NO_PAYMENT, currency=group.currency),
        )


def payment_is_known(case: Case) -> Iterable[Finding]:
    """Row 29: payment reference unknown, or another partner's: the same words for both."""
    group = case.group
    if group.named is not None and group.payment is None:
        near = neighbours(group.named, (payment.payment_number for payment in case.snapshot.payments))
        offered = near[0] if len(near) == 1 else None
        yield Finding(
            Reason.PAYMENT_NOT_FOUND,
            Missing.PAYMENT_REFERENCE,
            question=Question(QuestionKind.PAYMENT_UNKNOWN, payment=group.named, neighbour=offered),
        )


def payment_has_money(case: Case) -> Iterable[Finding]:
    """Row 30: payment has nothing left; the letter shows its own allocations."""
    payment = case.group.payment
    if payment and payment.unallocated == 0:
        rows = tuple(
            LetterLine(
                row.payment_number, row.invoice_number, Money(row.amount, row.currency), on=row.allocated_at.date()
            )
            for row in standing(case.snapshot)
            if row.payment_number == payment.payment_number
        )
        yield Finding(
            Reason.PAYMENT_EXHAUSTED,
            question=Question(QuestionKind.PAYMENT_EXHAUSTED, payment=payment.payment_number, lines=rows),
        )


def is_repeated(case: Case) -> bool:
    """Row 31: every line was already applied from an earlier mail, with this very amount (or whole,
    where none is stated).
    """
    rows = standing(case.snapshot)
    payment = case.group.payment
    return bool(case.items) and payment is not None and all(_done(asked, payment, rows) for asked in case.items)


def _done(asked: AskedLine, payment: Payment, rows: Sequence[Allocation]) -> bool:
    same = [
        row for row in rows if row.payment_number == payment.payment_number and row.invoice_number == asked.line.invoice
    ]
    if not same or asked.invoice is None or asked.doubtful:
        return False
    if asked.stated is None or asked.line.amount is None:
        return asked.invoice.open_amount == 0 or payment.unallocated == 0
    return any(row.amount == asked.stated for row in same)
