"""The way to the database: how a connection is opened, and how a piece of work becomes one transaction.

Every writing transaction on SQLite takes its lock at once (`BEGIN IMMEDIATE`): nobody reads a balance that another is
about to change. On PostgreSQL the same is done by locking rows, in the order of their keys.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from processor.ports import PermanentError, TransientError

BUSY_SECONDS = 30  # how long a writer waits for another on SQLite
CONNECT_SECONDS = 10  # until a PostgreSQL that doesn't answer is given up
ATTEMPTS = 8  # of a transaction that lost a race
_PAUSE_SECONDS = 0.01  # after the first of them; doubled each time
_LOST_A_RACE = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_KEY_TAKEN = "23505"  # perhaps meanwhile, by another: looked at once more
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

T = TypeVar("T")

_JOINED: ContextVar[Connection | None] = ContextVar("joined", default=None)  # the transaction that others are part of


class DatabaseUnavailableError(TransientError):
    """The database can't be used at the moment."""


class DatabaseAddressError(PermanentError):
    """The database's address names neither SQLite nor PostgreSQL."""


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql://…`; nothing is connected yet.

    Raises `DatabaseAddressError`.
    """
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseAddressError(str(error)) from error
    if backend == "sqlite":
        return watched(create_engine(address.set(drivername="sqlite"), connect_args={"timeout": BUSY_SECONDS}))
    if backend == "postgresql":
        return create_engine(address.set(drivername="postgresql+psycopg"), connect_args=_postgresql_arguments(address))
    raise DatabaseAddressError(address.drivername)


def watched(engine: Engine) -> Engine:
    """Return an SQLite engine whose connections and transactions are all made as we need them."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees the database as it stood at one moment, and writes nothing.

    Raises `DatabaseUnavailableError`.
    """
    options = {"reads": True} if engine.dialect.name == "sqlite" else _SNAPSHOT
    with _outside(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do a piece of work in one transaction, again from its start where it lost a race against another.

    Raises `DatabaseUnavailableError`; whatever `work` raises undoes all of it.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            with _outside(engine), _transaction(engine) as connection:
                return work(connection)
        except (DBAPIError, DatabaseUnavailableError) as error:
            if not _lost_a_race(error, attempt):
                raise
        time.sleep(_PAUSE_SECONDS * 2**attempt)
    with _outside(engine), _transaction(engine) as connection:
        return work(connection)


@contextmanager
def together(engine: Engine) -> Iterator[None]:
    """Let every `transact` inside be part of one transaction: what it did is durable at the end of all, or undone.

    One that raises undoes itself alone. Nothing may be read by `reading` meanwhile.
    """
    with _outside(engine), engine.begin() as connection:
        token = _JOINED.set(connection)
        try:
            yield
        finally:
            _JOINED.reset(token)


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    outer = _JOINED.get()
    if outer is None or outer.engine is not engine:
        with engine.begin() as connection:
            yield connection
    else:
        with outer.begin_nested():
            yield outer


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # else REPLACE would get past the triggers that forbid deleting
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgresql_arguments(address: URL) -> dict[str, object]:
    ours = {"connect_timeout": CONNECT_SECONDS, "application_name": "processor", "options": "-c timezone=UTC"}
    return {key: value for key, value in ours.items() if key not in address.query}


@contextmanager
def _outside(engine: Engine) -> Iterator[None]:
    """Tell trouble outside in one sentence, with the place it is about; a password in the address stays hidden."""
    try:
        yield
    except DBAPIError as error:
        if not _is_outside(error):
            raise
        raise DatabaseUnavailableError(f"{engine.url}: {str(error.orig).strip()}") from error


def _is_outside(error: DBAPIError) -> bool:
    """What the database can't do now is trouble outside; a statement that is wrong is a fault of ours and stays one."""
    broken_file = type(error) is DatabaseError  # SQLite: "file is not a database", "disk image is malformed"
    return broken_file or isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated


def _lost_a_race(error: DBAPIError | DatabaseUnavailableError, attempt: int) -> bool:
    cause = error.__cause__ if isinstance(error, DatabaseUnavailableError) else error
    state = getattr(getattr(cause, "orig", None), "sqlstate", None)
    return state in _LOST_A_RACE or (state == _KEY_TAKEN and attempt == 1)
