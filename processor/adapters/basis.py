"""What a decision saw, kept small: a snapshot as compressed JSON, and back to the very same values."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from processor.adapters.operations_tables import basis
from processor.core.decision import Conversation, RequestState, Snapshot
from processor.core.model import Allocation, Contact, DocumentType, Invoice, InvoiceStatus, Partner, Payment
from processor.core.outcomes import Missing

VERSION = 1
_ADD = basis.insert()


def keep_basis(connection: Connection, mail_id: int, snapshot: Snapshot) -> None:
    """Keep what the decision about a mail saw, in the caller's transaction."""
    connection.execute(_ADD, {"mail_id": mail_id, "snapshot": pack(snapshot)})


def pack(snapshot: Snapshot) -> bytes:
    """Write a snapshot."""
    content = {
        "version": VERSION,
        "today": snapshot.today.isoformat(),
        "contacts": _rows(snapshot.contacts),
        "partners": _rows(snapshot.partners),
        "payments": _rows(snapshot.payments),
        "invoices": _rows(snapshot.invoices),
        "allocations": _rows(snapshot.allocations),
        "conversation": _rows([snapshot.conversation] if snapshot.conversation else []),
        "delivered_before": snapshot.delivered_before,
        "signers": snapshot.signers,
    }
    return zlib.compress(json.dumps(content, separators=(",", ":")).encode("ascii"))


def unpack(packed: bytes) -> Snapshot:
    """Read what `pack` wrote. Raises `ValueError` for another version."""
    content = json.loads(zlib.decompress(packed))
    if content["version"] != VERSION:
        raise ValueError(f"a basis of version {content['version']} can't be read")
    conversation = [_conversation(row) for row in content["conversation"]]
    return Snapshot(
        today=date.fromisoformat(content["today"]),
        contacts=tuple(Contact(*row) for row in content["contacts"]),
        partners=tuple(Partner(*row) for row in content["partners"]),
        payments=tuple(map(_payment, content["payments"])),
        invoices=tuple(map(_invoice, content["invoices"])),
        allocations=tuple(map(_allocation, content["allocations"])),
        conversation=conversation[0] if conversation else None,
        delivered_before=content["delivered_before"],
        signers=tuple(content.get("signers", ())),
    )


def _rows(values: Iterable[Any]) -> list[list[Any]]:
    """Return each value as the list of its fields, in their order."""
    return [[_plain(getattr(one, name)) for name in one.__dataclass_fields__] for one in values]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _payment(row: Sequence[Any]) -> Payment:
    number, partner, currency, amount, unallocated, received_on, *rest = row
    return Payment(number, partner, currency, amount, unallocated, date.fromisoformat(received_on), *rest)


def _invoice(row: Sequence[Any]) -> Invoice:
    number, partner, kind, currency, total, still_open, issued_on, due_on, status, replaced_by = row
    issued, due = date.fromisoformat(issued_on), date.fromisoformat(due_on) if due_on else None
    what, stands = DocumentType(kind), InvoiceStatus(status)
    return Invoice(number, partner, what, currency, total, still_open, issued, due, stands, replaced_by)


def _allocation(row: Sequence[Any]) -> Allocation:
    name, payment, invoice, partner, amount, currency, at, *rest = row
    return Allocation(name, payment, invoice, partner, amount, currency, datetime.fromisoformat(at), *rest)


def _conversation(row: Sequence[Any]) -> Conversation:
    reference, state, language, memory, partner, missing, *rest = row
    codes = tuple(map(Missing, missing))
    return Conversation(reference, RequestState(state), language, memory, partner, codes, *rest)
