"""The life of one mail: gather everything that matters, make one pure call, write everything at once.

Read this file top to bottom and you know the system. What becomes of a mail is decided in `core`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from processor import events
from processor.core.decide import decide
from processor.core.decision import Decision, Snapshot
from processor.core.holding import held_over_limit
from processor.core.identity import identify
from processor.core.message import Message
from processor.core.policy import Policy
from processor.core.reference import reference_for
from processor.core.threading import thread_keys
from processor.deadline import within
from processor.failpoints import Failpoint, reached
from processor.ports import (
    Books,
    LedgerMovedError,
    LimitReachedError,
    OutsideError,
    Reader,
    RenderedLetter,
    Renderer,
    StoredMail,
)

DECISIONS = 5  # of one mail, while the ledger moves under each
DECIDING = 10.0  # seconds; a mail that takes longer is set aside, and the mails behind it go on


@dataclass(frozen=True, slots=True)
class Considered:
    """A mail, read and decided; nothing is written yet."""

    message: Message
    snapshot: Snapshot
    decision: Decision
    reference: str
    letter: RenderedLetter | None


@dataclass(frozen=True, slots=True)
class Worker:
    """Handles one mail."""

    reader: Reader
    books: Books
    renderer: Renderer
    policy: Policy

    def handle(self, mail: StoredMail, attempt: int = 1) -> Considered:
        """Decide a mail and commit money, decision and letter together; again, when the ledger moved in between."""
        message = self.read(mail)
        reached(Failpoint.READ)
        for _ in range(DECISIONS):
            done = self.consider(mail, message, attempt)
            reached(Failpoint.DECIDED)
            try:
                done = self._commit(mail, done, attempt)
            except LedgerMovedError:
                events.ledger_moved(mail)
                continue
            reached(Failpoint.COMMITTED)
            events.mail_decided(mail, done.decision, done.reference)
            return done
        raise LedgerBusyError(mail.id)

    def read(self, mail: StoredMail) -> Message:
        """Turn bytes into a message."""
        return read_mail(self.reader, mail)

    def consider(self, mail: StoredMail, message: Message, attempt: int = 1) -> Considered:
        """Gather, decide, and write the letter; changes nothing."""
        identity, keys = identify(message, self.policy), thread_keys(message, self.policy)
        snapshot = self.books.snapshot_for(mail, message, identity.address, keys)

        decision = within(DECIDING, lambda: decide(message, snapshot, self.policy))

        return self._with_letter(mail, message, snapshot, decision, attempt)

    def _commit(self, mail: StoredMail, done: Considered, attempt: int) -> Considered:
        """Write a decision; one above a limit is held for a person instead."""
        try:
            self._write(mail, done)
        except LimitReachedError as limit:
            held = held_over_limit(done.decision, str(limit))
            done = self._with_letter(mail, done.message, done.snapshot, held, attempt)
            self._write(mail, done)
        return done

    def _write(self, mail: StoredMail, done: Considered) -> None:
        self.books.commit(mail, done.message, done.snapshot, done.decision, done.letter, done.reference)

    def _with_letter(
        self, mail: StoredMail, message: Message, snapshot: Snapshot, decision: Decision, attempt: int
    ) -> Considered:
        reference, sequence = _reference(mail, decision, snapshot, attempt)
        if decision.letter is None:
            return Considered(message, snapshot, decision, reference, None)
        facts = replace(decision.letter, reference=reference)
        letter = self.renderer.render(facts, message, reference, sequence)
        return Considered(message, snapshot, replace(decision, letter=facts), reference, letter)


def read_mail(reader: Reader, mail: StoredMail) -> Message:
    """Turn bytes into a message. A mail over the size limit was taken in with its headers alone."""
    message = reader.read(mail.raw)
    if not mail.headers_only:
        return message
    return replace(message, size=mail.size, over_limit=message.over_limit or "message")


def _reference(mail: StoredMail, decision: Decision, snapshot: Snapshot, attempt: int) -> tuple[str, int]:
    """Return the reference of the mail's request, and which of its letters would be the next."""
    if decision.joins and snapshot.conversation:
        return snapshot.conversation.reference, snapshot.conversation.letters + 1
    return (reference_for(mail.sha256, attempt) if decision.opens else ""), 1


class LedgerBusyError(OutsideError):
    """The ledger moved under every decision about a mail."""
