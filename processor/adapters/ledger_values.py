"""Rows of the ledger as the core's values. Columns stand in the order of fields, for a partner may have many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, RowMapping, Table

from processor.adapters.tables import invoice, payment
from processor.core.model import Allocation, DocumentType, Invoice, InvoiceStatus, Payment

_TYPES = {kind.value: kind for kind in DocumentType}
_STATUSES = {status.value: status for status in InvoiceStatus}


def _columns(table: Table, kind: type[Payment | Invoice]) -> tuple[Column[Any], ...]:
    return tuple(table.c[field.name] for field in fields(kind))


PAYMENT_COLUMNS = _columns(payment, Payment)
INVOICE_COLUMNS = _columns(invoice, Invoice)


def payment_from(row: Sequence[Any]) -> Payment:
    """Return a row of `PAYMENT_COLUMNS` as a value."""
    return Payment(*row)


def invoice_from(row: Sequence[Any]) -> Invoice:
    """Return a row of `INVOICE_COLUMNS` as a value."""
    number, partner_id, kind, currency, total, open_amount, issued_on, due_on, status, replaced_by = row
    return Invoice(
        invoice_number=number,
        partner_id=partner_id,
        document_type=_TYPES[kind],
        currency=currency,
        total=total,
        open_amount=open_amount,
        issued_on=issued_on,
        due_on=due_on,
        status=_STATUSES[status],
        replaced_by=replaced_by,
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
