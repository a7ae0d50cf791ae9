"""What a digest tells: what a span of time brought, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select

from processor.adapters import audit
from processor.adapters.anchor import Anchor
from processor.adapters.danger_sql import KIND
from processor.adapters.engine import reading, transact
from processor.adapters.follow_up_sql import is_done, mark_done
from processor.adapters.journal_tables import decision, review_item
from processor.adapters.outbox_sql import Origin, enqueue
from processor.adapters.tables import allocation
from processor.ports import RenderedLetter

_DANGERS = 20  # told in full; the rest is in the list of review items


@dataclass(frozen=True, slots=True)
class Brought:
    """Mails by outcome, money applied by currency (minor units, reversals taken off), and the dangers told of late."""

    mails: tuple[tuple[str, int], ...]
    applied: tuple[tuple[str, int], ...]
    dangers: tuple[str, ...]


def brought_since(engine: Engine, since: datetime) -> Brought:
    """Return what happened since a moment (UTC)."""
    mails = select(decision.c.outcome, func.count()).where(decision.c.decided_at >= since, decision.c.round == 0)
    money = select(allocation.c.currency, func.sum(allocation.c.amount)).where(allocation.c.allocated_at >= since)
    told = select(review_item.c.note).where(review_item.c.kind == KIND, review_item.c.state == "open")
    with reading(engine) as connection:
        return Brought(
            tuple((name, int(count)) for name, count in connection.execute(_grouped(mails, decision.c.outcome))),
            tuple((code, int(minor)) for code, minor in connection.execute(_grouped(money, allocation.c.currency))),
            tuple(connection.scalars(told.order_by(review_item.c.id).limit(_DANGERS))),
        )


def anchor_of(engine: Engine) -> Anchor:
    """Return where every chain of the audit log stands."""
    with reading(engine) as connection:
        return Anchor(audit.heads(connection))


def send_once(engine: Engine, name: str, kind: str, letters: Sequence[RenderedLetter], at: datetime) -> bool:
    """Put mails to operations into the outbox, unless that was done under this name."""
    return transact(engine, lambda connection: _send_once(connection, name, kind, letters, at))


def _send_once(connection: Connection, name: str, kind: str, letters: Sequence[RenderedLetter], at: datetime) -> bool:
    if is_done(connection, name):
        return False
    mark_done(connection, [name], at)
    for number, letter in enumerate(letters, 1):
        enqueue(connection, letter, kind, number, Origin(audit.OPERATIONS_CHAIN), at)
    return True


def _grouped(query: Select[str, int], key: ColumnElement[str]) -> Select[str, int]:
    return query.group_by(key).order_by(key)
