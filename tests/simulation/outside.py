"""The world outside in memory: a mail server, an SMTP server and a clock, as bad as the seed wants them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import structlog

from processor.core.message import Message
from processor.outgoing import LetterState, OutgoingLetter
from processor.ports import Envelope, FetchedMail, FolderStatus, TransientError
from tests.deciding import InProcess
from tests.simulation.mails import MAILBOX

INBOX = "INBOX"
START = datetime(2026, 11, 16, 8, tzinfo=UTC)  # a Monday


class Crash(BaseException):
    """The program ends here. Nothing in it may catch this."""


class ServerGoneError(TransientError):
    """The mail server said BYE, or nothing."""


@dataclass
class SimulatedClock:
    """`Clock` that only moves when it is told."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def move(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Folder:
    """Mails by UID, with their arrival, under one UIDVALIDITY."""

    uidvalidity: int
    uidnext: int = 1
    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)

    def add(self, raw: bytes, at: datetime) -> None:
        self.mails[self.uidnext] = (raw, at)
        self.uidnext += 1


@dataclass
class PostOffice:
    """The mail server's own truth, which outlives every crash of ours."""

    clock: SimulatedClock
    folders: dict[str, Folder] = field(default_factory=lambda: {INBOX: Folder(1)})
    identity: int = 1

    def put(self, raw: bytes, folder: str = INBOX) -> None:
        self._folder(folder).add(raw, self.clock.now())

    def carry(self, uid: int, source: str, target: str) -> None:
        """Move one mail, as MOVE does or a colleague's mouse."""
        raw, at = self.folders[source].mails.pop(uid)
        self._folder(target).add(raw, at)

    def rebuild(self, chance: Random, folder: str = INBOX) -> None:
        """Give the folder a new UIDVALIDITY, and its mails new UIDs in another order."""
        old = list(self.folders[folder].mails.values())
        chance.shuffle(old)
        self.identity += 1
        self.folders[folder] = Folder(self.identity)
        for raw, at in old:
            self.folders[folder].add(raw, at)

    def standing(self) -> dict[str, Counter[bytes]]:
        return {name: Counter(raw for raw, _ in one.mails.values()) for name, one in self.folders.items()}

    def _folder(self, name: str) -> Folder:
        if name not in self.folders:
            self.identity += 1
            self.folders[name] = Folder(self.identity)
        return self.folders[name]


@dataclass
class Weather:
    """How often a call outside fails: before its effect, or after it, when only the answer is lost."""

    chance: Random
    bad: float = 0.0

    def before(self) -> None:
        if self.chance.random() < self.bad:
            raise ServerGoneError

    after = before


@dataclass
class SimulatedMailbox:
    """`Mailbox` on the post office."""

    office: PostOffice
    weather: Weather
    name: str = MAILBOX

    def status(self, folder: str) -> FolderStatus:
        self.weather.before()
        one = self.office.folders[folder]
        return FolderStatus(one.uidvalidity, one.uidnext, len(one.mails))

    def envelopes_after(self, folder: str, last_uid: int) -> tuple[Envelope, ...]:
        self.weather.before()
        mails = sorted(self.office.folders[folder].mails.items())
        return tuple(Envelope(uid, len(raw), at) for uid, (raw, at) in mails if uid > last_uid)

    def all_uids(self, folder: str) -> tuple[int, ...]:
        return tuple(sorted(self.office.folders[folder].mails))

    def fetch(self, folder: str, envelopes: Sequence[Envelope], *, headers_only: bool = False) -> Iterator[FetchedMail]:
        for one in envelopes:
            self.weather.before()
            if (held := self.office.folders[folder].mails.get(one.uid)) is not None:
                yield FetchedMail(one.uid, one.received_at, held[0], headers_only, len(held[0]))

    def move(self, folder: str, uids: Sequence[int], target: str, *, uidvalidity: int | None = None) -> None:
        self.weather.before()
        if uidvalidity not in (None, self.office.folders[folder].uidvalidity):
            raise ServerGoneError("UIDVALIDITY")
        for uid in uids:
            if uid in self.office.folders[folder].mails:
                self.office.carry(uid, folder, target)
            self.weather.after()

    def append(self, folder: str, raw: bytes) -> None:
        self.office.put(raw, folder)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002
        return False

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class SimulatedMailer:
    """`Mailer` that keeps what its server accepted, and loses some answers (RFC 1047)."""

    chance: Random
    bad: float = 0.0
    accepted: list[bytes] = field(default_factory=list)

    def send(self, letter: OutgoingLetter, before_data: Callable[[], None]) -> tuple[LetterState, str]:
        fate = self.chance.random() / self.bad if self.bad else 1.0
        if fate < 0.2:
            return LetterState.DEFERRED, "421 later"
        before_data()
        if fate < 0.4:
            return LetterState.UNCERTAIN, "the line went dead before the letter had arrived"
        if fate < 0.5:
            return LetterState.FAILED, "550 no"
        if fate < 0.6:
            return LetterState.DEFERRED, "451 later"
        self.accepted.append(letter.raw)
        if fate < 0.8:
            return LetterState.UNCERTAIN, "the line went dead after the letter had arrived"
        return LetterState.SENT, "250 taken"

    def close(self) -> None:
        """Nothing is open."""


POISON = b"From: Accounts <poison"


class RememberingReader:
    """Reads mails (port `Reader`), each once; the same bytes are always the same message. Poison kills it."""

    def __init__(self) -> None:
        self._known: dict[bytes, Message] = {}

    def read(self, raw: bytes) -> Message:
        if POISON in raw:
            raise ValueError("unforeseen")
        if raw not in self._known:
            self._known[raw] = InProcess().read(raw)
        return self._known[raw]

    def close(self) -> None:
        """Nothing is kept open."""


def quiet() -> None:
    """Let no event be told: thousands of worlds have nothing to say one by one."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
