"""The audit log, and the settings in force."""

from __future__ import annotations

from processor.adapters import audit
from processor.adapters.audit_pages import PAGE, Sought, read_entries
from processor.adapters.engine import reading
from processor.console.api.cursor import cursor_of, place_of
from processor.console.api.shape import Asked, Cursor, Day, Shape, Text, Word
from processor.console.records import in_force
from processor.console.room import Visit


class AuditAsked(Asked):
    """Which entries; what is left out asks for all. `since` and `until` are days (UTC), both included."""

    chain: Word = ""
    event: Word = ""
    actor: Word = ""
    q: Word = ""
    since: Day | None = None
    until: Day | None = None
    cursor: Cursor = ""


class Entry(Shape):
    """One sealed entry. `body` is JSON, and `at` UTC, both as the text that was sealed."""

    chain: Text
    sequence: int
    format: int
    at: str
    actor: Text
    event: str
    body: Text
    previous: str
    hash: str


class Entries(Shape):
    """A hundred entries, the newest first; `next` is the cursor of those behind, if there are any."""

    entries: tuple[Entry, ...]
    next: str | None


class Break(Shape):
    """A place where a chain doesn't hold, and why."""

    chain: Text
    sequence: int
    reason: str


class Verified(Shape):
    """Whether every seal of the log holds, and where not."""

    holds: bool
    breaks: tuple[Break, ...]


class Setting(Shape):
    """One setting as it is in force, and where it comes from; of a secret only whether there is one."""

    section: str
    key: str
    value: str
    source: str
    words: str


class Settings(Shape):
    """Every setting."""

    settings: tuple[Setting, ...]


def list_audit(visit: Visit, asked: AuditAsked) -> Entries:
    """The audit log, filtered and searched."""
    place = place_of(asked.cursor, str, str, int)
    sought = Sought(
        chain=asked.chain,
        event=asked.event,
        actor=asked.actor,
        words=asked.q,
        since=asked.since.isoformat() if asked.since else "",
        until=asked.until.isoformat() if asked.until else "",
        before=(str(place[0]), str(place[1]), int(place[2])) if place else None,
    )
    found = read_entries(visit.room.engine, sought, PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = cursor_of(last.at, last.chain, last.sequence) if last else None
    return Entries(entries=tuple(map(Entry.model_validate, found[:PAGE])), next=following)


def verify_audit(visit: Visit) -> Verified:
    """Recompute every seal of the log."""
    with reading(visit.room.engine) as connection:
        breaks = audit.verify(connection)
    return Verified(holds=not breaks, breaks=tuple(map(Break.model_validate, breaks)))


def show_settings(visit: Visit) -> Settings:
    """The settings in force, secrets hidden."""
    found = in_force(visit.room.settings, visit.room.config)
    return Settings(settings=tuple(map(Setting.model_validate, found)))
