"""The ledger's files come in: all of them in one transaction, or none of it (`contracts.md`, The ledger as files)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, select, text, update

from processor.adapters import audit
from processor.adapters.contact_merge import merge_contacts
from processor.adapters.csv_rows import Problem, Row
from processor.adapters.engine import transact
from processor.adapters.ledger_cells import Values
from processor.adapters.ledger_digest import digests
from processor.adapters.ledger_merge import INVOICE, PARTNER, PAYMENT, Counts, Item, Sums, allocated_sums, merge
from processor.adapters.ledger_rows import LedgerRows
from processor.adapters.tables import partner

_BATCH = 500  # rows looked up and written at once
# Until PostgreSQL gets to it by itself, it would go through whole tables for one sender's partners.
_MEASURED = text("ANALYZE partner, contact, invoice, payment")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import: with `problems` nothing was changed; at `contradictions` the ledger's own stood."""

    problems: tuple[Problem, ...] = ()
    contradictions: tuple[Problem, ...] = ()
    counts: Counts = field(default_factory=Counts)


class _RefusedError(Exception):
    """Undoes an import that found something wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = tuple(sorted(problems))


def import_ledger(engine: Engine, folder: Path, now: datetime, actor: str = "processor") -> ImportReport:
    """Read the four files of a folder into the ledger, in one transaction; `now` is UTC, for the audit log.

    Rows are added, or updated by their key; rows that a file doesn't have stay. Raises `DatabaseUnavailableError`.
    """
    try:
        return transact(engine, lambda connection: _import(connection, folder, now, actor))
    except _RefusedError as refused:
        return ImportReport(problems=refused.problems)


def _import(connection: Connection, folder: Path, now: datetime, actor: str) -> ImportReport:
    rows = LedgerRows(folder, set(connection.scalars(select(partner.c.partner_id))))
    sums = allocated_sums(connection)
    counts = Counts()
    contradictions: list[Problem] = []
    # Partners come before what belongs to them.
    for name, item in (("partners.csv", PARTNER), ("invoices.csv", INVOICE), ("payments.csv", PAYMENT)):
        for batch in _batches(rows.of(name)):
            if not rows.problems:  # else nothing will be written, and the rest is only looked through
                contradictions += _merge_items(connection, item, batch, sums.get(item.table, {}), counts)
    contacts = [values for _, values in rows.of("contacts.csv")]
    if rows.problems:
        raise _RefusedError(rows.problems)
    merge_contacts(connection, contacts, counts)
    _record(connection, counts, now, actor)
    if connection.dialect.name == "postgresql" and counts.added.total():
        connection.execute(_MEASURED)
    return ImportReport((), tuple(contradictions), counts)


def _merge_items(
    connection: Connection, item: Item, batch: list[tuple[Row, Values]], sums: Sums, counts: Counts
) -> list[Problem]:
    keys = [values[item.key] for _, values in batch]
    on_file = connection.execute(select(item.table).where(item.table.c[item.key].in_(keys))).mappings()
    before: dict[object, Values] = {row[item.key]: dict(row) for row in on_file}
    contradictions: list[Problem] = []
    fresh: list[Values] = []
    changed: list[Values] = []
    for row, values in batch:
        new, old = item.from_file(values), before.get(values[item.key])
        if old is None:
            fresh.append(new)
            continue
        if str(new[item.key]) in sums:
            new, told = merge(item, row, new, old, sums[str(new[item.key])])
            contradictions += told
        if new != old:
            changed.append(new | {"old_partner": old["partner_id"], "old_key": old[item.key]})
    _write(connection, item, fresh, changed)
    name = batch[0][0].file
    counts.added[name] += len(fresh)
    counts.changed[name] += len(changed)
    counts.same[name] += len(batch) - len(fresh) - len(changed)
    return contradictions


def _write(connection: Connection, item: Item, fresh: list[Values], changed: list[Values]) -> None:
    if fresh:
        connection.execute(item.table.insert(), fresh)
    if changed:
        table = item.table
        found = (table.c.partner_id == bindparam("old_partner")) & (table.c[item.key] == bindparam("old_key"))
        connection.execute(update(table).where(found), changed)


def _batches(rows: Iterator[tuple[Row, Values]]) -> Iterator[list[tuple[Row, Values]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _record(connection: Connection, counts: Counts, now: datetime, actor: str) -> None:
    body: dict[str, audit.JsonValue] = {
        "added": {**counts.added},
        "changed": {**counts.changed},
        "removed": {**counts.removed},
        "digests": {**digests(connection)},
    }
    audit.append(connection, audit.LEDGER_CHAIN, "imported", body, actor, now)
