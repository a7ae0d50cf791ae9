"""Parts of answers that are of the ledger; amounts stand with their currency, in minor units and as decimals."""

from __future__ import annotations

from datetime import date, datetime

from processor.console.api.shape import Money, Shape, Text, money
from processor.core.decision import Application as Applied
from processor.core.model import Allocation as AllocationRow
from processor.core.model import Invoice as InvoiceRow
from processor.core.model import Payment as PaymentRow


class Payment(Shape):
    """Money received, and what no invoice has taken of it yet."""

    number: str
    amount: Money
    left: Money
    received_on: date


class Invoice(Shape):
    """A document that asks for money, and what is still unpaid of it."""

    number: str
    total: Money
    open: Money
    issued_on: date
    due_on: date | None
    status: str


class Allocation(Shape):
    """A payment, or a part of one, on an invoice; a reversal names what it takes back."""

    name: str
    payment: str
    invoice: str
    amount: Money
    allocated_at: datetime
    request: str
    actor: str
    reverses: str


class Application(Shape):
    """An allocation as it was, or would be, written: balances before and after."""

    payment: str
    invoice: str
    amount: Money
    payment_left_before: Money
    payment_left_after: Money
    invoice_open_before: Money
    invoice_open_after: Money


class Contact(Shape):
    """One role of one address at a partner."""

    email: str
    role: str
    name: Text


def payment(row: PaymentRow) -> Payment:
    """Return a payment as the API shows it."""
    return Payment(
        number=row.payment_number,
        amount=money(row.amount, row.currency),
        left=money(row.unallocated, row.currency),
        received_on=row.received_on,
    )


def invoice(row: InvoiceRow) -> Invoice:
    """Return an invoice as the API shows it."""
    return Invoice(
        number=row.invoice_number,
        total=money(row.total, row.currency),
        open=money(row.open_amount, row.currency),
        issued_on=row.issued_on,
        due_on=row.due_on,
        status=row.status.value,
    )


def allocation(row: AllocationRow) -> Allocation:
    """Return an allocation as the API shows it."""
    return Allocation(
        name=row.allocation_id,
        payment=row.payment_number,
        invoice=row.invoice_number,
        amount=money(row.amount, row.currency),
        allocated_at=row.allocated_at,
        request=row.request,
        actor=row.actor,
        reverses=row.reverses,
    )


def application(one: Applied) -> Application:
    """Return what is applied as the API shows it."""
    left, still_open, currency = one.payment_left_before, one.invoice_open_before, one.currency
    return Application(
        payment=one.payment,
        invoice=one.invoice,
        amount=money(one.amount, currency),
        payment_left_before=money(left, currency),
        payment_left_after=money(left - one.amount, currency),
        invoice_open_before=money(still_open, currency),
        invoice_open_after=money(still_open - one.amount, currency),
    )
