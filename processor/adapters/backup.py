"""Safety copies of an SQLite ledger, made while it is in use; proved readable before they count as copies.

PostgreSQL has tools of its own for this (`pg_dump`, `pg_basebackup`), which know more than we could.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from processor.adapters.engine import open_engine
from processor.adapters.ledger_check import check_ledger
from processor.adapters.schema import check_schema
from processor.ports import OutsideError, PermanentError

_COMPANIONS = ("", "-wal", "-shm")  # a database that was not closed is more than one file


class BackupError(PermanentError):
    """The safety copy can't be made, or can't be used."""


def backup(engine: Engine, target: Path) -> None:
    """Copy the ledger into a file, as of one moment; the file is only there once the copy is proved readable.

    Raises `BackupError`.
    """
    _copy(_file_of(engine), target)


def restore(source: Path, engine: Engine) -> Path | None:
    """Put a readable copy in the ledger's place; return where the ledger that stood there was put, if there was one.

    Nobody may be at work on it. Raises `BackupError`.
    """
    target = _file_of(engine)
    if wrong := _damage(source):
        raise BackupError(*wrong)
    engine.dispose()
    aside = _put_aside(target) if target.exists() else None
    _copy(source, target)
    return aside


def verify(copy: Path) -> tuple[str, ...]:
    """Return what is wrong with a copy: its file, its schema, its ledger; nothing when all is well."""
    if wrong := _damage(copy):
        return wrong
    engine = open_engine(f"sqlite:///{copy}")
    try:
        return tuple(f"{copy}: {finding}" for finding in check_ledger(engine))
    finally:
        engine.dispose()


def _file_of(engine: Engine) -> Path:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise BackupError("this database has tools of its own: use pg_dump and pg_restore")
    return Path(engine.url.database)


def _copy(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as ledger:
            unfinished.unlink(missing_ok=True)
            with closing(sqlite3.connect(unfinished)) as copy:
                ledger.backup(copy)  # in one step: as of one moment, and writers don't wait for it
        if wrong := _damage(unfinished):
            raise BackupError(*wrong)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{target}: {error}") from error


def _damage(copy: Path) -> tuple[str, ...]:
    if not copy.is_file():
        return (f"{copy}: there is no such file",)
    engine = open_engine(f"sqlite:///{copy}")
    try:
        with closing(sqlite3.connect(copy)) as connection:
            damage = [words for (words,) in connection.execute("PRAGMA integrity_check") if words != "ok"]
        check_schema(engine)
    except (OutsideError, sqlite3.Error) as error:
        damage = [str(error)]
    finally:
        engine.dispose()
    return tuple(f"{copy}: {words}" for words in damage)


def _put_aside(ledger: Path) -> Path:
    names = (ledger.with_name(f"{ledger.name}.before-restore-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    for companion in _COMPANIONS:
        file = ledger.with_name(ledger.name + companion)
        if file.exists():
            file.replace(aside.with_name(aside.name + companion))
    return aside
