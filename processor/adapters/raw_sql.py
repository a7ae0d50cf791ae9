"""The bytes of mails in the database. A large one passes in pieces: the drivers would hold it several times over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import cast

from sqlalchemy import Connection, Integer, Select, bindparam, case, func, literal_column, null, select, text
from sqlalchemy.exc import OperationalError

from processor.adapters.insertion import insert_missing
from processor.adapters.journal_tables import raw_message

LARGE = 1_000_000  # bytes; also of a piece

_BYTES = raw_message.c.raw
SHORT_RAW = case((func.length(_BYTES) <= LARGE, _BYTES), else_=null()).label("raw")  # what is longer: `read_raw`

_THIS = raw_message.c.sha256 == bindparam("of_sha256")
_SIZE = select(func.length(_BYTES)).where(_THIS)
_PIECE = select(func.substring(_BYTES, bindparam("start"), LARGE)).where(_THIS)
_PLACE: Select[int] = select(literal_column("rowid", Integer)).select_from(raw_message).where(_THIS)
_MAKE_ROOM = text(
    "INSERT INTO raw_message (sha256, raw) VALUES (:sha256, zeroblob(:size)) ON CONFLICT DO NOTHING RETURNING rowid"
)


def keep_raw(connection: Connection, mails: Sequence[tuple[str, bytes]]) -> None:
    """Store bytes, each under its SHA-256, in the caller's transaction; those that are there already stay."""
    in_pieces = {sha256: raw for sha256, raw in mails if len(raw) > LARGE and connection.dialect.name == "sqlite"}
    rows: list[dict[str, object]] = [{"sha256": sha256, "raw": raw} for sha256, raw in mails if sha256 not in in_pieces]
    insert_missing(connection, raw_message, rows)
    for sha256, raw in in_pieces.items():
        place = connection.scalar(_MAKE_ROOM, {"sha256": sha256, "size": len(raw)})
        if place is not None:
            _write(connection, place, raw)


def read_raw(connection: Connection, sha256: str) -> bytes:
    """Return the bytes of a mail, however many."""
    this = {"of_sha256": sha256}
    if connection.dialect.name != "sqlite":
        whole = BytesIO(bytes(connection.execute(_SIZE, this).scalar_one()))
        for start in range(0, len(whole.getbuffer()), LARGE):
            whole.write(connection.execute(_PIECE, this | {"start": start + 1}).scalar_one())
        return whole.getvalue()
    with _blob(connection, connection.execute(_PLACE, this).scalar_one(), readonly=True) as blob:
        return blob.read()


def _write(connection: Connection, place: int, raw: bytes) -> None:
    pieces = memoryview(raw)
    with _blob(connection, place) as blob:
        for start in range(0, len(raw), LARGE):
            blob.write(pieces[start : start + LARGE])


@contextmanager
def _blob(connection: Connection, place: int, *, readonly: bool = False) -> Iterator[sqlite3.Blob]:
    """Open the bytes of a row; trouble is told as that of any statement."""
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    try:
        with driver.blobopen("raw_message", "raw", place, readonly=readonly) as blob:
            yield blob
    except sqlite3.OperationalError as error:
        raise OperationalError("the bytes of a mail", None, error) from error
