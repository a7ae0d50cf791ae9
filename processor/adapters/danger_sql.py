"""Promises in danger, put before operations while there is still time; each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine, select

from processor.adapters.engine import reading, transact
from processor.adapters.follow_up_sql import is_done, mark_done
from processor.adapters.journal_tables import request, review_item
from processor.adapters.review_items import open_review
from processor.core.decision import RequestState, ReviewItem

KIND = "promise_in_danger"


@dataclass(frozen=True, slots=True)
class Danger:
    """A promise in danger: the name under which it is told once, what to say, and whom it concerns."""

    name: str
    note: str
    mail_id: int | None = None
    request: str | None = None
    partner_id: str | None = None


def held_too_long(engine: Engine, before: datetime) -> tuple[Danger, ...]:
    """Return what has waited for a person since before a moment (UTC): one for each request, or mail without one."""
    old = (
        select(review_item)
        .where(review_item.c.state == "open", review_item.c.opened_at < before, review_item.c.kind != KIND)
        .order_by(review_item.c.id)
    )
    found: dict[object, Danger] = {}
    with reading(engine) as connection:
        for row in connection.execute(old).mappings():
            note = f"item {row['id']} ({row['kind']}) has waited since {row['opened_at']:%Y-%m-%d}"
            danger = Danger(f"danger item {row['id']}", note, row["mail_id"], row["request"], row["partner_id"])
            found.setdefault(row["request"] or row["mail_id"], danger)
    return tuple(found.values())


def forgotten(engine: Engine, mailbox: str, before: datetime) -> tuple[Danger, ...]:
    """Return requests of a mailbox that still wait for their partner although they should have ended: nothing follows
    them up, since their question never left.
    """
    old = select(request.c.reference, request.c.partner_id, request.c.changed_at).where(
        request.c.state == RequestState.WAITING, request.c.mailbox == mailbox, request.c.changed_at < before
    )
    with reading(engine) as connection:
        return tuple(
            Danger(
                f"danger request {row.reference} {row.changed_at:%Y-%m-%d}",
                f"the request waits since {row.changed_at:%Y-%m-%d}, and no question about it has left",
                request=row.reference,
                partner_id=row.partner_id,
            )
            for row in connection.execute(old.order_by(request.c.reference))
        )


def escalate(engine: Engine, dangers: Iterable[Danger], now: datetime) -> int:
    """Open a review item for each that was not told before; return how many."""
    return sum(transact(engine, partial(_tell, danger=one, now=now)) for one in dangers)


def _tell(connection: Connection, danger: Danger, now: datetime) -> bool:
    if is_done(connection, danger.name):
        return False
    mark_done(connection, [danger.name], now, danger.note, danger.partner_id)
    open_review(
        connection,
        ReviewItem(KIND, danger.note),
        now,
        mail_id=danger.mail_id,
        request=danger.request,
        partner_id=danger.partner_id,
    )
    return True
