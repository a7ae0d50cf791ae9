"""The ledger's facts as one hash for each table, so that a row changed behind our back is noticed.

Balances that move with allocations are left out: `ledger_check` recomputes them from the journal.
"""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import Connection, Table, Text, case, literal, select, type_coerce

from processor.adapters.tables import contact, invoice, partner, payment
from processor.core.model import InvoiceStatus

_TABLES = (partner, contact, payment, invoice)
_MOVING = {payment: {"unallocated"}, invoice: {"open_amount", "status"}}
_LIVE = case(
    (invoice.c.status.in_([InvoiceStatus.OPEN, InvoiceStatus.PAID]), literal("live")), else_=invoice.c.status
)  # open or paid follows from the balance
NOTHING = hashlib.sha256().hexdigest()  # the digest of an empty table


def digests(connection: Connection) -> dict[str, str]:
    """Return a hash for each table of the ledger's files. Reads every row."""
    return {table.name: digest(connection, table) for table in _TABLES}


def digest(connection: Connection, table: Table) -> str:
    """Return the hash of one table. Reads every row."""
    still = [column for column in table.columns if column.name not in _MOVING.get(table, set())]
    selected = [type_coerce(column, Text) if str(column.type) == "TEXT" else column for column in still]
    rows = select(*selected, *([_LIVE] if table is invoice else [])).order_by(*table.primary_key.columns)
    hashed = hashlib.sha256()
    for row in connection.execute(rows.execution_options(yield_per=5000)):
        hashed.update(json.dumps([*row]).encode("ascii"))
    return hashed.hexdigest()
