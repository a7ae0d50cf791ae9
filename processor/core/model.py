"""The ledger's nouns, as values. Amounts are integer minor units plus an ISO 4217 code; dates are calendar dates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class DocumentType(StrEnum):
    """What kind of document an invoice number names; only `INVOICE` can take money (`decisions.md` row 22)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    ADJUSTMENT_NOTE = "adjustment_note"
    VOID_NOTE = "void_note"


class InvoiceStatus(StrEnum):
    """Where an invoice stands in the ledger."""

    OPEN = "open"
    PAID = "paid"
    LOCKED = "locked"
    VOID = "void"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents, yen, fils) of one currency."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Who owes and who pays. `language` is an ISO 639-1 code, `group` may be empty."""

    partner_id: str
    name: str
    language: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One role of one address at one partner; an address may serve several partners."""

    email: str
    partner_id: str
    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received; `unallocated` is what no invoice has taken yet (both in minor units)."""

    payment_number: str
    partner_id: str
    currency: str
    amount: int
    unallocated: int
    received_on: date
    method: str = ""
    bank_reference: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document that asks for money; `open_amount` is what is still unpaid (minor units)."""

    invoice_number: str
    partner_id: str
    document_type: DocumentType
    currency: str
    total: int
    open_amount: int
    issued_on: date
    due_on: date | None = None
    status: InvoiceStatus = InvoiceStatus.OPEN
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """One immutable row that joins a payment and an invoice; a reversal is a new row that names the one it takes back.

    `allocated_at` is UTC; `request` is the reference `AR-…`; `actor` is `processor` or a person's login.
    """

    allocation_id: str
    payment_number: str
    invoice_number: str
    partner_id: str
    amount: int
    currency: str
    allocated_at: datetime
    request: str
    reverses: str = ""
    actor: str = "processor"
