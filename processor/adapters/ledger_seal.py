"""The sealed state of the ledger's tables: as the last import left them, but for contacts that were erased since."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from processor.adapters import audit
from processor.adapters.ledger_digest import NOTHING, digest
from processor.adapters.tables import contact

EVENTS = ("imported", "contacts_erased")


def sealed_digests(connection: Connection) -> dict[str, Any]:
    """Return the newest hash of each table that the audit log holds."""
    found: dict[str, Any] = {}
    for entry in audit.entries(connection, audit.LEDGER_CHAIN):
        if entry.event in EVENTS:
            found = _read(entry).get("digests", {})
    return found


def contacts_are_sealed(connection: Connection) -> bool:
    """Tell whether the contacts on file are those that the audit log sealed."""
    return bool(digest(connection, contact) == sealed_digests(connection).get(contact.name, NOTHING))


def reseal_contacts(connection: Connection, actor: str, at: datetime) -> None:
    """Seal the contacts that are left, in the caller's transaction, which found them sealed before."""
    now = sealed_digests(connection) | {contact.name: digest(connection, contact)}
    audit.append(connection, audit.LEDGER_CHAIN, "contacts_erased", {"digests": now}, actor, at)


def _read(entry: audit.Entry) -> dict[str, Any]:
    """Return an entry's body. One that can't be read was changed, which `audit.verify` says."""
    try:
        body = json.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
