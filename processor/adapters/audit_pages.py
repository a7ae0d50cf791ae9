"""The audit log as a person leafs through it: filtered, newest first. Reading only; whether it holds, `audit` says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Text, select, type_coerce

from processor.adapters.audit import Entry
from processor.adapters.engine import reading
from processor.adapters.journal_tables import audit_entry

PAGE = 100


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries; an empty value asks for all. `since` and `until` are ISO dates (UTC), the latter included."""

    chain: str = ""
    event: str = ""
    actor: str = ""
    words: str = ""
    since: str = ""
    until: str = ""
    offset: int = 0


def read_entries(engine: Engine, sought: Sought, limit: int = PAGE) -> tuple[Entry, ...]:
    """Return a page of entries, the newest first."""
    texts = [type_coerce(audit_entry.c.at, Text) if name == "at" else audit_entry.c[name] for name in Entry.__slots__]
    newest = (audit_entry.c.at.desc(), audit_entry.c.chain, audit_entry.c.sequence.desc())
    rows = select(*texts).where(*_conditions(sought)).order_by(*newest).limit(limit).offset(sought.offset)
    with reading(engine) as connection:
        return tuple(Entry(*row) for row in connection.execute(rows))


def read_events(engine: Engine) -> tuple[str, ...]:
    """Return the kinds of entries that occur."""
    with reading(engine) as connection:
        return tuple(connection.scalars(select(audit_entry.c.event).distinct().order_by(audit_entry.c.event)))


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
    for word in sought.words.split():
        yield audit_entry.c.body.icontains(word, autoescape=True)
