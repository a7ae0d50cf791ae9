"""What a person decided, written like the processor's own decision: money, record, audit entry and letter together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from processor.adapters import audit
from processor.adapters.approval_sql import NotYoursToApproveError, approve
from processor.adapters.caps import Amounts
from processor.adapters.columns import storable
from processor.adapters.conversation_sql import message_key
from processor.adapters.decisions_sql import By, audit_body, is_decided, write_decision
from processor.adapters.guard_sql import above
from processor.adapters.journal_tables import decision as decisions
from processor.adapters.journal_tables import mail as mails
from processor.adapters.journal_tables import review_item
from processor.adapters.letter_facts import keep_question
from processor.adapters.outbox_sql import Origin, enqueue, letter_seal
from processor.adapters.posting import Cause, post
from processor.adapters.requests_sql import write_request
from processor.adapters.review_items import open_review
from processor.core.decision import Application, Conversation, Decision, Snapshot
from processor.core.letter import LetterKind
from processor.core.message import Message
from processor.ports import LedgerMovedError, PermanentError, RenderedLetter, StoredMail

STAY = ("deduction", "undelivered")  # items that a decision about the request doesn't settle


class NotHeldError(PermanentError):
    """There is nothing here that waits for a person."""


@dataclass(frozen=True, slots=True)
class SecondPair:
    """Above which sums (minor units by currency) two people must have seen it, and the approval of the first."""

    above: Amounts
    approval: int | None
    substance: str

    def ask(self, connection: Connection, applications: Sequence[Application], actor: str, at: datetime) -> None:
        """Let what is small pass, and what a second person carries out. Raises as `approve` does."""
        if self.approval is not None:
            approve(connection, self.approval, self.substance, actor, at)
        elif above(applications, self.above):
            raise NotYoursToApproveError("so much needs a second person")


@dataclass(frozen=True, slots=True)
class PersonAct:
    """Everything that a person's decision writes. `note` says why, for the record; `request` is empty for none."""

    item_id: int
    mail: StoredMail
    message: Message
    conversation: Conversation | None
    decision: Decision
    letter: RenderedLetter | None
    request: str
    actor: str
    note: str
    versions: Mapping[str, str]
    at: datetime
    second: SecondPair

    def write(self, connection: Connection) -> None:
        """Write it in the caller's transaction.

        Raises `LedgerMovedError` where anything is not as it was shown, `HeldBackError` while applying is paused, and
        `NotYoursToApproveError` where a second person must do it.
        """
        self._hold(connection)
        self.second.ask(connection, self.decision.applications, self.actor, self.at)
        is_decided(connection, self.mail)
        if self.request:
            seen = Snapshot(self.at.date(), conversation=self.conversation)
            write_request(connection, self.request, self.mail.mailbox, seen, self.decision, self.at)
        anew, mailbox = self.conversation is None, self.mail.mailbox
        cause = Cause(self.request, self.mail.sha256, self.actor, self.at, anew, mailbox)
        posted = post(connection, self.decision.applications, cause)
        by = By(self.actor, self.at, _rounds(connection, self.mail))
        record = write_decision(connection, self.mail, self.decision, self.request, self.versions, by)
        self._mark(connection)
        self._write_letter(connection)
        self._close(connection)
        for item in self.decision.reviews:
            open_review(
                connection,
                item,
                self.at,
                mail_id=self.mail.id,
                request=self.request or None,
                partner_id=self.decision.partner_id,
            )
        body = audit_body(self.mail, self.decision, self.request, posted, record)
        body |= {"item": self.item_id, "note": self.note, "letter": letter_seal(self.letter)}
        audit.append(connection, self._chain(), "decided", body, self.actor, self.at)

    def _hold(self, connection: Connection) -> None:
        state = connection.scalar(select(review_item.c.state).where(review_item.c.id == self.item_id).with_for_update())
        if state != "open":
            raise LedgerMovedError("item", self.item_id)

    def _chain(self) -> str:
        return audit.chain_of(self.decision.partner_id, self.mail.mailbox)

    def _mark(self, connection: Connection) -> None:
        """Let the mail show what became of it; where it could not be read before, also what it is."""
        values = {"outcome": self.decision.outcome, "request": self.request or None}
        known = {"sender": storable(self.decision.sender), "subject": storable(self.message.subject)}
        marked = update(mails).where(mails.c.id == self.mail.id)
        connection.execute(marked.values(**values, **known, message_id=message_key(self.message)))

    def _write_letter(self, connection: Connection) -> None:
        facts = self.decision.letter
        if self.letter is None or facts is None:
            return
        sequence = self.conversation.letters + 1 if self.conversation else 1
        origin = Origin(self._chain(), self.mail.id, self.request or None, self.decision.partner_id)
        enqueue(connection, self.letter, facts.kind.value, sequence, origin, self.at)
        if self.request and facts.kind is LetterKind.QUESTION:
            keep_question(connection, self.request, sequence, facts)

    def _close(self, connection: Connection) -> None:
        """Close the item, and what else waited for this decision."""
        about = review_item.c.mail_id == self.mail.id
        if self.request:
            about |= review_item.c.request == self.request
        others = about & review_item.c.kind.not_in(STAY)
        those = (review_item.c.state == "open") & ((review_item.c.id == self.item_id) | others)
        close_items(connection, those, self.actor, self.decision.outcome.value, self.note, self.at)


def close_items(
    connection: Connection, those: ColumnElement[bool], actor: str, outcome: str, note: str, at: datetime
) -> int:
    """Close review items, in the caller's transaction; return how many."""
    resolution = storable(f"{outcome}: {note}" if note else outcome)
    values = {"state": "done", "closed_at": at, "closed_by": actor, "resolution": resolution}
    return connection.execute(update(review_item).where(those).values(values)).rowcount


def _rounds(connection: Connection, mail: StoredMail) -> int:
    newest = connection.scalar(select(func.max(decisions.c.round)).where(decisions.c.mail_id == mail.id))
    return 0 if newest is None else newest + 1
