"""Where an allocation comes from: balances today, the mail that asked for it, whom a letter about it may reach."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import mail, request
from processor.adapters.ledger_cells import address_key
from processor.adapters.ledger_values import allocation_from
from processor.adapters.tables import allocation, contact, invoice, partner, payment
from processor.core.model import Allocation, Contact


@dataclass(frozen=True, slots=True)
class AllocationOrigin:
    """An allocation with the balances of its payment and invoice (minor units) and the mail that asked for it.

    `contact` asked, and is on file still; None where nobody is. `taken_back_by` is empty while it stands.
    """

    allocation: Allocation
    payment_left: int
    invoice_open: int
    taken_back_by: str
    language: str
    contact: Contact | None
    mail_sha256: str
    message_id: str
    subject: str


def origin_of(engine: Engine, name: str) -> AllocationOrigin | None:
    """Return an allocation of this name with all that bears on taking it back, or None."""
    with reading(engine) as connection:
        row = connection.execute(select(allocation).where(allocation.c.allocation_id == name)).mappings().one_or_none()
        return None if row is None else _origin(connection, allocation_from(row))


def _origin(connection: Connection, one: Allocation) -> AllocationOrigin:
    left = select(payment.c.unallocated).where(
        payment.c.partner_id == one.partner_id, payment.c.payment_number == one.payment_number
    )
    still_open = select(invoice.c.open_amount).where(
        invoice.c.partner_id == one.partner_id, invoice.c.invoice_number == one.invoice_number
    )
    back = select(allocation.c.allocation_id).where(
        allocation.c.partner_id == one.partner_id, allocation.c.reverses == one.allocation_id
    )
    asked = select(mail.c.sender, mail.c.sha256, mail.c.message_id, mail.c.subject).where(mail.c.request == one.request)
    first = connection.execute(asked.order_by(mail.c.id).limit(1)).one_or_none() if one.request else None
    spoken = connection.scalar(select(request.c.language).where(request.c.reference == one.request))
    own = connection.scalar(select(partner.c.language).where(partner.c.partner_id == one.partner_id))
    return AllocationOrigin(
        allocation=one,
        payment_left=connection.scalars(left).one(),
        invoice_open=connection.scalars(still_open).one(),
        taken_back_by=connection.scalar(back) or "",
        language=spoken or own or "en",
        contact=_contact(connection, first.sender or "", one.partner_id) if first else None,
        mail_sha256=first.sha256 if first else one.allocation_id,
        message_id=(first.message_id or "") if first else "",
        subject=(first.subject or "") if first else "",
    )


def _contact(connection: Connection, address: str, partner_id: str) -> Contact | None:
    mine = (contact.c.address_key == address_key(address)) & (contact.c.partner_id == partner_id)
    columns = (contact.c.email, contact.c.partner_id, contact.c.role, contact.c.name)
    row = connection.execute(select(*columns).where(mine).order_by(contact.c.role).limit(1)).one_or_none()
    return None if row is None else Contact(*row)
