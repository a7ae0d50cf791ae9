"""Everything that happens outside, as protocols. Adapters implement them; `wiring.py` alone knows which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from processor.core.decision import Decision, Snapshot
    from processor.core.letter import Letter
    from processor.core.message import Message
    from processor.core.threading import ThreadKeys


class OutsideError(Exception):
    """The world outside failed; the docstring of each subclass is the sentence, its arguments are the facts."""


class TransientError(OutsideError):
    """It may work when tried again."""


class PermanentError(OutsideError):
    """It will not work until a person changes something."""


class LedgerMovedError(OutsideError):
    """Balances changed between reading and writing: decide again (`decisions.md`, After the decision)."""


class HeldBackError(TransientError):
    """Operations have paused this; it is done when they resume."""


class LimitReachedError(OutsideError):
    """More than may be applied unseen: a person looks at it."""


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Return the current moment, UTC, with its zone."""


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """What IMAP STATUS says (RFC 9051 section 6.3.11)."""

    uidvalidity: int
    uidnext: int
    messages: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """Size in bytes and INTERNALDATE (UTC) of one mail, known before it is fetched."""

    uid: int
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A mail as fetched; `raw` is the whole mail, or its header block alone where `headers_only`."""

    uid: int
    received_at: datetime
    raw: bytes
    headers_only: bool = False
    size: int = 0


class Mailbox(Protocol):
    """One mailbox on a mail server. Raises `TransientError` or `PermanentError`; holds no state of the work."""

    name: str

    def status(self, folder: str) -> FolderStatus:
        """Ask cheaply what is there."""

    def envelopes_after(self, folder: str, last_uid: int) -> tuple[Envelope, ...]:
        """List mails with a UID above `last_uid`, in UID order."""

    def all_uids(self, folder: str) -> tuple[int, ...]:
        """List every UID in the folder, for the daily reconcile."""

    def fetch(self, folder: str, envelopes: Sequence[Envelope], *, headers_only: bool = False) -> Iterable[FetchedMail]:
        """Fetch mails without setting a flag; a mail that has gone is left out."""

    def move(self, folder: str, uids: Sequence[int], target: str, *, uidvalidity: int | None = None) -> None:
        """Move mails, creating the target folder at need; a mail that has gone is no error.

        Raises `TransientError`, moving nothing, where the folder's UIDVALIDITY is not that given: the same UIDs name
        other mails then.
        """

    def append(self, folder: str, raw: bytes) -> None:
        """Put a mail into a folder (sent copies, the demo's sample mails)."""

    def wait(self, seconds: float) -> bool:
        """Wait for a sign of new mail (IDLE) for at most so long; a wake-up only, never the record of work."""

    def close(self) -> None:
        """Drop the connection; never raises."""


class Reader(Protocol):
    """Bytes to `Message`, in a disposable child with limits; never raises on what a mail contains."""

    def read(self, raw: bytes) -> Message:
        """Read one mail. A mail that kills or outlasts the child comes back with `over_limit` set and headers alone."""

    def close(self) -> None:
        """End the children."""


class Keys(Protocol):
    """Public keys of signatures, as the domain name system has them."""

    def key(self, name: str) -> str:
        """Return the record under a name, empty where there is none; raises `TransientError` without an answer."""


class Phase(StrEnum):
    """How far a stored mail has come; each step is one commit."""

    STORED = "stored"
    DECIDED = "decided"
    FILED = "filed"
    GONE = "gone"  # somebody took it out of the mailbox; the stored bytes were decided all the same


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail in the database. `received_at` is INTERNALDATE in UTC."""

    id: int
    mailbox: str
    raw: bytes
    sha256: str
    received_at: datetime
    attempts: int
    headers_only: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class ToFile:
    """A decided mail that still stands in its folder."""

    mail_id: int
    folder: str
    uidvalidity: int
    uid: int
    target: str  # the outcome


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter as bytes, ready for the outbox. `sender` is the envelope's: where bounces go; empty is the null path."""

    message_id: str
    recipient: str
    raw: bytes
    subject: str
    text: str
    sender: str = ""


class Intake(Protocol):
    """The record of what arrived where."""

    def watermark(self, mailbox: str, folder: str) -> tuple[int, int]:
        """Return (UIDVALIDITY, last UID stored); (0, 0) before the first poll."""

    def store(self, mailbox: str, folder: str, uidvalidity: int, mails: Sequence[FetchedMail]) -> int:
        """Store bytes, locations and watermark in one transaction; return how many mails were new.

        The same bytes under another UIDVALIDITY, or in another folder, are the same mail: only a new location is
        written. A second copy in one folder is a second delivery, and a mail of its own (`decisions.md` gate 2). A
        changed UIDVALIDITY marks the old locations superseded.
        """

    def to_decide(self, limit: int, after: int = 0) -> tuple[StoredMail, ...]:
        """Mails without a decision, in order of arrival, from the one behind the mail `after`."""

    def begin_attempts(self, mail_ids: Sequence[int]) -> tuple[int, ...]:
        """Count an attempt of each mail, in one commit; return the counts."""

    def take_back_attempts(self, mail_ids: Sequence[int]) -> None:
        """Uncount attempts that the world outside cut short: the mails were not to blame."""

    def to_file(self, mailbox: str, limit: int) -> tuple[ToFile, ...]:
        """Decided mails that are still in their folder."""

    def filed(self, items: Sequence[ToFile], *, gone: bool = False) -> None:
        """Record that these mails stand in their outcome's folder (or have gone)."""

    def polled(self, mailbox: str, at: datetime) -> None:
        """Record that all that stood in a mailbox at a moment (UTC) has been taken in."""


class Books(Protocol):
    """The ledger and the journal, for one mail."""

    def snapshot_for(self, mail: StoredMail, message: Message, address: str | None, keys: ThreadKeys) -> Snapshot:
        """Gather what bears on this mail: the partners that `address` serves, their items, the conversation."""

    def commit(
        self,
        mail: StoredMail,
        message: Message,
        snapshot: Snapshot,
        decision: Decision,
        letter: RenderedLetter | None,
        reference: str,
    ) -> None:
        """Write money, decision, trail, evidence, audit entry and outgoing letter in one transaction.

        Raises, with nothing written, `LedgerMovedError` when a balance, or the conversation, is no longer what
        `snapshot` saw, `HeldBackError` while applying is paused, `LimitReachedError` above a limit. Writing the
        decision of a mail that has one already changes nothing.
        """

    def quarantine(self, mail: StoredMail, reason: str) -> None:
        """Give a mail that failed three times its end."""

    def together(self) -> AbstractContextManager[None]:
        """Let the commits inside become durable at once, at the end; one that raises undoes itself alone."""


class Renderer(Protocol):
    """Facts to words."""

    def render(self, letter: Letter, message: Message, reference: str, sequence: int) -> RenderedLetter:
        """Write a letter as MIME with a deterministic Message-ID. Raises `PermanentError` on a wrong template."""
