"""The file that the billing page takes its allocations from: written whole, under a name of its own, never changed."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from processor.adapters.csv_rows import defuse
from processor.core.currencies import to_text
from processor.core.model import Allocation
from processor.ports import TransientError

COLUMNS = (
    "partner_id",
    "allocation_id",
    "payment_number",
    "invoice_number",
    "amount",
    "currency",
    "allocated_at",
    "request",
    "reverses",
    "published_at",
)


class FeedNotWrittenError(TransientError):
    """The file for the billing page can't be written."""


def feed_name(number: int) -> str:
    """Return the file's name; the order of the names is the order of the feeds."""
    return f"published-{number:08d}.csv"


def feed_content(rows: Iterable[tuple[Allocation, datetime]]) -> bytes:
    """Return the file: UTF-8, RFC 4180, a line per allocation with the time of its publication; a reversal is a line
    with a negative amount.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for one, published_at in rows:
        values = {name: getattr(one, name, "") for name in COLUMNS}
        values |= {"amount": to_text(one.amount, one.currency), "published_at": published_at}
        writer.writerow([_cell(values[name]) if name != "amount" else values[name] for name in COLUMNS])
    return written.getvalue().encode()


def write_feed(folder: Path, number: int, content: bytes) -> None:
    """Put the file where it belongs, all of it at once. Raises `FeedNotWrittenError`."""
    path = folder / feed_name(number)
    beside = folder / f".{path.name}.unfinished"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise FeedNotWrittenError(f"{path}: {error.strerror}") from error


def _cell(value: str | datetime) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else defuse(value)
