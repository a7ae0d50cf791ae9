"""Pauses: what is paused stops, and once `begin` has returned nothing more is applied (`reliability.md` P11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select, update

from processor.adapters import audit
from processor.adapters.engine import reading, transact
from processor.adapters.safety_tables import pause

Action = Literal["applying", "replying"]
Scope = Literal["all", "mailbox", "partner"]

_LOCK = 7_234_811  # of every pause; those who apply share it, who pauses holds it alone


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause that stands: of what, for whom, why, since when (UTC) and by whom."""

    scope: str
    name: str
    action: str
    reason: str
    actor: str
    began_at: datetime

    def __str__(self) -> str:
        whose = "" if self.scope == "all" else f" for {self.scope} {self.name}"
        return f"{self.action}{whose} is paused by {self.actor} since {self.began_at:%Y-%m-%d %H:%M} UTC: {self.reason}"


def begin(engine: Engine, new: Pause) -> bool:
    """Pause; False where that stood already. Waits for whoever is applying at this moment."""
    return transact(engine, lambda connection: _begin(connection, new))


def end(engine: Engine, scope: Scope, name: str, action: Action, actor: str, at: datetime) -> bool:
    """End a pause; False where none stood."""
    return transact(engine, lambda connection: _end(connection, (scope, name, action), actor, at))


def standing_pauses(engine: Engine) -> tuple[Pause, ...]:
    """Return the pauses that stand, the oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(_STANDING.order_by(pause.c.began_at, pause.c.id))
        return tuple(Pause(*row) for row in rows)


def paused(connection: Connection, action: Action, mailbox: str, partner_ids: tuple[str, ...]) -> Pause | None:
    """Return a pause that forbids this, in a transaction that holds `SHARE`."""
    whose = (
        (pause.c.scope == "all")
        | ((pause.c.scope == "mailbox") & (pause.c.name == mailbox))
        | ((pause.c.scope == "partner") & pause.c.name.in_(partner_ids))
    )
    row = connection.execute(_STANDING.where(pause.c.action == action, whose).limit(1)).one_or_none()
    return None if row is None else Pause(*row)


# Selected at its beginning, it keeps a pause from beginning until the end of the transaction; what is paused must be
# asked in a later statement. On SQLite only one writes anyway.
SHARE = func.pg_advisory_xact_lock_shared(_LOCK)

_ALONE = select(func.pg_advisory_xact_lock(_LOCK))
_STANDING: Select[str, str, str, str, str, datetime] = select(
    pause.c.scope, pause.c.name, pause.c.action, pause.c.reason, pause.c.actor, pause.c.began_at
).where(pause.c.ended_at.is_(None))


def _begin(connection: Connection, new: Pause) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)
    key = (new.scope, new.name, new.action)
    if connection.execute(select(pause.c.id).where(*_same(key))).first() is not None:
        return False
    connection.execute(pause.insert(), {name: getattr(new, name) for name in Pause.__slots__})
    _record(connection, "paused", key, new.reason, new.actor, new.began_at)
    return True


def _end(connection: Connection, key: tuple[str, str, str], actor: str, at: datetime) -> bool:
    ended = update(pause).where(*_same(key)).values(ended_at=at, ended_by=actor)
    if not connection.execute(ended).rowcount:
        return False
    _record(connection, "resumed", key, "", actor, at)
    return True


def _same(key: tuple[str, str, str]) -> tuple[ColumnElement[bool], ...]:
    scope, name, action = key
    same = (pause.c.scope == scope, pause.c.name == name, pause.c.action == action)
    return (*same, pause.c.ended_at.is_(None))


def _record(
    connection: Connection, event: str, key: tuple[str, str, str], reason: str, actor: str, at: datetime
) -> None:
    scope, name, action = key
    chain = audit.OPERATIONS_CHAIN if scope == "all" else f"{scope}:{name}"
    body: dict[str, audit.JsonValue] = {"scope": scope, "name": name, "action": action, "reason": reason}
    audit.append(connection, chain, event, body, actor, at)
