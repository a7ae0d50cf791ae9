"""Allocations on their way to the billing page: each stands in exactly one feed, and a closed feed never changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, exists, func, select, update

from processor.adapters import audit
from processor.adapters.engine import reading, transact
from processor.adapters.insertion import insert_missing
from processor.adapters.ledger_values import allocation_from
from processor.adapters.operations_tables import feed, publication
from processor.adapters.tables import allocation
from processor.core.model import Allocation

ACTOR = "processor"
AT_ONCE = 1000  # allocations of one partner in one transaction
_AHEAD = timedelta(days=1)  # what was allocated further in the future was so by a clock that has been put right since


def sweep(engine: Engine) -> int:
    """Put every allocation that is not yet there in line for the billing page; return how many.

    It costs the transaction that applies money nothing, and is in time: nothing is published on its first day.
    """
    count = 0
    while some := transact(engine, _sweep):
        count += some
    return count


def partners_due(engine: Engine, before: datetime, now: datetime) -> tuple[str, ...]:
    """Return the partners with allocations from before a moment (UTC) that are not published."""
    found = select(publication.c.partner_id).where(_due(before, now)).distinct().order_by(publication.c.partner_id)
    with reading(engine) as connection:
        return tuple(connection.scalars(found))


def open_feed(engine: Engine, now: datetime) -> int:
    """Return the number of the feed that is open, a new one where none is."""
    return transact(engine, lambda connection: _open_feed(connection, now))


def publish(engine: Engine, partner_id: str, number: int, before: datetime, now: datetime) -> int:
    """Put a partner's allocations that are due into a feed; return how many. None go into a feed that was closed."""
    return transact(engine, lambda connection: _publish(connection, partner_id, number, before, now))


def close_feed(engine: Engine, number: int) -> None:
    """Let nothing more join a feed."""
    closed = update(feed).where(feed.c.number == number, feed.c.state == "open").values(state="closed")
    transact(engine, lambda connection: connection.execute(closed).rowcount)


def unwritten(engine: Engine) -> tuple[tuple[int, str, datetime], ...]:
    """Return number, state and time of opening (UTC) of the feeds whose file is not written."""
    found = select(feed.c.number, feed.c.state, feed.c.opened_at).where(feed.c.state != "written")
    with reading(engine) as connection:
        return tuple((row[0], row[1], row[2]) for row in connection.execute(found.order_by(feed.c.number)))


def feed_rows(engine: Engine, number: int) -> tuple[tuple[Allocation, datetime], ...]:
    """Return a feed's allocations with the time of their publication (UTC), in a fixed order."""
    same = (allocation.c.partner_id == publication.c.partner_id) & (
        allocation.c.allocation_id == publication.c.allocation_id
    )
    rows = select(allocation, publication.c.published_at).join(publication, same).where(publication.c.feed == number)
    ordered = rows.order_by(allocation.c.partner_id, allocation.c.allocated_at, allocation.c.allocation_id)
    with reading(engine) as connection:
        return tuple((allocation_from(row), row["published_at"]) for row in connection.execute(ordered).mappings())


def feed_written(engine: Engine, number: int, rows: int, sha256: str, at: datetime) -> None:
    """Note that a feed's file stands where it belongs."""
    done = update(feed).where(feed.c.number == number, feed.c.state == "closed")
    values = {"state": "written", "rows": rows, "sha256": sha256, "written_at": at}
    transact(engine, lambda connection: connection.execute(done.values(values)).rowcount)


def _sweep(connection: Connection) -> int:
    in_line = exists().where(
        publication.c.partner_id == allocation.c.partner_id, publication.c.allocation_id == allocation.c.allocation_id
    )
    columns = (allocation.c.partner_id, allocation.c.allocation_id, allocation.c.allocated_at)
    rows = connection.execute(select(*columns).where(~in_line).limit(AT_ONCE)).mappings().all()
    insert_missing(connection, publication, [dict(row) for row in rows])
    return len(rows)


def _due(before: datetime, now: datetime) -> ColumnElement[bool]:
    at = publication.c.allocated_at
    return publication.c.feed.is_(None) & ((at < before) | (at > now + _AHEAD))


def _open_feed(connection: Connection, now: datetime) -> int:
    found: int | None = connection.scalar(select(feed.c.number).where(feed.c.state == "open"))
    if found is not None:
        return found
    number: int = 1 + (connection.scalar(select(func.max(feed.c.number))) or 0)
    row = {"number": number, "state": "open", "opened_at": now, "rows": 0, "sha256": ""}
    connection.execute(feed.insert(), row)
    return number


def _publish(connection: Connection, partner_id: str, number: int, before: datetime, now: datetime) -> int:
    state = connection.scalar(select(feed.c.state).where(feed.c.number == number).with_for_update(read=True))
    if state != "open":
        return 0
    mine = select(publication.c.allocation_id).where(publication.c.partner_id == partner_id, _due(before, now))
    ordered = mine.order_by(publication.c.allocation_id).limit(AT_ONCE).with_for_update()
    names = list(connection.scalars(ordered))
    if not names:
        return 0
    those = (publication.c.partner_id == partner_id) & publication.c.allocation_id.in_(names)
    connection.execute(update(publication).where(those).values(feed=number, published_at=now))
    body: dict[str, audit.JsonValue] = {"feed": number, "names": list(names)}
    audit.append(connection, audit.chain_of(partner_id, ""), "published", body, ACTOR, now)
    return len(names)
