"""The ledger proved from its journal: every balance recomputed, every row held against what the audit log sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select

from processor.adapters import audit
from processor.adapters.engine import reading
from processor.adapters.findings import Finding
from processor.adapters.journal_check import journal_findings
from processor.adapters.tables import allocation, invoice, payment
from processor.core.currencies import exponent, to_text
from processor.core.model import InvoiceStatus

_ROWS_AT_ONCE = 5000


def check_ledger(engine: Engine, anchor: Iterable[audit.Head] = ()) -> tuple[Finding, ...]:
    """Return every row that breaks an invariant, as of one moment; none means that the ledger is whole.

    `anchor` are heads of the audit log that were kept elsewhere. Raises `DatabaseUnavailableError`.
    """
    with reading(engine) as connection:
        breaks = (
            Finding("audit_entry", f"{broken.chain} {broken.sequence}", broken.reason)
            for broken in audit.verify(connection, anchor)
        )
        return tuple(sorted([*breaks, *_balances(connection), *journal_findings(connection)]))


def _balances(connection: Connection) -> Iterator[Finding]:
    """Opening less allocations is what is left; unless the books say otherwise, an invoice's status follows from it."""
    for row in _with_sums(connection, payment, ("payment_number", "unallocated", "opening_unallocated", "amount")):
        yield from _off("payment", row)
    for row in _with_sums(connection, invoice, ("invoice_number", "open_amount", "opening_open", "total")):
        yield from _off("invoice", row)
        if row.status not in (InvoiceStatus.LOCKED, InvoiceStatus.VOID):
            follows = InvoiceStatus.OPEN if row.balance else InvoiceStatus.PAID
            if row.status != follows:
                yield Finding("invoice", row.number, f"is {row.status}, although {_text(row.balance, row)} is open")


def _with_sums(connection: Connection, table: Table, names: tuple[str, str, str, str]) -> Iterable[Row[Any]]:
    """Read number, balance, opening and whole of each item, and how much was allocated."""
    number, balance, opening, whole = (table.c[name] for name in names)
    key = (allocation.c.partner_id, allocation.c[names[0]])
    sums = select(*key, func.sum(allocation.c.amount).label("allocated")).group_by(*key).subquery()
    columns = (
        number.label("number"),
        balance.label("balance"),
        opening.label("opening"),
        whole.label("whole"),
        table.c.currency,
        func.coalesce(sums.c.allocated, 0).label("allocated"),
        *([table.c.status] if table is invoice else []),
    )
    same = (sums.c.partner_id == table.c.partner_id) & (sums.c[names[0]] == number)
    rows = select(*columns).outerjoin(sums, same).order_by(table.c.partner_id, number)
    return connection.execute(rows.execution_options(yield_per=_ROWS_AT_ONCE))


def _off(table: str, row: Row[Any]) -> Iterator[Finding]:
    allocated = int(row.allocated)
    if row.balance != row.opening - allocated:
        has, opening, less = (_text(minor, row) for minor in (row.balance, row.opening, allocated))
        yield Finding(table, row.number, f"has {has}, but came in with {opening} and {less} is allocated")
    if not 0 <= row.balance <= row.whole:
        has, whole = _text(row.balance, row), _text(row.whole, row)
        yield Finding(table, row.number, f"has {has}, which is not between nothing and {whole}")


def _text(minor: int, row: Row[Any]) -> str:
    return f"{to_text(minor, row.currency)} {row.currency}" if exponent(row.currency) is not None else str(minor)
