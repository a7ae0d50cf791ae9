"""Legal holds: while one stands, nothing of the partner is erased, by a person or by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, exists, select, update

from processor.adapters import audit
from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import decision, letter, mail, request
from processor.adapters.privacy_tables import legal_hold
from processor.adapters.tables import contact

_STANDS = legal_hold.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands: for whom, why, by whom, since when (UTC)."""

    partner_id: str
    reason: str
    actor: str
    began_at: datetime

    def __str__(self) -> str:
        return f"partner {self.partner_id} is held by {self.actor} since {self.began_at:%Y-%m-%d}: {self.reason}"


def begin(engine: Engine, new: Hold) -> bool:
    """Let a hold stand; False where one stood already."""
    return transact(engine, lambda connection: _begin(connection, new))


def end(engine: Engine, partner_id: str, reason: str, actor: str, at: datetime) -> bool:
    """End a hold; False where none stood."""
    return transact(engine, lambda connection: _end(connection, partner_id, reason, actor, at))


def standing_holds(engine: Engine) -> tuple[Hold, ...]:
    """Return the holds that stand, the oldest first."""
    columns = (legal_hold.c.partner_id, legal_hold.c.reason, legal_hold.c.actor, legal_hold.c.began_at)
    with reading(engine) as connection:
        return tuple(
            Hold(*row) for row in connection.execute(select(*columns).where(_STANDS).order_by(legal_hold.c.id))
        )


def hold_of(connection: Connection, partner_id: str) -> str:
    """Return why a partner is held; empty where it isn't."""
    found = select(legal_hold.c.reason).where(_STANDS, legal_hold.c.partner_id == partner_id)
    return connection.scalar(found) or ""


def _held(partner: ColumnElement[str] | ColumnElement[str | None]) -> ColumnElement[bool]:
    return exists().where(_STANDS, legal_hold.c.partner_id == partner)


_decided, _asked, _on_file = decision.alias(), request.alias(), contact.alias()

# Whatever may concern a held partner: decided for it, of a request of its, or written by one of its contacts.
MAIL_IS_HELD = (
    exists().where(_decided.c.mail_id == mail.c.id, _held(_decided.c.partner_id)).correlate(mail)
    | exists().where(_asked.c.reference == mail.c.request, _held(_asked.c.partner_id)).correlate(mail)
    | exists().where(_on_file.c.address_key == mail.c.sender, _held(_on_file.c.partner_id)).correlate(mail)
)
LETTER_IS_HELD = exists().where(_asked.c.reference == letter.c.request, _held(_asked.c.partner_id)).correlate(
    letter
) | exists().where(mail.c.id == letter.c.mail_id, MAIL_IS_HELD).correlate(letter)


def _begin(connection: Connection, new: Hold) -> bool:
    if hold_of(connection, new.partner_id):
        return False
    connection.execute(legal_hold.insert(), {name: getattr(new, name) for name in Hold.__slots__})
    _record(connection, "held", new.partner_id, new.reason, new.actor, new.began_at)
    return True


def _end(connection: Connection, partner_id: str, reason: str, actor: str, at: datetime) -> bool:
    ended = update(legal_hold).where(_STANDS, legal_hold.c.partner_id == partner_id)
    if not connection.execute(ended.values(ended_at=at, ended_by=actor)).rowcount:
        return False
    _record(connection, "hold_ended", partner_id, reason, actor, at)
    return True


def _record(connection: Connection, event: str, partner_id: str, reason: str, actor: str, at: datetime) -> None:
    audit.append(connection, audit.chain_of(partner_id, ""), event, {"reason": reason}, actor, at)
