"""Signs of life: when something was last seen to work. What nobody has seen for long is stuck."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from processor.adapters.engine import transact
from processor.adapters.insertion import insert_missing
from processor.adapters.operations_tables import pulse

POLLED = "poll "  # the name of a mailbox's sign of life begins so


def beat(engine: Engine, name: str, at: datetime) -> None:
    """Note that something worked at a moment (UTC). A clock that was put back is believed."""
    transact(engine, lambda connection: note_beat(connection, name, at))


def note_beat(connection: Connection, name: str, at: datetime) -> None:
    """Do the same in the caller's transaction."""
    if not connection.execute(update(pulse).where(pulse.c.name == name).values(at=at)).rowcount:
        insert_missing(connection, pulse, [{"name": name, "at": at}])


def pulses(connection: Connection) -> dict[str, datetime]:
    """Return every sign of life by its name."""
    return {row.name: row.at for row in connection.execute(select(pulse))}
