"""The audit log as a person leafs through it: filtered, newest first. Reading only; whether it holds, `audit` says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Text, func, literal, select, tuple_, type_coerce

from processor.adapters.audit import Entry
from processor.adapters.engine import reading
from processor.adapters.journal_tables import audit_entry

PAGE = 100


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries; an empty value asks for all. `since` and `until` are ISO dates (UTC), the latter included.

    `before` is the place of the last entry of the page before: moment, chain and number.
    """

    chain: str = ""
    event: str = ""
    actor: str = ""
    words: str = ""
    since: str = ""
    until: str = ""
    before: tuple[str, str, int] | None = None


def read_entries(engine: Engine, sought: Sought, limit: int = PAGE) -> tuple[Entry, ...]:
    """Return a page of entries, the newest first."""
    texts = [type_coerce(audit_entry.c.at, Text) if name == "at" else audit_entry.c[name] for name in Entry.__slots__]
    rows = select(*texts).where(*_conditions(sought)).order_by(*_newest(sought)).limit(limit)
    with reading(engine) as connection:
        return tuple(Entry(*row) for row in connection.execute(rows))


def read_events(engine: Engine) -> tuple[str, ...]:
    """Return the kinds of entries that occur: each is looked up behind the one before, not sought among all entries."""
    first = select(func.min(audit_entry.c.event).label("event")).cte("kinds", recursive=True)
    behind = select(func.min(audit_entry.c.event)).where(audit_entry.c.event > first.c.event).scalar_subquery()
    kinds = first.union_all(select(behind).where(first.c.event.is_not(None)))
    with reading(engine) as connection:
        return tuple(event for event in connection.scalars(select(kinds.c.event)) if event is not None)


def _newest(sought: Sought) -> tuple[ColumnElement[object], ...]:
    """Order by time. Where words are sought, no index may serve the order: it would lead through every entry singly."""
    at = audit_entry.c.at
    return (
        (func.coalesce(at, "") if sought.words else at).desc(),
        audit_entry.c.chain.desc(),
        audit_entry.c.sequence.desc(),
    )


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    at = type_coerce(audit_entry.c.at, Text)
    if sought.chain:
        yield audit_entry.c.chain == sought.chain
    if sought.event:
        yield audit_entry.c.event == sought.event
    if sought.actor:
        yield audit_entry.c.actor == sought.actor
    if sought.since:
        yield at >= sought.since
    if sought.until:
        yield at < sought.until + "U"  # "T" stands behind the date
    if sought.before:
        here = tuple_(at, audit_entry.c.chain, audit_entry.c.sequence)
        yield here < tuple_(*(literal(one) for one in sought.before))
    for word in sought.words.split():
        yield audit_entry.c.body.icontains(word, autoescape=True)
