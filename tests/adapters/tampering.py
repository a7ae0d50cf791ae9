"""`make tamper MUTATIONS=5000`: rows of ledger and audit log are bent, taken out, put in, exchanged, cut, written anew.

Each time the database is that of a simulated installation at the end of its work, and each time the program's own check
has to see it, given the heads of the audit log that were kept elsewhere.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, TableClause, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

from processor.adapters import audit
from processor.adapters.engine import reading
from processor.adapters.ledger_check import check_ledger
from tests.adapters.tamper import ALLOCATION, AUDIT, CONTACT, INVOICE, PARTNER, PAYMENT
from tests.simulation.outside import quiet
from tests.simulation.run import STEPS, open_world

TABLES = (PARTNER, CONTACT, PAYMENT, INVOICE, ALLOCATION, AUDIT)
CHANGES_TO_ONE = 200  # installation, before the next is made
TRIES = 50  # of one way, before another is taken

Row = dict[str, Any]


@dataclass
class Victim:
    """A database without any guard, which can be put back as it was."""

    original: sqlite3.Connection
    engine: Engine
    driver: sqlite3.Connection
    anchor: tuple[audit.Head, ...]
    before: list[object]

    def restore(self) -> None:
        """Undo whatever was done."""
        self.driver.rollback()
        self.original.backup(self.driver)

    def changed(self) -> bool:
        """Tell whether any row differs from the original."""
        return _whole(self.driver) != self.before


def victim_of(seed: int) -> Victim:
    """Let a simulated installation work to its end, and take the guards off a copy of its database."""
    world = open_world(seed)
    for _ in range(2 * STEPS):
        world.step()
    assert world.settle()
    original, driver = (sqlite3.connect(":memory:", check_same_thread=False) for _ in range(2))
    with world.engine.connect() as connection:
        held = connection.connection.driver_connection
        assert isinstance(held, sqlite3.Connection)
        held.backup(original)
    for (name,) in original.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        original.execute(f"DROP TRIGGER {name}")
    original.commit()
    original.backup(driver)
    driver.execute("PRAGMA ignore_check_constraints = ON")
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
    assert check_ledger(engine) == ()
    with reading(engine) as connection:
        anchor = audit.heads(connection)
    return Victim(original, engine, driver, anchor, _whole(driver))


def _whole(driver: sqlite3.Connection) -> list[object]:
    return [sorted(map(repr, driver.execute(f"SELECT * FROM {table.name}"))) for table in TABLES]  # noqa: S608 our own


# --- what an intruder does ---------------------------------------------------------------------------------------


def edit(connection: Connection, chance: Random) -> None:
    """Change one value: by a character, by a unit, to that of another row, or to nothing."""
    table, rows = _some_rows(connection, chance)
    row, column = chance.choice(rows), chance.choice([one.name for one in table.c])
    ways: list[Callable[[], Any]] = [
        lambda: chance.choice(rows)[column],
        lambda: None,
        lambda: _bent(row[column], chance),
        lambda: _bent(row[column], chance),
    ]
    connection.execute(table.update().where(*_this(table, row)).values({column: chance.choice(ways)()}))


def take_out(connection: Connection, chance: Random) -> None:
    """Delete a row."""
    table, rows = _some_rows(connection, chance)
    connection.execute(table.delete().where(*_this(table, chance.choice(rows))))


def put_in(connection: Connection, chance: Random) -> None:
    """Insert a copy of a row, with some of its values changed."""
    table, rows = _some_rows(connection, chance)
    row = dict(chance.choice(rows))
    for column in chance.sample(sorted(row), chance.randint(1, 3)):
        row[column] = _bent(row[column], chance)
    connection.execute(insert(table).values(row))


def exchange(connection: Connection, chance: Random) -> None:
    """Let two rows change places: all values of one column, or their order in the log."""
    table, rows = _some_rows(connection, chance)
    one = chance.choice(rows)
    other = chance.choice([row for row in rows if table is not AUDIT or row["chain"] == one["chain"]])
    column = "sequence" if table is AUDIT else chance.choice([one.name for one in table.c])
    moved = [dict(one) | {column: other[column]}, dict(other) | {column: one[column]}]
    for row in (one, other):
        connection.execute(table.delete().where(*_this(table, row)))
    connection.execute(insert(table), moved)


def cut_tail(connection: Connection, chance: Random) -> None:
    """Delete the newest entries of a chain; the chain itself can't tell."""
    head = chance.choice(audit.heads(connection))
    first = chance.randint(1, head.sequence)
    connection.execute(AUDIT.delete().where(AUDIT.c.chain == head.chain, AUDIT.c.sequence >= first))


def write_anew(connection: Connection, chance: Random) -> None:
    """Seal a chain anew with one of its entries changed, or all chains at another moment."""
    chains = [head.chain for head in audit.heads(connection)]
    if chance.random() < 0.1:
        for chain in chains:
            _seal_again(connection, chain, lambda entry: entry | {"at": "2020-01-01T00:00:00+00:00"})
        return
    chain = chance.choice(chains)
    bent = chance.choice([entry.sequence for entry in audit.entries(connection, chain)])
    _seal_again(connection, chain, lambda entry: entry | ({"actor": "nobody"} if entry["sequence"] == bent else {}))


def cover_up(connection: Connection, chance: Random) -> None:
    """Undo an allocation as if it had never been: balances made right, its entries left out, the chain sealed anew."""
    rows = connection.execute(select(ALLOCATION)).mappings().all()
    victim = chance.choice(rows)
    names = [
        victim["allocation_id"],
        *(row["allocation_id"] for row in rows if row["reverses"] == victim["allocation_id"]),
    ]
    for row in rows:
        if row["allocation_id"] in names:
            _give_back(connection, row)
    chain = f"partner:{victim['partner_id']}"
    _seal_again(connection, chain, lambda entry: None if any(name in entry["body"] for name in names) else entry)


WAYS = (edit, edit, edit, take_out, put_in, exchange, cut_tail, write_anew, cover_up)


def _some_rows(connection: Connection, chance: Random) -> tuple[TableClause, list[Row]]:
    table = chance.choice((*TABLES, ALLOCATION, AUDIT, AUDIT))
    return table, [dict(row) for row in connection.execute(select(table)).mappings()]


def _this(table: TableClause, row: Row) -> list[Any]:
    return [column.is_not_distinct_from(row[column.name]) for column in table.c]


def _bent(value: object, chance: Random) -> object:
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 100, -2 * value, 10**6))
    found = str(value or "")
    where = chance.randrange(len(found) + 1)
    return found[:where] + chance.choice("0123456789abcdef{}- ") + found[where + chance.randint(0, 1) :]


def _give_back(connection: Connection, row: Any) -> None:  # noqa: ANN401 a row
    owner = {"partner": row["partner_id"], "minor": row["amount"]}
    payment = text(
        "UPDATE payment SET unallocated = unallocated + :minor WHERE partner_id = :partner AND payment_number = :number"
    )
    invoice = text(
        "UPDATE invoice SET open_amount = open_amount + :minor, status = 'open'"
        " WHERE partner_id = :partner AND invoice_number = :number"
    )
    connection.execute(payment, owner | {"number": row["payment_number"]})
    connection.execute(invoice, owner | {"number": row["invoice_number"]})
    connection.execute(ALLOCATION.delete().where(*_this(ALLOCATION, row)))


def _seal_again(connection: Connection, chain: str, act: Callable[[Row], Row | None]) -> None:
    rows = [dict(row) for row in connection.execute(select(AUDIT).where(AUDIT.c.chain == chain)).mappings()]
    connection.execute(AUDIT.delete().where(AUDIT.c.chain == chain))
    for row in sorted(rows, key=lambda row: int(row["sequence"])):
        if (entry := act(row)) is not None:
            at, body = datetime.fromisoformat(entry["at"]), json.loads(entry["body"])
            audit.append(connection, chain, entry["event"], body, entry["actor"], at)


# --- the campaign ------------------------------------------------------------------------------------------------


def tamper(amount: int, seed: int, *, anchored: bool = True) -> Iterator[tuple[str, str]]:
    """Yield so many changes that changed something: how it was done, and what was not seen of it."""
    chance, made = Random(seed), 0  # noqa: S311 no secret
    while made < amount:
        one = victim_of(seed * 10_000 + made)
        for _ in range(min(CHANGES_TO_ONE, amount - made)):
            way = _until_something_changed(one, chance)
            seen = check_ledger(one.engine, one.anchor if anchored else ())
            made += 1
            yield way, "" if seen else f"number {made}: {way} was not seen"
            one.restore()


def _until_something_changed(one: Victim, chance: Random) -> str:
    while True:
        way = chance.choice(WAYS)
        for _ in range(TRIES):
            with (
                suppress(IntegrityError, IndexError),
                one.engine.begin() as connection,
            ):  # a key is taken; nothing there
                way(connection, chance)
            if one.changed():
                return way.__name__
            one.restore()


def main() -> int:
    """Run, tell, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.adapters.tampering", description=__doc__)
    parser.add_argument("--mutations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    quiet()
    begin, ways, unseen = time.monotonic(), Counter[str](), 0
    for way, sentence in tamper(options.mutations, options.seed):
        ways[way] += 1
        if sentence:
            unseen += 1
            sys.stdout.write(f"UNSEEN  {sentence}\n")
    told = {"mutations": ways.total(), "unseen": unseen, "ways": ways, "seconds": round(time.monotonic() - begin, 1)}
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
