"""Rows held against the audit log: each allocation as it was sealed, each table as the last import left it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Text, or_, select, type_coerce

from processor.adapters import audit
from processor.adapters.findings import Finding
from processor.adapters.journal_tables import request
from processor.adapters.ledger_digest import NOTHING, digests
from processor.adapters.ledger_seal import sealed_digests
from processor.adapters.tables import allocation, invoice, payment
from processor.core.model import Allocation

_ROWS_AT_ONCE = 5000


def journal_findings(connection: Connection) -> Iterator[Finding]:
    """Yield every row that is not as the audit log has it."""
    for name, reason in [*_unsealed(connection), *_dangling(connection)]:
        yield Finding("allocation", name, reason)
    sealed = sealed_digests(connection)
    for table, digest in digests(connection).items():
        if digest != sealed.get(table, NOTHING):
            yield Finding(table, "", "was changed since the last import, and not by an allocation")


def _unsealed(connection: Connection) -> Iterator[tuple[str, str]]:
    sealed = {key: seal for entry in audit.entries(connection) for key, seal in _seals(entry)}
    names = (*Allocation.__slots__, "identity")
    columns = [type_coerce(column, Text) if column.name == "allocated_at" else column for column in allocation.c]
    rows = select(*columns).execution_options(yield_per=_ROWS_AT_ONCE)
    for row in connection.execute(rows).mappings():
        body = {name: row[name] for name in names} | {"reverses": row["reverses"] or ""}
        seal = sealed.pop((row["partner_id"], row["allocation_id"]), None)
        if seal != _seal(body):
            yield row["allocation_id"], "was changed" if seal else "is not in the audit log"
    for _, name in sealed:
        yield name, "is gone"


def _seals(entry: audit.Entry) -> Iterator[tuple[tuple[str, str], bytes]]:
    """Yield partner, name and hash of each allocation in an entry, of which a million must fit into memory."""
    for body in _read(entry).get("allocations", []) if entry.event in ("decided", "reversed") else []:
        if isinstance(body, dict):
            yield (str(body.get("partner_id")), str(body.get("allocation_id"))), _seal(body)


def _seal(body: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode("ascii")).digest()[:16]


def _dangling(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield what the database forbids, unless somebody switched that off."""
    name = allocation.c.allocation_id
    at_payment, at_invoice = _item(payment, "payment_number"), _item(invoice, "invoice_number")
    items = select(name).outerjoin(payment, at_payment).outerjoin(invoice, at_invoice)
    for found in connection.scalars(items.where(or_(payment.c.partner_id.is_(None), invoice.c.partner_id.is_(None)))):
        yield found, "has no payment, or no invoice, of its partner and currency"
    requests = select(name).outerjoin(request, allocation.c.request == request.c.reference)
    for found in connection.scalars(requests.where(allocation.c.request != "", request.c.reference.is_(None))):
        yield found, "names a request that isn't there"
    yield from ((found, "is not the opposite of what it reverses") for found in _crooked_reversals(connection))


def _item(table: Table, number: str) -> ColumnElement[bool]:
    same_partner = table.c.partner_id == allocation.c.partner_id
    return same_partner & (table.c[number] == allocation.c[number]) & (table.c.currency == allocation.c.currency)


def _crooked_reversals(connection: Connection) -> Iterable[str]:
    original = allocation.alias()
    columns = ("partner_id", "payment_number", "invoice_number", "currency")
    same = [original.c[column] == allocation.c[column] for column in columns]
    joined = select(allocation.c.allocation_id).outerjoin(
        original, (original.c.allocation_id == allocation.c.reverses) & same[0] & same[1] & same[2] & same[3]
    )
    crooked = or_(
        original.c.amount.is_(None), original.c.amount != -allocation.c.amount, original.c.reverses.is_not(None)
    )
    return connection.scalars(joined.where(allocation.c.reverses.is_not(None), crooked))


def _read(entry: audit.Entry) -> dict[str, Any]:
    """Return an entry's body. One that can't be read was changed, which `audit.verify` says."""
    try:
        body = json.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
