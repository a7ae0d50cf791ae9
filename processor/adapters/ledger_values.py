"""Rows of the ledger as the core's values."""

from __future__ import annotations

from sqlalchemy import RowMapping

from processor.core.model import Allocation, DocumentType, Invoice, InvoiceStatus, Payment

_TYPES = {kind.value: kind for kind in DocumentType}
_STATUSES = {status.value: status for status in InvoiceStatus}


def payment_from(row: RowMapping) -> Payment:
    """Return a row of `payment` as a value."""
    return Payment(
        payment_number=row["payment_number"],
        partner_id=row["partner_id"],
        currency=row["currency"],
        amount=row["amount"],
        unallocated=row["unallocated"],
        received_on=row["received_on"],
        method=row["method"],
        bank_reference=row["bank_reference"],
    )


def invoice_from(row: RowMapping) -> Invoice:
    """Return a row of `invoice` as a value."""
    return Invoice(
        invoice_number=row["invoice_number"],
        partner_id=row["partner_id"],
        document_type=_TYPES[row["document_type"]],
        currency=row["currency"],
        total=row["total"],
        open_amount=row["open_amount"],
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        status=_STATUSES[row["status"]],
        replaced_by=row["replaced_by"],
    )


def allocation_from(row: RowMapping) -> Allocation:
    """Return a row of `allocation` as a value."""
    return Allocation(
        allocation_id=row["allocation_id"],
        payment_number=row["payment_number"],
        invoice_number=row["invoice_number"],
        partner_id=row["partner_id"],
        amount=row["amount"],
        currency=row["currency"],
        allocated_at=row["allocated_at"],
        request=row["request"],
        reverses=row["reverses"] or "",
        actor=row["actor"],
    )
