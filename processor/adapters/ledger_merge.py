"""A row of a file meets the row that the ledger has.

What the processor itself has allocated is never touched. A balance in a file counts while it agrees with some state
that our allocations passed through, for files may lag behind; else the ledger's own stands, and that is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, select

from processor.adapters.csv_rows import Problem, Row
from processor.adapters.ledger_cells import Value, Values
from processor.adapters.tables import allocation, invoice, partner, payment
from processor.core.currencies import to_text
from processor.core.model import InvoiceStatus

_RESTING = "and allocations that rest upon it"

Sums = Mapping[str, frozenset[int]]  # by number: what our allocations came to, after each of them


@dataclass(slots=True)
class Counts:
    """How many rows of each file were new, changed, the same as before, or, of roles, taken away."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Item:
    """What kind of row a file brings: its table and key, and where its balance stands in file and table."""

    table: Table
    key: str
    from_file: Callable[[Values], Values]
    pinned: tuple[str, ...] = ()  # once something is allocated, nothing of these may change
    file_balance: str = ""
    balance: str = ""
    opening: str = ""


def _payment(values: Values) -> Values:
    left = values.pop("unallocated_amount")
    return values | {"unallocated": left, "opening_unallocated": left}


def _invoice(values: Values) -> Values:
    still_open = _number(values["open_amount"])
    return values | {"opening_open": still_open, "status": _status(values["status"], still_open)}


PARTNER = Item(partner, "partner_id", lambda values: values)
PAYMENT = Item(
    payment,
    "payment_number",
    _payment,
    ("partner_id", "currency", "amount"),
    "unallocated_amount",
    "unallocated",
    "opening_unallocated",
)
INVOICE = Item(
    invoice,
    "invoice_number",
    _invoice,
    ("partner_id", "currency", "total", "document_type"),
    "open_amount",
    "open_amount",
    "opening_open",
)


def allocated_sums(connection: Connection) -> dict[Table, Sums]:
    """Return, for every payment and invoice that we allocated from or to, each sum that the allocations reached."""
    reached: dict[Table, dict[str, list[int]]] = {payment: {}, invoice: {}}
    columns = (allocation.c.payment_number, allocation.c.invoice_number, allocation.c.amount)
    ordered = select(*columns).order_by(allocation.c.allocated_at, allocation.c.allocation_id)
    for payment_number, invoice_number, amount in connection.execute(ordered):
        for table, number in ((payment, payment_number), (invoice, invoice_number)):
            sums = reached[table].setdefault(number, [0])
            sums.append(sums[-1] + amount)
    return {table: {number: frozenset(sums) for number, sums in found.items()} for table, found in reached.items()}


def merge(item: Item, row: Row, new: Values, old: Values, sums: frozenset[int]) -> tuple[Values, list[Problem]]:
    """Return what the ledger is to hold for an item that we allocated from or to, and where the file contradicts it."""
    contradictions = [
        row.problem(column, f"says {_told(new, column)}; the ledger has {_told(old, column)}, {_RESTING}")
        for column in item.pinned
        if new[column] != old[column]
    ]
    stated, opening = _number(new[item.balance]), _number(old[item.opening])
    if not contradictions and opening - stated not in sums:
        contradictions.append(row.problem(item.file_balance, _differs(stated, old, item)))
    kept = {column: old[column] for column in (*item.pinned, item.balance, item.opening)}
    status = {"status": _status(new["status"], _number(old[item.balance]))} if "status" in new else {}
    return new | kept | status, contradictions


def _told(values: Values, column: str) -> str:
    value = values[column]
    return to_text(value, str(values["currency"])) if isinstance(value, int) else str(value)


def _differs(stated: int, old: Values, item: Item) -> str:
    currency = str(old["currency"])
    now, before = (_number(old[column]) for column in (item.balance, item.opening))
    texts = (to_text(minor, currency) for minor in (stated, now, before - now))
    return "says {}; the ledger has {}, after {} that the processor allocated".format(*texts)


def _status(stated: Value, open_amount: int) -> Value:
    """Void and locked are the books' to say; open or paid follows from what is open."""
    if stated in (InvoiceStatus.VOID, InvoiceStatus.LOCKED):
        return stated
    return InvoiceStatus.OPEN.value if open_amount else InvoiceStatus.PAID.value


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"an amount is a whole number, not {value!r}")
    return value
