"""What is on its way out: letters, how they end, and the ports that they leave through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """A letter in the outbox: the exact bytes, for ever under one Message-ID."""

    id: int
    message_id: str
    sender: str
    recipient: str
    raw: bytes
    attempts: int


class LetterState(StrEnum):
    """The life of an outgoing letter (`inbound-mail.md` 5.6)."""

    QUEUED = "queued"
    SENDING = "sending"  # committed before the dialogue; `stage` tells whether DATA had begun
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class EndedLetter:
    """How a letter's dialogue ended, and when (UTC); `note` has the server's words."""

    letter_id: int
    state: LetterState
    at: datetime
    note: str = ""


class Outbox(Protocol):
    """Letters on their way out."""

    def due(self, now: datetime, limit: int) -> tuple[OutgoingLetter, ...]:
        """Letters whose turn it is."""

    def sending(self, letter_ids: Sequence[int], now: datetime) -> None:
        """Commit that dialogues begin (stage: before DATA). Raises `HeldBackError` while replying is paused."""

    def data_begins(self, letter_id: int, ended: Sequence[EndedLetter] = ()) -> None:
        """Commit that DATA begins, from where on a silence is uncertain, and how the dialogues before it ended.

        Raises `HeldBackError` while replying is paused; what ended is on record even then.
        """

    def settle(self, ended: Sequence[EndedLetter]) -> None:
        """Record how dialogues ended; a deferred letter gets its next time."""

    def recover(self) -> int:
        """After a start: letters left `sending` become queued (before DATA) or uncertain (after); return how many."""


class Mailer(Protocol):
    """SMTP. `send` raises nothing of its own: the outcome is a value."""

    def send(self, letter: OutgoingLetter, before_data: Callable[[], None]) -> tuple[LetterState, str]:
        """Hand a letter over; call `before_data` just before DATA. Return state and the server's words."""

    def close(self) -> None:
        """Drop the connection; never raises."""
