"""A partner's own account: payments with something left, invoices with something open. Amounts in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select

from processor.adapters.engine import reading
from processor.adapters.tables import invoice, partner, payment
from processor.core.model import DocumentType, InvoiceStatus

_PAYABLE = (InvoiceStatus.OPEN, InvoiceStatus.LOCKED)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A payment or an invoice: how much it is, how much of that is left or open, and when it came or is due."""

    kind: str
    number: str
    currency: str
    amount: int
    remaining: int
    on: date | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a partner has to allocate, and to what."""

    partner_id: str
    partner_name: str
    rows: tuple[StatementRow, ...]


def read_statement(engine: Engine, partner_id: str) -> Statement | None:
    """Return a partner's statement, or None for a partner who is not in the ledger."""
    payments = (
        select(
            payment.c.payment_number, payment.c.currency, payment.c.amount, payment.c.unallocated, payment.c.received_on
        )
        .where(payment.c.partner_id == partner_id, payment.c.unallocated > 0)
        .order_by(payment.c.received_on, payment.c.payment_number)
    )
    invoices = (
        select(invoice.c.invoice_number, invoice.c.currency, invoice.c.total, invoice.c.open_amount, invoice.c.due_on)
        .where(
            invoice.c.partner_id == partner_id,
            invoice.c.open_amount > 0,
            invoice.c.status.in_(_PAYABLE),
            invoice.c.document_type == DocumentType.INVOICE,
        )
        .order_by(invoice.c.due_on, invoice.c.invoice_number)
    )
    with reading(engine) as connection:
        name = connection.scalar(select(partner.c.name).where(partner.c.partner_id == partner_id))
        if name is None:
            return None
        rows = [StatementRow("payment", *row) for row in connection.execute(payments)]
        rows += [StatementRow("invoice", *row) for row in connection.execute(invoices)]
    return Statement(partner_id, name, tuple(rows))
