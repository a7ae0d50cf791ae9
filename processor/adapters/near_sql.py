"""Whom on file a stranger's address passes for: told to people beside the decision, which never hangs on it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, select

from processor.adapters.ledger_cells import address_key
from processor.adapters.tables import contact
from processor.core.decision import Decision, ReviewItem
from processor.core.look_alike import look_alike
from processor.core.outcomes import Reason

LOOKED_AT = 200  # contacts of the same name before the @, at other domains
_BEHIND_AT = chr(ord("@") + 1)


def with_near_contact(connection: Connection, decision: Decision) -> Decision:
    """Return a decision whose item about an unknown sender says whom that one passes for."""
    unnamed = ReviewItem(Reason.SENDER_UNKNOWN.value)
    if unnamed not in decision.reviews:
        return decision
    near = _near_contact(connection, decision.sender)
    if not near:
        return decision
    told = ReviewItem("look_alike", near)
    return replace(decision, reviews=tuple(told if one == unnamed else one for one in decision.reviews))


def _near_contact(connection: Connection, address: str) -> str:
    """Return the contact on file that bears the same name at a domain which looks alike; empty where none does."""
    name = address_key(address).rpartition("@")[0]
    key: ColumnElement[str] = contact.c.address_key
    if connection.dialect.name == "postgresql":
        key = key.collate("C")  # by bytes, whatever the database's language
    same = select(key).distinct().where(key >= f"{name}@", key < f"{name}{_BEHIND_AT}").order_by(key).limit(LOOKED_AT)
    return look_alike(address, connection.scalars(same)) if name else ""
