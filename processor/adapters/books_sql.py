"""The ledger and the journal for one mail: what bears on it is read at one moment, what comes of it written at one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from processor.adapters import audit
from processor.adapters.basis import keep_basis
from processor.adapters.caps import NO_CAPS, Caps
from processor.adapters.columns import storable
from processor.adapters.decisions_sql import By, audit_body, is_decided, mark_decided, write_decision
from processor.adapters.engine import reading, together, transact
from processor.adapters.flood_sql import Flood
from processor.adapters.guard_sql import Guard
from processor.adapters.letter_facts import keep_question
from processor.adapters.near_sql import with_near_contact
from processor.adapters.outbox_sql import Origin, enqueue, letter_seal, undelivered
from processor.adapters.posting import Cause, post
from processor.adapters.requests_sql import write_request
from processor.adapters.review_items import open_review
from processor.adapters.snapshot_sql import read_snapshot
from processor.core.decision import Decision, ReviewItem, Snapshot
from processor.core.letter import LetterKind
from processor.core.message import Message
from processor.core.outcomes import Outcome
from processor.core.threading import ThreadKeys, normalised_message_id
from processor.failpoints import Failpoint, reached
from processor.ports import Clock, RenderedLetter, StoredMail

ACTOR = "processor"  # who acts, where no person does


class SqlBooks:
    """`Books` in the database. `versions` name what decided: program, settings, lexicon; `guard` may hold it back."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        versions: Mapping[str, str] | None = None,
        guard: Guard | None = None,
        caps: Caps = NO_CAPS,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._versions = versions or {}
        self._guard = guard or Guard()
        self._caps = caps

    def snapshot_for(self, mail: StoredMail, message: Message, address: str | None, keys: ThreadKeys) -> Snapshot:
        with reading(self._engine) as connection:
            return read_snapshot(connection, mail, message, address, keys)

    def commit(
        self,
        mail: StoredMail,
        message: Message,
        snapshot: Snapshot,
        decision: Decision,
        letter: RenderedLetter | None,
        reference: str,
    ) -> None:
        """Raises also `ReferenceTakenError`, `AlreadyAppliedError`, `DatabaseUnavailableError`."""
        request = reference if decision.joins or decision.opens else ""
        now = self._clock.now()
        act = _Act(mail, message, snapshot, decision, letter, request, self._versions, now, self._guard, self._caps)
        transact(self._engine, act.write)

    def together(self) -> AbstractContextManager[None]:
        return together(self._engine)

    def quarantine(self, mail: StoredMail, reason: str) -> None:
        decision = Decision(Outcome.QUARANTINED, sender="", reviews=(ReviewItem("failed", reason),))
        nothing = Snapshot(today=mail.received_at.date())
        act = _Act(mail, None, nothing, decision, None, "", self._versions, self._clock.now(), self._guard)
        transact(self._engine, act.write)


@dataclass(frozen=True, slots=True)
class _Act:
    """Everything that one decision writes."""

    mail: StoredMail
    message: Message | None
    snapshot: Snapshot
    decision: Decision
    letter: RenderedLetter | None
    request: str
    versions: Mapping[str, str]
    at: datetime
    guard: Guard
    caps: Caps = NO_CAPS

    def write(self, connection: Connection) -> None:
        """Write it all in the caller's transaction. Locks: mail, tallies, request, payments, invoices, audit chain."""
        if not is_decided(connection, self.mail):
            self._restrained(connection)._write(connection)  # noqa: SLF001 its own kind

    def _restrained(self, connection: Connection) -> _Act:
        """Return it without the letter, or the request, that would be too many."""
        content = self.message.content_sha256 if self.message else ""
        flood = Flood(self.caps, connection, self.at, self.snapshot.conversation, content)
        decision = with_near_contact(connection, flood.restrained(self.decision))
        request = self.request if decision.joins or decision.opens else ""
        return replace(self, decision=decision, letter=self.letter if decision.letter else None, request=request)

    def _write(self, connection: Connection) -> None:
        if self.request:
            write_request(connection, self.request, self.mail.mailbox, self.snapshot, self.decision, self.at)
        reached(Failpoint.REQUEST_WRITTEN)
        self.guard.ask(connection, self.decision.applications, self.at)
        anew, mailbox = not self.decision.joins, self.mail.mailbox
        cause = Cause(self.request, self.mail.sha256, ACTOR, self.at, anew, mailbox)
        posted = post(connection, self.decision.applications, cause)
        reached(Failpoint.MONEY_MOVED)
        record = write_decision(connection, self.mail, self.decision, self.request, self.versions, By(ACTOR, self.at))
        keep_basis(connection, self.mail.id, self.snapshot)
        mark_decided(connection, self.mail, self.message, self.decision, self.request)
        reached(Failpoint.DECISION_WRITTEN)
        self._write_letter(connection)
        reached(Failpoint.LETTER_QUEUED)
        self._tell_operations(connection)
        body = audit_body(self.mail, self.decision, self.request, posted, record)
        body["letter"] = letter_seal(self.letter)
        audit.append(connection, self._origin().chain, "decided", body, ACTOR, self.at)
        reached(Failpoint.SEALED)

    def _origin(self) -> Origin:
        chain = audit.chain_of(self.decision.partner_id, self.mail.mailbox)
        return Origin(chain, self.mail.id, self.request or None, self.decision.partner_id)

    def _write_letter(self, connection: Connection) -> None:
        if self.letter is None or self.decision.letter is None:
            return
        conversation = self.snapshot.conversation
        sequence = conversation.letters + 1 if self.decision.joins and conversation else 1
        slot = self.caps.not_before(self.at)
        enqueue(connection, self.letter, self.decision.letter.kind.value, sequence, self._origin(), slot)
        if self.request and self.decision.letter.kind is LetterKind.QUESTION:
            keep_question(connection, self.request, sequence, self.decision.letter)

    def _tell_operations(self, connection: Connection) -> None:
        """Open the review items; one about a letter that bounced belongs to that letter's request."""
        origin = self._origin()
        bounced = self.decision.undelivered
        if bounced:
            letter_id = storable(normalised_message_id(bounced) or bounced)
            origin = undelivered(connection, letter_id, f"bounced: mail {self.mail.id}", self.at) or origin
        for item in self.decision.reviews:
            open_review(
                connection,
                item,
                self.at,
                mail_id=self.mail.id,
                request=origin.request,
                partner_id=origin.partner_id,
            )
