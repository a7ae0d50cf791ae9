"""A decision on paper: everything that `explain` needs to tell it again, and what the audit log keeps of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, select, update

from processor.adapters.audit import JsonValue
from processor.adapters.columns import moment_text, storable
from processor.adapters.conversation_sql import message_key
from processor.adapters.journal_tables import decision as decisions
from processor.adapters.journal_tables import mail as mails
from processor.adapters.pause_sql import SHARE
from processor.adapters.posting import Posted
from processor.core.decision import Decision
from processor.core.message import Message
from processor.ports import PermanentError, Phase, StoredMail

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SEALED = (
    "outcome", "sender", "partner_id", "request", "language", "missing", "reasons", "applications", "evidence", "trail",
    "versions",
)  # fmt: skip

_PHASE = select(mails.c.phase).where(mails.c.id == bindparam("of_mail")).with_for_update()
_PHASE_UNPAUSED = _PHASE.add_columns(SHARE)  # PostgreSQL: no pause begins from here on
_DECIDED = update(mails).where(mails.c.id == bindparam("of_mail"))
_DECISION = decisions.insert()


class MailUnknownError(PermanentError):
    """There is no such mail in the database."""


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and when (UTC). Round 0 is the processor's; what a person decides later is a further round."""

    actor: str
    at: datetime
    round: int = 0


def is_decided(connection: Connection, mail: StoredMail) -> bool:
    """Lock a mail, and out whoever would pause, and tell whether it has its decision. Raises `MailUnknownError`."""
    held = _PHASE_UNPAUSED if connection.dialect.name == "postgresql" else _PHASE
    phase = connection.scalar(held, {"of_mail": mail.id})
    if phase is None:
        raise MailUnknownError(mail.id)
    return Phase(phase) is not Phase.STORED


def write_decision(
    connection: Connection,
    mail: StoredMail,
    decision: Decision,
    request: str,
    versions: Mapping[str, str],
    by: By,
) -> str:
    """Write a decision; return the hash of what was written."""
    values: dict[str, object] = {
        "outcome": decision.outcome,
        "sender": storable(decision.sender),
        "partner_id": decision.partner_id,
        "request": request or None,
        "language": decision.language,
        "missing": json.dumps(decision.missing),
        "reasons": json.dumps(decision.reasons),
        "applications": _json(decision.applications),
        "evidence": _json(decision.evidence),
        "trail": _json(decision.trail),
        "versions": json.dumps(dict(versions), sort_keys=True),
    }
    place = {"mail_id": mail.id, "round": by.round, "actor": by.actor, "decided_at": by.at}
    connection.execute(_DECISION, values | place)
    return record_seal(values)


def record_seal(values: Mapping[str, object]) -> str:
    """Return the hash of a decision's record, of its `SEALED` columns."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("ascii")).hexdigest()


def mark_decided(
    connection: Connection, mail: StoredMail, message: Message | None, decision: Decision, request: str
) -> None:
    """Let a mail show what became of it."""
    values: dict[str, object] = {
        "phase": Phase.DECIDED,
        "outcome": decision.outcome,
        "request": request or None,
        "sender": storable(decision.sender),
    }
    if message is not None:
        values |= {"subject": storable(message.subject), "content_sha256": message.content_sha256}
        values["message_id"] = message_key(message)
    connection.execute(_DECIDED, values | {"of_mail": mail.id})


def audit_body(
    mail: StoredMail, decision: Decision, request: str, posted: Iterable[Posted], record: str
) -> dict[str, JsonValue]:
    """Return what the audit log keeps of a decision: its result and money in full, its evidence by hash."""
    return {
        "mail": mail.sha256,
        "request": request,
        "outcome": decision.outcome.value,
        "missing": [code.value for code in decision.missing],
        "reasons": [code.value for code in decision.reasons],
        "allocations": [posted_body(one) for one in posted],
        "record": record,
    }


def posted_body(one: Posted) -> dict[str, JsonValue]:
    """Return an allocation as the audit log keeps it: every column."""
    moment = moment_text(one.allocation.allocated_at)
    return _plain(one.allocation) | {"allocated_at": moment, "identity": one.identity}


def _json(values: Iterable[DataclassInstance]) -> str:
    return json.dumps([_plain(value) for value in values])


def _plain(value: DataclassInstance) -> dict[str, JsonValue]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
