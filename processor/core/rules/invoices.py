"""Rows 20 to 24: is the invoice named, known, payable, free and open?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.letter import Question, QuestionKind
from processor.core.matching.group import is_payable
from processor.core.model import InvoiceStatus
from processor.core.outcomes import Missing, Reason
from processor.core.reading.neighbours import neighbours
from processor.core.rules.case import Case, Finding, number_of, standing, which_payment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from processor.core.model import Invoice


def invoice_is_named(case: Case) -> Iterable[Finding]:
    """Row 20: no invoice named; where no payment is singled out either, that is asked too."""
    if not case.items:
        yield Finding(
            missing=Missing.INVOICE_NUMBER,
            question=Question(QuestionKind.WHICH_INVOICE, payment=number_of(case.group.payment)),
        )
        if case.group.payment is None and case.group.named is None:
            yield Finding(missing=Missing.PAYMENT_REFERENCE, question=which_payment(case))


def invoice_is_known(case: Case) -> Iterable[Finding]:
    """Row 21: invoice unknown, or another partner's: the same words for both."""
    for asked in case.items:
        if asked.invoice is None:
            near = neighbours(asked.line.invoice or "", (invoice.invoice_number for invoice in case.snapshot.invoices))
            offered = near[0] if len(near) == 1 else None
            yield Finding(
                Reason.INVOICE_NOT_FOUND,
                Missing.INVOICE_NUMBER,
                question=Question(QuestionKind.INVOICE_UNKNOWN, invoice=asked.line.invoice, neighbour=offered),
            )


def invoice_is_payable(case: Case) -> Iterable[Finding]:
    """Row 22: invoice void, replaced, a credit or adjustment note; the replacement is named when the sender owns it."""
    own = {invoice.invoice_number for invoice in case.snapshot.invoices}
    for asked in case.items:
        invoice = asked.invoice
        if invoice and not is_payable(invoice):
            document = (
                "void"
                if invoice.status is InvoiceStatus.VOID
                else "replaced"
                if invoice.replaced_by
                else invoice.document_type.value
            )
            replacement = invoice.replaced_by if invoice.replaced_by in own else None
            yield Finding(
                Reason.INVOICE_NOT_PAYABLE,
                question=Question(
                    QuestionKind.INVOICE_NOT_PAYABLE,
                    invoice=invoice.invoice_number,
                    document=document,
                    neighbour=replacement,
                ),
            )


def invoice_is_not_locked(case: Case) -> Iterable[Finding]:
    """Row 23: invoice locked or disputed."""
    if any(_locked(asked.invoice) for asked in case.items):
        yield Finding(Reason.INVOICE_LOCKED, rejects=True)


def _locked(invoice: Invoice | None) -> bool:
    return invoice is not None and is_payable(invoice) and invoice.status is InvoiceStatus.LOCKED


def invoice_is_open(case: Case) -> Iterable[Finding]:
    """Row 24: invoice already settled; says so and when, and the money stays."""
    for asked in case.items:
        invoice = asked.invoice
        if invoice and _settled(invoice):
            last = max(
                (
                    row.allocated_at.date()
                    for row in standing(case.snapshot)
                    if row.invoice_number == invoice.invoice_number
                ),
                default=None,
            )
            yield Finding(
                Reason.INVOICE_SETTLED,
                Missing.INVOICE_NUMBER,
                question=Question(QuestionKind.INVOICE_SETTLED, invoice=invoice.invoice_number, on=last),
            )


def _settled(invoice: Invoice) -> bool:
    return is_payable(invoice) and invoice.status is not InvoiceStatus.LOCKED and invoice.open_amount == 0
