"""A matter that waits for a person, read whole: the item, its mail, its request, and a partner's account today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, RowMapping, select

from processor.adapters.conversation_sql import conversation_from
from processor.adapters.engine import reading
from processor.adapters.journal_tables import mail, raw_message, request, review_item
from processor.adapters.ledger_cells import address_key
from processor.adapters.snapshot_sql import read_account
from processor.adapters.tables import contact, partner
from processor.core.decision import Conversation, Snapshot
from processor.ports import StoredMail


@dataclass(frozen=True, slots=True)
class Matter:
    """A review item with what it is about. `mail` is its own, else the newest of its request."""

    item_id: int
    kind: str
    state: str
    partner_id: str | None
    mail: StoredMail | None
    conversation: Conversation | None


def read_matter(engine: Engine, item_id: int) -> Matter | None:
    """Return a matter, or None where there is no item of that number."""
    with reading(engine) as connection:
        row = connection.execute(select(review_item).where(review_item.c.id == item_id)).mappings().one_or_none()
        return None if row is None else _matter(connection, row)


def account_of(engine: Engine, partner_id: str, today: date) -> Snapshot:
    """Return a partner's whole account, with the contacts on file; of an unknown partner nothing."""
    with reading(engine) as connection:
        return read_account(connection, partner_id, today)


def served_by(engine: Engine, address: str) -> tuple[str, ...]:
    """Return the partners that an address serves, as letters name them."""
    mine = (
        select(partner.c.partner_id, partner.c.name).join(contact).where(contact.c.address_key == address_key(address))
    )
    with reading(engine) as connection:
        rows = connection.execute(mine.distinct().order_by(partner.c.partner_id))
        return tuple(f"{row.partner_id} ({row.name})" for row in rows)


def _matter(connection: Connection, row: RowMapping) -> Matter:
    found = _mail(connection, row)
    reference = row["request"] or (found["request"] if found else None)
    conversation = None
    if reference:
        asked = connection.execute(select(request).where(request.c.reference == reference)).one_or_none()
        conversation = conversation_from(asked) if asked else None
    partner_id = row["partner_id"] or (conversation.partner_id if conversation else None)
    stored = _stored(found) if found else None
    return Matter(row["id"], row["kind"], row["state"], partner_id, stored, conversation)


def _mail(connection: Connection, row: RowMapping) -> RowMapping | None:
    mails = select(mail, raw_message.c.raw).join(raw_message, mail.c.sha256 == raw_message.c.sha256)
    if row["mail_id"] is not None:
        return connection.execute(mails.where(mail.c.id == row["mail_id"])).mappings().one_or_none()
    newest = mails.where(mail.c.request == row["request"]).order_by(mail.c.id.desc()).limit(1)
    return connection.execute(newest).mappings().one_or_none() if row["request"] else None


def _stored(row: RowMapping) -> StoredMail:
    return StoredMail(
        id=row["id"],
        mailbox=row["mailbox"],
        raw=row["raw"],
        sha256=row["sha256"],
        received_at=row["received_at"],
        attempts=row["attempts"],
        headers_only=bool(row["headers_only"]),
        size=row["size"],
    )
