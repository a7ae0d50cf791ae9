"""The ledger goes out as files: the four that come in, and the allocations (`contracts.md`, The ledger as files)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from processor.adapters.csv_rows import defuse
from processor.adapters.engine import reading
from processor.adapters.ledger_cells import FILES
from processor.adapters.tables import allocation, contact, invoice, partner, payment
from processor.core.currencies import to_text
from processor.ports import PermanentError

ALLOCATIONS = (
    "allocation_id",
    "payment_number",
    "invoice_number",
    "amount",
    "currency",
    "allocated_at",
    "request",
    "reverses",
    "actor",
)
_ROWS_AT_ONCE = 5000


class ExportError(PermanentError):
    """The ledger's files can't be written."""


def export_ledger(engine: Engine, folder: Path) -> dict[str, int]:
    """Write the five files into a folder, all as of one moment; return how many rows each has.

    Files of these names are replaced once all are written. Raises `ExportError`, `DatabaseUnavailableError`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with reading(engine) as connection:
            counts = {name: _write(_unfinished(folder, name), name, connection) for name in _FILES}
        for name in _FILES:
            _unfinished(folder, name).replace(folder / name)
    except OSError as error:
        raise ExportError(f"{folder}: {error.strerror}") from error
    return counts


def _unfinished(folder: Path, name: str) -> Path:
    return folder / f"{name}.unfinished"


def _write(path: Path, name: str, connection: Connection) -> int:
    columns, query = _FILES[name]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # commas, quotes where needed, CRLF: RFC 4180
        writer.writerow(columns)
        for row in connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)).mappings():
            writer.writerow([_cell(row[column], row.get("currency", "")) for column in columns])
            count += 1
    return count


def _cell(value: str | int | date | datetime | None, currency: str) -> str:
    """Write a value as the import reads it; what a person typed can't become a formula in a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, int):
        return to_text(value, currency)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else defuse(value)


_FILES: dict[str, tuple[Sequence[str], Select[*tuple[Any, ...]]]] = {
    "partners.csv": (FILES["partners.csv"], select(partner).order_by(partner.c.partner_id)),
    "contacts.csv": (
        FILES["contacts.csv"],
        select(contact).order_by(contact.c.partner_id, contact.c.address_key, contact.c.role),
    ),
    "invoices.csv": (FILES["invoices.csv"], select(invoice).order_by(invoice.c.partner_id, invoice.c.invoice_number)),
    "payments.csv": (
        FILES["payments.csv"],
        select(payment, payment.c.unallocated.label("unallocated_amount")).order_by(
            payment.c.partner_id, payment.c.payment_number
        ),
    ),
    "allocations.csv": (
        ALLOCATIONS,
        select(allocation).order_by(allocation.c.allocated_at, allocation.c.partner_id, allocation.c.allocation_id),
    ),
}
