"""The program without its mailbox: the real reader, a ledger in memory, the real letters, one process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from processor.adapters.limits import ReadingLimits
from processor.adapters.memory_ledger import LedgerCopy
from processor.adapters.mime import read_message
from processor.adapters.render import LetterRenderer
from processor.core.message import Message
from processor.core.policy import Policy
from processor.mail_files import stored_mail
from processor.policy_files import policy_from
from processor.ports import Books
from processor.settings_load import load_settings
from processor.wiring import renderer_for
from processor.worker import Considered, Worker

MAILBOX = "allocations@billing.example"


class InProcess:
    """Reads mails (port `Reader`) without a child process."""

    def read(self, raw: bytes) -> Message:
        """Read one mail."""
        return read_message(raw, ReadingLimits())

    def close(self) -> None:
        """Nothing is kept."""


class Standstill:
    """A clock (port `Clock`) that always shows one moment."""

    def now(self) -> datetime:
        """Return that moment."""
        return datetime(2026, 11, 16, 12, tzinfo=UTC)


@cache
def sample_policy() -> Policy:
    """Return what decides by the shipped settings."""
    return policy_from(load_settings())


@cache
def _renderer() -> LetterRenderer:
    return renderer_for(load_settings(), Standstill())


def worker_on(books: Books) -> Worker:
    """Return a worker that decides on these books."""
    return Worker(InProcess(), books, _renderer(), sample_policy())


def considered(books: Books, raw: bytes) -> Considered:
    """Decide one mail on these books; nothing is booked but that it arrived."""
    worker, mail = worker_on(books), stored_mail(raw, 1, MAILBOX)
    return worker.consider(mail, worker.read(mail))


class Desk:
    """Decides conversations, each on a fresh copy of one ledger."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = LedgerCopy(ledger)

    def consider(self, raw: bytes) -> Considered:
        """Decide one mail; nothing is booked."""
        return considered(self._ledger.fresh(), raw)

    def decide(self, mails: Iterable[bytes]) -> Iterator[Considered]:
        """Decide and book the mails of one conversation, one after the other."""
        worker = worker_on(self._ledger.fresh())
        for number, raw in enumerate(mails, 1):
            yield worker.handle(stored_mail(raw, number, MAILBOX))
