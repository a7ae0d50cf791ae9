"""What bears on one mail, read from the database: the sender's own partners and what is theirs, nothing of others.

The statements are built once, when the program starts: building one costs as much as running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    bindparam,
    or_,
    select,
    union,
    union_all,
)

from processor.adapters.conversation_sql import conversation_of, message_key
from processor.adapters.journal_tables import mail as mails
from processor.adapters.ledger_cells import address_key
from processor.adapters.ledger_values import (
    INVOICE_COLUMNS,
    PAYMENT_COLUMNS,
    allocation_from,
    invoice_from,
    payment_from,
)
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
    contacts, partners = _sender(connection, address)
    ids = [one.partner_id for one in partners]
    return Snapshot(
        today=today,
        contacts=contacts,
        partners=partners,
        payments=_payments(connection, ids),
        invoices=_invoices(connection, ids),
        allocations=_allocations(connection, ids, today),
        conversation=conversation_of(connection, keys, address, ids),
        delivered_before=_delivered_before(connection, mail, message),
        signers=message.signers,
    )


def read_account(connection: Connection, partner_id: str, today: date) -> Snapshot:
    """Return one partner's whole account, with every contact on file; of an unknown partner nothing."""
    of_partner = (partner.c.partner_id, partner.c.name, partner.c.language, partner.c.group)
    partners = connection.execute(select(*of_partner).where(partner.c.partner_id == partner_id))
    of_contact = (contact.c.email, contact.c.partner_id, contact.c.role, contact.c.name)
    contacts = select(*of_contact).where(contact.c.partner_id == partner_id).order_by(contact.c.email, contact.c.role)
    return Snapshot(
        today=today,
        contacts=tuple(Contact(*row) for row in connection.execute(contacts)),
        partners=tuple(Partner(*row) for row in partners),
        payments=_payments(connection, [partner_id]),
        invoices=_invoices(connection, [partner_id]),
        allocations=_allocations(connection, [partner_id], today),
    )


def _with_newest(
    lasting: Select[*tuple[Any, ...]], newest: Select[*tuple[Any, ...]]
) -> CompoundSelect[*tuple[Any, ...]]:
    """All of the one and the first thousand of the other; SQLite wants a limited part of a union wrapped."""
    return union_all(lasting, select(newest.limit(SETTLED_ITEMS).subquery()))


def _same(table: Table, number: str) -> ColumnElement[bool]:
    return (table.c.partner_id == allocation.c.partner_id) & (table.c[number] == allocation.c[number])


_MINE: BindParameter[list[str]] = bindparam("partners", expanding=True)

_CONTACTS = (
    select(
        contact.c.email,
        contact.c.partner_id,
        contact.c.role,
        contact.c.name,
        partner.c.name,
        partner.c.language,
        partner.c.group,
    )
    .join(partner)
    .where(contact.c.address_key == bindparam("address"))
    .order_by(contact.c.partner_id, contact.c.role)
)

_MY_PAYMENTS = select(*PAYMENT_COLUMNS).where(payment.c.partner_id.in_(_MINE))
_PAYMENTS = _with_newest(
    _MY_PAYMENTS.where(payment.c.unallocated > 0),
    _MY_PAYMENTS.where(payment.c.unallocated == 0).order_by(payment.c.received_on.desc(), payment.c.payment_number),
)

_MY_INVOICES = select(*INVOICE_COLUMNS).where(invoice.c.partner_id.in_(_MINE))
_INVOICES = _with_newest(
    _MY_INVOICES.where(invoice.c.open_amount > 0),
    _MY_INVOICES.where(invoice.c.open_amount == 0).order_by(invoice.c.issued_on.desc(), invoice.c.invoice_number),
)

# Those of the last two years, and all of a payment that has something left, or an invoice that is still open.
_MY_ALLOCATIONS = select(allocation).where(allocation.c.partner_id.in_(_MINE))
_ALLOCATIONS = union(
    _MY_ALLOCATIONS.where(allocation.c.allocated_at >= bindparam("since")),
    _MY_ALLOCATIONS.join(payment, _same(payment, "payment_number") & (payment.c.unallocated > 0)),
    _MY_ALLOCATIONS.join(invoice, _same(invoice, "invoice_number") & (invoice.c.open_amount > 0)),
)

_OTHER_DELIVERY = (
    select(mails.c.id)
    .where(
        or_(
            mails.c.sha256 == bindparam("sha256"),
            (mails.c.message_id == bindparam("message_id")) & (mails.c.content_sha256 == bindparam("content")),
        ),
        mails.c.id != bindparam("id"),
        or_(mails.c.id < bindparam("id"), mails.c.phase != Phase.STORED),
    )
    .limit(1)
)


def _sender(connection: Connection, address: str | None) -> tuple[tuple[Contact, ...], tuple[Partner, ...]]:
    """Return every role of an address, and the partners that it serves, in order."""
    if address is None:
        return (), ()
    contacts: list[Contact] = []
    partners: dict[str, Partner] = {}
    for email, partner_id, role, name, *of_partner in connection.execute(_CONTACTS, {"address": address_key(address)}):
        contacts.append(Contact(email, partner_id, role, name))
        partners[partner_id] = Partner(partner_id, *of_partner)
    return tuple(contacts), tuple(partners.values())


def _payments(connection: Connection, ids: Sequence[str]) -> tuple[Payment, ...]:
    rows = connection.execute(_PAYMENTS, {"partners": ids}) if ids else ()
    return tuple(sorted(map(payment_from, rows), key=attrgetter("partner_id", "payment_number")))


def _invoices(connection: Connection, ids: Sequence[str]) -> tuple[Invoice, ...]:
    rows = connection.execute(_INVOICES, {"partners": ids}) if ids else ()
    return tuple(sorted(map(invoice_from, rows), key=attrgetter("partner_id", "invoice_number")))


def _allocations(connection: Connection, ids: Sequence[str], today: date) -> tuple[Allocation, ...]:
    since = datetime.combine(today, time(), UTC) - MEMORY
    rows = connection.execute(_ALLOCATIONS, {"partners": ids, "since": since}).mappings() if ids else ()
    return tuple(sorted(map(allocation_from, rows), key=attrgetter("allocated_at", "allocation_id")))


def _delivered_before(connection: Connection, mail: StoredMail, message: Message) -> bool:
    """Tell whether these bytes, or this Message-ID with this content, came as another mail (`decisions.md` gate 2).

    Of two deliveries one is decided: the first whose turn comes.
    """
    values = {
        "id": mail.id,
        "sha256": mail.sha256,
        "message_id": message_key(message),
        "content": message.content_sha256,
    }
    return connection.execute(_OTHER_DELIVERY, values).first() is not None
