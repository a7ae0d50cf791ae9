"""A request in the database: opened by a mail, joined by later ones, never moved by two mails at once."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from processor.adapters.columns import storable
from processor.adapters.insertion import insert_missing, insert_new
from processor.adapters.journal_tables import participant, request
from processor.adapters.ledger_cells import address_key
from processor.core.decision import Conversation, Decision, RequestState, Snapshot
from processor.ports import LedgerMovedError, PermanentError

_MOVE = (
    update(request)
    .where(
        request.c.reference == bindparam("seen_reference"),
        request.c.state == bindparam("seen_state"),
        request.c.memory == bindparam("seen_memory"),
        request.c.letters == bindparam("seen_letters"),
    )
    .values(letters=request.c.letters + bindparam("lettered"))
)
_TO_OPERATIONS = (
    update(request)
    .where(request.c.reference == bindparam("of_reference"), request.c.state == RequestState.WAITING)
    .values(state=RequestState.IN_REVIEW)
)


class ReferenceTakenError(PermanentError):
    """Another request has this reference."""


def write_request(
    connection: Connection, reference: str, mailbox: str, snapshot: Snapshot, decision: Decision, at: datetime
) -> None:
    """Open the request of a mail, or move the one it joins, which stays locked until the end of the transaction.

    A sender who is on file takes part in it from now on. Raises `LedgerMovedError` where the conversation is not as the
    decision saw it, and `ReferenceTakenError`.
    """
    if not decision.joins:
        _open(connection, reference, mailbox, snapshot.conversation, decision, at)
    elif snapshot.conversation is None or not _move(connection, snapshot.conversation, decision, at):
        raise LedgerMovedError("request", reference)
    if snapshot.contacts:
        row: dict[str, object] = {"reference": reference, "address_key": address_key(decision.sender)}
        insert_missing(connection, participant, [row])


def needs_operations(connection: Connection, reference: str, at: datetime) -> None:
    """Take a request out of waiting for its partner: our letter doesn't reach anybody."""
    connection.execute(_TO_OPERATIONS, {"of_reference": reference, "changed_at": at})


def _open(
    connection: Connection,
    reference: str,
    mailbox: str,
    earlier: Conversation | None,
    decision: Decision,
    at: datetime,
) -> None:
    place = {"reference": reference, "mailbox": mailbox, "opened_at": at}
    began = {
        "state": decision.state or RequestState.ANSWERED,
        "partner_id": decision.partner_id,
        "letters": int(decision.letter is not None),
        "linked_to": earlier.reference if earlier else None,
    }
    if not insert_new(connection, request, place | began | _told(decision, at)):
        raise ReferenceTakenError(reference)


def _move(connection: Connection, seen: Conversation, decision: Decision, at: datetime) -> bool:
    before = {
        "seen_reference": seen.reference,
        "seen_state": seen.state,
        "seen_memory": seen.memory,
        "seen_letters": seen.letters,
    }
    after = {
        "state": decision.state or seen.state,
        "partner_id": decision.partner_id or seen.partner_id,
        "lettered": int(decision.letter is not None),
    }
    return connection.execute(_MOVE, before | after | _told(decision, at)).rowcount == 1


def _told(decision: Decision, at: datetime) -> dict[str, object]:
    return {
        "language": decision.language,
        "memory": storable(decision.memory),
        "missing": json.dumps(decision.missing),
        "changed_at": at,
    }
