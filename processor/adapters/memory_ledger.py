"""A ledger's files as a database in memory, and fresh copies of it: for mails that are decided without a mailbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from processor.adapters.books_sql import SqlBooks
from processor.adapters.csv_rows import Problem
from processor.adapters.engine import transact, watched
from processor.adapters.insertion import insert_missing
from processor.adapters.journal_tables import mail as mails
from processor.adapters.journal_tables import raw_message
from processor.adapters.ledger_import import import_ledger
from processor.adapters.schema import create
from processor.core.decision import Snapshot
from processor.core.message import Message
from processor.core.threading import ThreadKeys
from processor.ports import PermanentError, Phase, StoredMail


class LedgerFilesError(PermanentError):
    """The ledger's files can't be read; the arguments say where and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(*map(str, problems))
        self.problems = problems


class LedgerCopy:
    """Reads a folder of ledger files once, and gives a fresh copy within milliseconds. Raises `LedgerFilesError`."""

    def __init__(self, folder: Path, versions: Mapping[str, str] | None = None) -> None:
        self._original = _connect()
        self._copy = _connect()
        self._engine = _engine(self._copy)
        self._versions = versions
        engine = _engine(self._original)
        transact(engine, create)
        if problems := import_ledger(engine, folder, datetime.fromtimestamp(0, UTC)).problems:
            raise LedgerFilesError(problems)

    def fresh(self) -> ReplayBooks:
        """Return books on the ledger as the files have it. Books given before stand on the same copy: let them go."""
        self._original.backup(self._copy)
        return ReplayBooks(self._engine, self._versions)

    def close(self) -> None:
        """Let go of the memory."""
        self._original.close()
        self._copy.close()


class ReplayBooks(SqlBooks):
    """Books for mails that no mailbox held: each is taken in when it is first asked about. Its arrival is the time."""

    def __init__(self, engine: Engine, versions: Mapping[str, str] | None = None) -> None:
        self.engine = engine
        self._time = _MailTime()
        super().__init__(engine, self._time, versions)

    def snapshot_for(self, mail: StoredMail, message: Message, address: str | None, keys: ThreadKeys) -> Snapshot:
        self._time.moment = mail.received_at
        transact(self.engine, lambda connection: _take_in(connection, mail))
        return super().snapshot_for(mail, message, address, keys)


class _MailTime:
    """The clock of a replay: always the moment when the mail in hand arrived."""

    moment = datetime.fromtimestamp(0, UTC)

    def now(self) -> datetime:
        return self.moment


def _take_in(connection: Connection, mail: StoredMail) -> None:
    insert_missing(connection, raw_message, [{"sha256": mail.sha256, "raw": mail.raw}])
    row = {
        "id": mail.id,
        "mailbox": mail.mailbox,
        "sha256": mail.sha256,
        "size": mail.size,
        "headers_only": int(mail.headers_only),
        "received_at": mail.received_at,
        "stored_at": mail.received_at,
        "phase": Phase.STORED,
        "attempts": mail.attempts,
    }
    insert_missing(connection, mails, [row])


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def _engine(connection: sqlite3.Connection) -> Engine:
    return watched(create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool))
