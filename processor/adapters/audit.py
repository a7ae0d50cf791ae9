"""The audit log: chains of entries, each sealed with the hash of the one before, so that none can be changed unseen.

A chain belongs to a partner or a mailbox (`ledger` is that of the imports). Against a cut tail, or a whole log written
anew, only heads help that were kept elsewhere (`reliability.md` 0): `heads` gives them, `verify` takes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, func, select, type_coerce

from processor.adapters.columns import moment_text
from processor.adapters.journal_tables import audit_entry

FORMAT = 1  # of an entry; a new way to seal gets the next number, and the old entries keep theirs
LEDGER_CHAIN = "ledger"
OPERATIONS_CHAIN = "operations"  # what is about no partner and no mailbox

_LOCK_CHAIN = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("of_chain"), 0)))
_NEWEST = (
    select(audit_entry.c.chain, audit_entry.c.sequence, audit_entry.c.hash)
    .where(audit_entry.c.chain == bindparam("of_chain"))
    .order_by(audit_entry.c.sequence.desc())
    .limit(1)
)
_ADD = audit_entry.insert()

JsonValue = str | int | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """Where a chain stood: its newest entry's number and hash."""

    chain: str
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed entry; `body` is JSON, `at` UTC, both as the text that was sealed."""

    chain: str
    sequence: int
    format: int
    at: str
    actor: str
    event: str
    body: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain doesn't hold, and why."""

    chain: str
    sequence: int
    reason: str


def chain_of(partner_id: str | None, mailbox: str) -> str:
    """Return the chain that keeps what concerns a partner, or a mail of nobody's."""
    return f"partner:{partner_id}" if partner_id else f"mailbox:{mailbox}"


def append(
    connection: Connection, chain: str, event: str, body: Mapping[str, JsonValue], actor: str, at: datetime
) -> Head:
    """Add an entry to a chain, in the caller's transaction. `body` is what happened, in full; `at` is UTC."""
    last = _lock_head(connection, chain)
    number, moment, content = last.sequence + 1, moment_text(at), _canonical(dict(body))
    entry = Entry(chain, number, FORMAT, moment, actor, event, content, last.hash, "")
    seal = _seal(entry)
    values = {name: getattr(entry, name) for name in Entry.__slots__} | {"at": at, "hash": seal}
    connection.execute(_ADD, values)
    return Head(chain, number, seal)


def heads(connection: Connection) -> tuple[Head, ...]:
    """Return the newest entry of every chain: what must be kept outside the database."""
    newest = (
        select(audit_entry.c.chain, func.max(audit_entry.c.sequence).label("sequence"))
        .group_by(audit_entry.c.chain)
        .subquery()
    )
    rows = select(audit_entry.c.chain, audit_entry.c.sequence, audit_entry.c.hash).join(
        newest, (audit_entry.c.chain == newest.c.chain) & (audit_entry.c.sequence == newest.c.sequence)
    )
    return tuple(sorted(Head(*row) for row in connection.execute(rows)))


def entries(connection: Connection, chain: str | None = None) -> Iterator[Entry]:
    """Read every entry, or those of one chain; chain by chain, in order."""
    texts = [type_coerce(audit_entry.c.at, Text) if name == "at" else audit_entry.c[name] for name in Entry.__slots__]
    ordered = select(*texts).order_by(audit_entry.c.chain, audit_entry.c.sequence)
    ordered = ordered if chain is None else ordered.where(audit_entry.c.chain == chain)
    for row in connection.execute(ordered.execution_options(yield_per=1000)):
        yield Entry(*row)


def verify(connection: Connection, anchor: Iterable[Head] = ()) -> tuple[Break, ...]:
    """Recompute every seal; name each entry that was changed, put in or moved, and each cut that `anchor` shows."""
    kept = {(head.chain, head.sequence): head.hash for head in anchor}
    breaks: list[Break] = []
    last = Head("", 0, "")
    for entry in entries(connection):
        before = last if last.chain == entry.chain else Head(entry.chain, 0, "")
        breaks.extend(Break(entry.chain, entry.sequence, reason) for reason in _faults(entry, before))
        if kept.pop((entry.chain, entry.sequence), entry.hash) != entry.hash:
            breaks.append(Break(entry.chain, entry.sequence, "is not the entry that the anchor kept"))
        last = Head(entry.chain, entry.sequence, entry.hash)
    gone = (Break(chain, sequence, "is gone, though the anchor kept it") for chain, sequence in sorted(kept))
    return (*breaks, *gone)


def _lock_head(connection: Connection, chain: str) -> Head:
    """Return the newest entry; nobody else adds to the chain now, and the table's key guards against a fork."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK_CHAIN, {"of_chain": chain})
    row = connection.execute(_NEWEST, {"of_chain": chain}).one_or_none()
    return Head(chain, 0, "") if row is None else Head(*row)


def _faults(entry: Entry, before: Head) -> Iterator[str]:
    if entry.format != FORMAT:
        yield f"has a format that this program doesn't know: {entry.format}"
    elif entry.hash != _seal(entry):
        yield "was changed"
    if entry.sequence != before.sequence + 1:
        yield f"doesn't follow upon number {before.sequence}"
    elif entry.previous != before.hash:
        yield "isn't sealed to the entry before it"


def _seal(entry: Entry) -> str:
    parts = [
        entry.format,
        entry.chain,
        entry.sequence,
        entry.at,
        entry.actor,
        entry.event,
        entry.body,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _canonical(body: dict[str, JsonValue]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
