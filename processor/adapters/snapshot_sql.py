"""What bears on one mail, read from the database: the sender's own partners and what is theirs, nothing of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, Table, or_, select, union, union_all

from processor.adapters.conversation_sql import conversation_of, message_key
from processor.adapters.journal_tables import mail as mails
from processor.adapters.ledger_cells import address_key
from processor.adapters.ledger_values import allocation_from, invoice_from, payment_from
from processor.adapters.tables import allocation, contact, invoice, partner, payment
from processor.core.decision import Snapshot
from processor.core.message import Message
from processor.core.model import Allocation, Contact, Invoice, Partner, Payment
from processor.core.threading import ThreadKeys
from processor.ports import Phase, StoredMail

MEMORY = timedelta(days=730)  # how long the allocations of settled items are remembered to a sender
SETTLED_ITEMS = 1000  # newest settled payments, and invoices, of a sender's partners that a mail may still speak of


def read_snapshot(
    connection: Connection, mail: StoredMail, message: Message, address: str | None, keys: ThreadKeys
) -> Snapshot:
    """Return what bears on a mail; `address` is the authenticated sender, or None, who then sees nothing."""
    today = mail.received_at.astimezone(UTC).date()
    contacts = _contacts(connection, address)
    ids = sorted({one.partner_id for one in contacts})
    return Snapshot(
        today=today,
        contacts=contacts,
        partners=_partners(connection, ids),
        payments=_payments(connection, ids),
        invoices=_invoices(connection, ids),
        allocations=_allocations(connection, ids, today),
        conversation=conversation_of(connection, keys, address, ids),
        delivered_before=_delivered_before(connection, mail, message),
    )


def _contacts(connection: Connection, address: str | None) -> tuple[Contact, ...]:
    if address is None:
        return ()
    columns = (contact.c.email, contact.c.partner_id, contact.c.role, contact.c.name)
    found = select(*columns).where(contact.c.address_key == address_key(address))
    return tuple(Contact(*row) for row in connection.execute(found.order_by(contact.c.partner_id, contact.c.role)))


def _partners(connection: Connection, ids: Sequence[str]) -> tuple[Partner, ...]:
    if not ids:
        return ()
    columns = (partner.c.partner_id, partner.c.name, partner.c.language, partner.c.group)
    found = select(*columns).where(partner.c.partner_id.in_(ids)).order_by(partner.c.partner_id)
    return tuple(Partner(*row) for row in connection.execute(found))


def _payments(connection: Connection, ids: Sequence[str]) -> tuple[Payment, ...]:
    if not ids:
        return ()
    mine = select(payment).where(payment.c.partner_id.in_(ids))
    unallocated = mine.where(payment.c.unallocated > 0)
    spent = mine.where(payment.c.unallocated == 0)
    newest = spent.order_by(payment.c.received_on.desc(), payment.c.payment_number).limit(SETTLED_ITEMS)
    rows = connection.execute(_both(unallocated, newest)).mappings()
    return tuple(sorted(map(payment_from, rows), key=lambda one: (one.partner_id, one.payment_number)))


def _invoices(connection: Connection, ids: Sequence[str]) -> tuple[Invoice, ...]:
    if not ids:
        return ()
    mine = select(invoice).where(invoice.c.partner_id.in_(ids))
    open_ones = mine.where(invoice.c.open_amount > 0)
    settled = mine.where(invoice.c.open_amount == 0)
    newest = settled.order_by(invoice.c.issued_on.desc(), invoice.c.invoice_number).limit(SETTLED_ITEMS)
    rows = connection.execute(_both(open_ones, newest)).mappings()
    return tuple(sorted(map(invoice_from, rows), key=lambda one: (one.partner_id, one.invoice_number)))


def _both(lasting: Select[*tuple[Any, ...]], newest: Select[*tuple[Any, ...]]) -> CompoundSelect[*tuple[Any, ...]]:
    """SQLite wants a limited part of a union wrapped."""
    return union_all(lasting, select(newest.subquery()))


def _allocations(connection: Connection, ids: Sequence[str], today: date) -> tuple[Allocation, ...]:
    """Those of the last two years, and all of a payment that has something left, or an invoice that is still open."""
    if not ids:
        return ()
    since = datetime.combine(today, time(), UTC) - MEMORY
    mine = select(allocation).where(allocation.c.partner_id.in_(ids))
    of_payment = _same(payment, "payment_number") & (payment.c.unallocated > 0)
    of_invoice = _same(invoice, "invoice_number") & (invoice.c.open_amount > 0)
    parts = (
        mine.where(allocation.c.allocated_at >= since),
        mine.join(payment, of_payment),
        mine.join(invoice, of_invoice),
    )
    rows = connection.execute(union(*parts)).mappings()
    return tuple(sorted(map(allocation_from, rows), key=lambda one: (one.allocated_at, one.allocation_id)))


def _same(table: Table, number: str) -> ColumnElement[bool]:
    return (table.c.partner_id == allocation.c.partner_id) & (table.c[number] == allocation.c[number])


def _delivered_before(connection: Connection, mail: StoredMail, message: Message) -> bool:
    """Tell whether these bytes, or this Message-ID with this content, came as another mail (`decisions.md` gate 2).

    Of two deliveries one is decided: the first whose turn comes.
    """
    same = mails.c.sha256 == mail.sha256
    if known_by := message_key(message):
        said = (mails.c.message_id == known_by) & (mails.c.content_sha256 == message.content_sha256)
        same = or_(same, said)
    other = select(mails.c.id).where(same, mails.c.id != mail.id)
    earlier = other.where((mails.c.id < mail.id) | (mails.c.phase != Phase.STORED))
    return connection.execute(earlier.limit(1)).first() is not None
