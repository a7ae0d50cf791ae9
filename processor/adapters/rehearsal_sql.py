"""Rehearsal: every mail is decided, and what was decided is put on record instead of being done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Engine, RowMapping, select, update

from processor.adapters.books_sql import SqlBooks
from processor.adapters.columns import storable
from processor.adapters.conversation_sql import message_key
from processor.adapters.engine import reading, transact
from processor.adapters.insertion import insert_missing
from processor.adapters.journal_tables import location, mail
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.safety_tables import rehearsal
from processor.adapters.tables import allocation, invoice, payment
from processor.core.decision import Application, Decision, Snapshot
from processor.core.message import Message
from processor.core.outcomes import Outcome
from processor.outgoing import OutgoingLetter
from processor.ports import Clock, Phase, RenderedLetter, StoredMail

PROCESSOR = "processor"

Mode = Literal["dry_run", "shadow"]
Then = Literal["same", "other", "not yet", ""]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would have been decided about a mail, and what people then did with what it would have applied."""

    mail_id: int
    mode: str
    sender: str
    subject: str
    outcome: str
    partner_id: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    applications: tuple[Application, ...]
    letter: str
    then: Then


class RehearsalBooks(SqlBooks):
    """Books that are read and never written: a decision goes on record alone.

    After a `dry_run` the mail is still to be decided. In `shadow` somebody else works on it: it is done with, and stays
    where it stands.
    """

    def __init__(self, engine: Engine, clock: Clock, mode: Mode, versions: Mapping[str, str] | None = None) -> None:
        super().__init__(engine, clock, versions)
        self._mode = mode

    def commit(
        self,
        mail: StoredMail,
        message: Message,
        snapshot: Snapshot,  # noqa: ARG002 the port's form
        decision: Decision,
        letter: RenderedLetter | None,
        reference: str,  # noqa: ARG002
    ) -> None:
        transact(self._engine, lambda connection: self._record(connection, mail, message, decision, letter))

    def quarantine(self, mail: StoredMail, reason: str) -> None:  # noqa: ARG002
        failed = Decision(Outcome.QUARANTINED, sender="")
        transact(self._engine, lambda connection: self._record(connection, mail, None, failed, None))

    def _record(
        self,
        connection: Connection,
        stored: StoredMail,
        message: Message | None,
        decision: Decision,
        letter: RenderedLetter | None,
    ) -> None:
        row: dict[str, object] = {
            "mail_id": stored.id,
            "mode": self._mode,
            "outcome": decision.outcome,
            "partner_id": decision.partner_id,
            "reasons": json.dumps(decision.reasons),
            "missing": json.dumps(decision.missing),
            "applications": json.dumps([asdict(one) for one in decision.applications]),
            "letter": storable(letter.text) if letter else "",
            "decided_at": self._clock.now(),
        }
        insert_missing(connection, rehearsal, [row])
        known: dict[str, object] = {"sender": storable(decision.sender)}
        if message is not None:
            known |= {"subject": storable(message.subject), "content_sha256": message.content_sha256}
            known["message_id"] = message_key(message)
        if self._mode == "shadow":
            known |= {"phase": Phase.GONE, "outcome": decision.outcome}
            stands = update(location).where(location.c.mail_id == stored.id, location.c.state == "present")
            connection.execute(stands.values(state="gone"))
        connection.execute(update(mail).where(mail.c.id == stored.id).values(known))


class SilentOutbox(SqlOutbox):
    """An outbox from which nothing leaves."""

    def due(self, now: datetime, limit: int) -> tuple[OutgoingLetter, ...]:  # noqa: ARG002 the port's form
        return ()


def rehearsed(engine: Engine) -> tuple[Rehearsed, ...]:
    """Return what was rehearsed, in order of arrival; what people did is looked up now."""
    rows = select(rehearsal, mail.c.sender, mail.c.subject).join(mail, rehearsal.c.mail_id == mail.c.id)
    with reading(engine) as connection:
        found = connection.execute(rows.order_by(rehearsal.c.mail_id)).mappings().all()
        return tuple(_rehearsed(connection, row) for row in found)


def _rehearsed(connection: Connection, row: RowMapping) -> Rehearsed:
    applications = tuple(Application(**one) for one in json.loads(row["applications"]))
    thens = {_then(connection, one) for one in applications}
    return Rehearsed(
        mail_id=row["mail_id"],
        mode=row["mode"],
        sender=row["sender"] or "",
        subject=row["subject"] or "",
        outcome=row["outcome"],
        partner_id=row["partner_id"] or "",
        reasons=tuple(json.loads(row["reasons"])),
        missing=tuple(json.loads(row["missing"])),
        applications=applications,
        letter=row["letter"],
        then=next((one for one in ("other", "not yet", "same") if one in thens), ""),
    )


def _then(connection: Connection, one: Application) -> Then:
    """Say what became of a line: as an allocation made here, else by the balances that were imported since."""
    made = select(allocation.c.amount).where(
        allocation.c.partner_id == one.partner_id,
        allocation.c.payment_number == one.payment,
        allocation.c.invoice_number == one.invoice,
        allocation.c.actor != PROCESSOR,
        allocation.c.reverses.is_(None),
    )
    if amounts := list(connection.scalars(made)):
        return "same" if one.amount in amounts else "other"
    left = connection.scalar(
        select(payment.c.unallocated).where(
            payment.c.partner_id == one.partner_id, payment.c.payment_number == one.payment
        )
    )
    still_open = connection.scalar(
        select(invoice.c.open_amount).where(
            invoice.c.partner_id == one.partner_id, invoice.c.invoice_number == one.invoice
        )
    )
    if (left, still_open) == (one.payment_left_before, one.invoice_open_before):
        return "not yet"
    fell = still_open is not None and one.invoice_open_before - still_open == one.amount
    taken = left is not None and one.payment_left_before - left >= one.amount
    return "same" if fell and taken else "other"
