"""A request in the database: opened by a mail, joined by later ones, never moved by two mails at once."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, select, update

from processor.adapters.columns import storable
from processor.adapters.insertion import insert_missing
from processor.adapters.journal_tables import participant, request
from processor.adapters.ledger_cells import address_key
from processor.core.decision import Decision, RequestState, Snapshot
from processor.ports import LedgerMovedError, PermanentError


class ReferenceTakenError(PermanentError):
    """Another request has this reference."""


def enter_request(connection: Connection, reference: str, snapshot: Snapshot, decision: Decision) -> None:
    """Lock the request that a mail joins, or see that the one it opens is new.

    Raises `LedgerMovedError` where the conversation is not as the decision saw it, and `ReferenceTakenError`.
    """
    columns = (request.c.state, request.c.memory, request.c.letters)
    row = connection.execute(select(*columns).where(request.c.reference == reference).with_for_update()).one_or_none()
    if not decision.joins:
        if row is not None:
            raise ReferenceTakenError(reference)
        return
    seen = snapshot.conversation
    if row is None or seen is None or tuple(row) != (seen.state, seen.memory, seen.letters):
        raise LedgerMovedError("request", reference)


def write_request(
    connection: Connection, reference: str, mailbox: str, snapshot: Snapshot, decision: Decision, at: datetime
) -> None:
    """Write what a request has become by a decision. A sender who is on file takes part in it from now on."""
    conversation = snapshot.conversation
    lettered = int(decision.letter is not None)
    values: dict[str, object] = {
        "language": decision.language,
        "memory": storable(decision.memory),
        "missing": json.dumps(decision.missing),
        "changed_at": at,
    }
    if decision.joins and conversation is not None:
        values["state"] = decision.state or conversation.state
        values["partner_id"] = decision.partner_id or conversation.partner_id
        values["letters"] = request.c.letters + lettered
        connection.execute(update(request).where(request.c.reference == reference).values(values))
    else:
        values |= {"reference": reference, "mailbox": mailbox, "opened_at": at, "letters": lettered}
        values["state"] = decision.state or RequestState.ANSWERED
        values["partner_id"] = decision.partner_id
        values["linked_to"] = conversation.reference if conversation else None
        connection.execute(request.insert(), values)
    if snapshot.contacts:
        insert_missing(connection, participant, [{"reference": reference, "address_key": address_key(decision.sender)}])


def needs_operations(connection: Connection, reference: str, at: datetime) -> None:
    """Take a request out of waiting for its partner: our letter doesn't reach anybody."""
    waiting = update(request).where(request.c.reference == reference, request.c.state == RequestState.WAITING)
    connection.execute(waiting.values(state=RequestState.IN_REVIEW, changed_at=at))
