"""The database of a simulation: in memory, with the program's own tables, fresh within milliseconds."""

from __future__ import annotations

import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from processor.adapters.engine import transact, watched
from processor.adapters.ledger_import import import_ledger
from processor.adapters.schema import create
from tests.simulation.mails import books
from tests.simulation.outside import START

PARTNERS = 40


@cache
def _original() -> sqlite3.Connection:
    """A database with the ledger in it, made once."""
    connection = _connect()
    engine = _engine(connection)
    transact(engine, create)
    with tempfile.TemporaryDirectory() as folder:
        assert import_ledger(engine, books(Path(folder), PARTNERS), START).problems == ()
    return connection


def fresh() -> Engine:
    """Return a database in which nothing has happened yet. What was there before is gone."""
    connection, engine = _copy()
    connection.rollback()
    _original().backup(connection)
    return engine


@cache
def _copy() -> tuple[sqlite3.Connection, Engine]:
    """The database of one simulation after the other: an engine keeps the statements that it has compiled."""
    connection = _connect()
    return connection, _engine(connection)


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def _engine(connection: sqlite3.Connection) -> Engine:
    return watched(create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool))
