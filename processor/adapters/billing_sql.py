"""A partner's billing page: what is left, what is open, what was allocated by which request, and who may ask.

Also where anything is found by its number or name. Reading only; amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, ColumnElement, Connection, Engine, Select, and_, func, or_, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import mail, request
from processor.adapters.ledger_values import (
    INVOICE_COLUMNS,
    PAYMENT_COLUMNS,
    allocation_from,
    invoice_from,
    payment_from,
)
from processor.adapters.operations_tables import publication
from processor.adapters.tables import allocation, contact, invoice, partner, payment
from processor.core.model import Allocation, Contact, DocumentType, Invoice, Partner, Payment

SHOWN = 100  # rows of each table of the page; the statement has all
FOUND = 20  # of each kind


@dataclass(frozen=True, slots=True)
class Row:
    """An allocation with the time of its publication (UTC), None while that is still to come."""

    allocation: Allocation
    published_at: datetime | None
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the partner, in short."""

    reference: str
    state: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Billing:
    """All that the page shows. `payments` and `invoices` have something left or open."""

    partner: Partner
    contacts: tuple[Contact, ...]
    payments: tuple[Payment, ...]
    invoices: tuple[Invoice, ...]
    rows: tuple[Row, ...]
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was sought: what it is, its number, the partner or sender, and the address of its page."""

    kind: str
    number: str
    words: str
    address: str


def read_billing(engine: Engine, partner_id: str) -> Billing | None:
    """Return a partner's billing page, or None for a partner who is not in the ledger."""
    with reading(engine) as connection:
        who = connection.execute(select(partner).where(partner.c.partner_id == partner_id)).mappings().one_or_none()
        if who is None:
            return None
        return Billing(
            Partner(who["partner_id"], who["name"], who["language"], who["group"]),
            _contacts(connection, partner_id),
            _payments(connection, partner_id),
            _invoices(connection, partner_id),
            _rows(connection, partner_id),
            _requests(connection, partner_id),
        )


def find(engine: Engine, words: str) -> tuple[Found, ...]:
    """Find partners by number or name, payments and invoices by number, requests by reference, mails by sender."""
    words = words.strip()
    if not words:
        return ()
    with reading(engine) as connection:
        return tuple(
            Found(kind, str(row[0]), row[1] or "", address.format(*(quote(str(one or ""), safe="") for one in row)))
            for kind, query, address in _searches(words)
            for row in connection.execute(query.limit(FOUND))
        )


def _searches(words: str) -> Iterator[tuple[str, Select[Any], str]]:
    """Walk the kinds: how each is sought, and where its page is; number and words are the first two columns."""
    upper = words.upper()
    named = or_(_begins(partner.c.partner_id, words), partner.c.name.icontains(words, autoescape=True))
    partners = select(partner.c.partner_id, partner.c.name).where(named).order_by(partner.c.partner_id)
    payments = select(payment.c.payment_number, payment.c.partner_id).where(_begins(payment.c.payment_number, upper))
    invoices = select(invoice.c.invoice_number, invoice.c.partner_id).where(_begins(invoice.c.invoice_number, upper))
    requests = select(request.c.reference, request.c.partner_id).where(_begins(request.c.reference, upper))
    told = or_(mail.c.sender == words.lower(), mail.c.subject.icontains(words, autoescape=True))
    mails = select(mail.c.id, mail.c.subject, mail.c.sender).where(told).order_by(mail.c.id.desc())
    yield "partner", partners, "/partner/{0}"
    yield "payment", payments, "/partner/{1}#{0}"
    yield "invoice", invoices, "/partner/{1}#{0}"
    yield "request", requests, "/request/{0}"
    yield "mail", mails, "/request/mail-{0}"


def _begins(column: Column[str], words: str) -> ColumnElement[bool]:
    """An index can serve a range; `LIKE` it can't on every database."""
    return and_(column >= words, column < words + "\N{REPLACEMENT CHARACTER}")


def _contacts(connection: Connection, partner_id: str) -> tuple[Contact, ...]:
    columns = (contact.c.email, contact.c.partner_id, contact.c.role, contact.c.name)
    rows = select(*columns).where(contact.c.partner_id == partner_id).order_by(contact.c.email, contact.c.role)
    return tuple(Contact(*row) for row in connection.execute(rows.limit(SHOWN)))


def _payments(connection: Connection, partner_id: str) -> tuple[Payment, ...]:
    rows = select(*PAYMENT_COLUMNS).where(payment.c.partner_id == partner_id, payment.c.unallocated > 0)
    ordered = rows.order_by(payment.c.received_on, payment.c.payment_number).limit(SHOWN)
    return tuple(payment_from(row) for row in connection.execute(ordered))


def _invoices(connection: Connection, partner_id: str) -> tuple[Invoice, ...]:
    rows = select(*INVOICE_COLUMNS).where(
        invoice.c.partner_id == partner_id,
        invoice.c.open_amount > 0,
        invoice.c.status.in_(("open", "locked")),
        invoice.c.document_type == DocumentType.INVOICE,
    )
    ordered = rows.order_by(invoice.c.due_on, invoice.c.invoice_number).limit(SHOWN)
    return tuple(invoice_from(row) for row in connection.execute(ordered))


def _rows(connection: Connection, partner_id: str) -> tuple[Row, ...]:
    same = (allocation.c.partner_id == publication.c.partner_id) & (
        allocation.c.allocation_id == publication.c.allocation_id
    )
    other = allocation.alias("other")
    taken_back = (
        select(func.count())
        .where(other.c.partner_id == allocation.c.partner_id, other.c.reverses == allocation.c.allocation_id)
        .scalar_subquery()
    )
    rows = (
        select(allocation, publication.c.published_at, taken_back.label("taken_back"))
        .join(publication, same, isouter=True)
        .where(allocation.c.partner_id == partner_id)
        .order_by(allocation.c.allocated_at.desc(), allocation.c.allocation_id.desc())
        .limit(SHOWN)
    )
    return tuple(
        Row(allocation_from(row), row["published_at"], bool(row["taken_back"]))
        for row in connection.execute(rows).mappings()
    )


def _requests(connection: Connection, partner_id: str) -> tuple[Request, ...]:
    columns = (request.c.reference, request.c.state, request.c.opened_at)
    rows = select(*columns).where(request.c.partner_id == partner_id).order_by(request.c.opened_at.desc())
    return tuple(Request(*row) for row in connection.execute(rows.limit(SHOWN)))
