"""The life of one mail: gather everything that matters, make one pure call, write everything at once.

Read this file top to bottom and you know the system. What becomes of a mail is decided in `core`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from processor import events
from processor.core.decide import decide
from processor.core.decision import Decision, Snapshot
from processor.core.holding import held_over_limit
from processor.core.identity import author_of
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
class Case:
    """A mail with everything that matters to its decision."""

    mail: StoredMail
    message: Message
    snapshot: Snapshot
    attempt: int = 1


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
        return self.settle(mail, message, attempt)

    def settle(self, mail: StoredMail, message: Message, attempt: int = 1) -> Considered:
        """Decide a mail that was read, and commit."""
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
        return conclude(self.gather(mail, message, author_of(message), attempt), self.policy, self.renderer)

    def gather(self, mail: StoredMail, message: Message, address: str | None, attempt: int = 1) -> Case:
        """Gather what bears on a mail; `address` is what `author_of` says of the sender."""
        keys = thread_keys(message, self.policy)
        return Case(mail, message, self.books.snapshot_for(mail, message, address, keys), attempt)

    def _commit(self, mail: StoredMail, done: Considered, attempt: int) -> Considered:
        """Write a decision; one above a limit is held for a person instead."""
        try:
            self.write(mail, done)
        except LimitReachedError as limit:
            held = held_over_limit(done.decision, str(limit))
            done = _with_letter(Case(mail, done.message, done.snapshot, attempt), held, self.renderer)
            self.write(mail, done)
        return done

    def write(self, mail: StoredMail, done: Considered) -> None:
        """Commit a decision as it stands. Raises `LedgerMovedError`, `LimitReachedError`, `HeldBackError`."""
        self.books.commit(mail, done.message, done.snapshot, done.decision, done.letter, done.reference)


def conclude(case: Case, policy: Policy, renderer: Renderer) -> Considered:
    """Decide, and write the letter. Raises `TooLongError`; a pure call but for the letter's date."""
    decision = within(DECIDING, lambda: decide(case.message, case.snapshot, policy))
    return _with_letter(case, decision, renderer)


def _with_letter(case: Case, decision: Decision, renderer: Renderer) -> Considered:
    reference, sequence = _reference(case.mail, decision, case.snapshot, case.attempt)
    if decision.letter is None:
        return Considered(case.message, case.snapshot, decision, reference, None)
    facts = replace(decision.letter, reference=reference)
    letter = renderer.render(facts, case.message, reference, sequence)
    return Considered(case.message, case.snapshot, replace(decision, letter=facts), reference, letter)


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
