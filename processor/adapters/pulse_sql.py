"""Signs of life: when something was last seen to work. What nobody has seen for long is stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from processor.adapters.engine import reading, transact
from processor.adapters.insertion import insert_missing
from processor.adapters.operations_tables import pulse

POLLED = "poll "  # the name of a mailbox's sign of life begins so
RECONCILED = "reconcile "  # so does that of its comparison with the database, whose value is the difference
FOLLOWED_UP = "follow up"
BACKED_UP = "backup"


@dataclass(frozen=True, slots=True)
class Pulse:
    """When something was last seen to work (UTC), and what it counted then."""

    at: datetime
    value: int


def beat(engine: Engine, name: str, at: datetime, value: int = 0) -> None:
    """Note that something worked at a moment (UTC). A clock that was put back is believed."""
    transact(engine, lambda connection: _beat(connection, name, at, value))


def pulses(connection: Connection) -> dict[str, Pulse]:
    """Return every sign of life by its name."""
    return {row.name: Pulse(row.at, row.value) for row in connection.execute(select(pulse))}


def pulse_of(engine: Engine, name: str) -> Pulse | None:
    """Return one sign of life, or None where there was none."""
    with reading(engine) as connection:
        row = connection.execute(select(pulse).where(pulse.c.name == name)).one_or_none()
        return None if row is None else Pulse(row.at, row.value)


def _beat(connection: Connection, name: str, at: datetime, value: int) -> None:
    if not connection.execute(update(pulse).where(pulse.c.name == name).values(at=at, value=value)).rowcount:
        insert_missing(connection, pulse, [{"name": name, "at": at, "value": value}])
