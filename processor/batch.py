"""Many mails in hand at once: read side by side, decided side by side, committed together, all of it at the same time.

No two that bear on each other are decided from the same moment: of one sender's, one partner's or one conversation's
mails each sees what the one before it did, in order of arrival.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from processor import events
from processor.core.identity import identify
from processor.core.message import Message
from processor.deciders import Deciders, Settled
from processor.failpoints import Failpoint, reached
from processor.ports import HeldBackError, LedgerMovedError, LimitReachedError, StoredMail, TransientError
from processor.worker import Case, Considered, Worker

READERS = 2  # mails that are read at the same time
TOGETHER = 30  # decisions that are committed as soon as there are so many

Ended = tuple[StoredMail, Exception | None]


@dataclass(frozen=True, slots=True)
class _Read:
    mail: StoredMail
    attempt: int
    message: Message


@dataclass(frozen=True, slots=True)
class Batch:
    """Handles many mails as `Worker.handle` handles one."""

    worker: Worker
    deciders: Deciders

    def handle(self, mails: Sequence[StoredMail], attempts: Sequence[int]) -> Iterator[Ended]:
        """Decide and commit; yield each mail with what went wrong, or None."""
        with ThreadPoolExecutor(READERS) as threads:
            arriving = map(_arrived, threads.map(self._read, mails, attempts))
            waiting = yield from self._round(arriving, len(mails))
        while waiting:
            waiting = yield from self._round(waiting, len(waiting))

    def _read(self, mail: StoredMail, attempt: int) -> _Read | Ended:
        try:
            return _Read(mail, attempt, self.worker.read(mail))
        except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
            return mail, error

    def _round(self, waiting: Iterable[_Read | Ended], count: int) -> Generator[Ended, None, list[_Read]]:
        """Handle the mails that don't bear on an earlier one; return those that have to wait for one.

        While one is gathered for, those behind it are read, and those before it decided.
        """
        taken: set[Hashable] = set()
        later: list[_Read] = []
        found: list[Settled] = []
        with self.deciders.desk(count) as desk:
            for one in waiting:
                match self._case(one, taken):
                    case Case() as case:
                        desk.put(case)
                    case _Read() as read:
                        later.append(read)
                    case ended:
                        yield ended
                found += desk.finished()
                if len(found) >= TOGETHER:
                    yield from self._settle(found)
                    found = []
            for some in desk.rest():
                found += some
                if len(found) >= TOGETHER:
                    yield from self._settle(found)
                    found = []
            if found:
                yield from self._settle(found)
        return later

    def _case(self, one: _Read | Ended, taken: set[Hashable]) -> Case | _Read | Ended:
        """Gather for a mail, unless it has to wait for one that `taken` marks, or has failed."""
        if not isinstance(one, _Read):
            return one
        address = identify(one.message, self.worker.policy).address
        if address is not None and ("address", address) in taken:
            return one
        try:
            case = self.worker.gather(one.mail, one.message, address, one.attempt)
        except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
            return one.mail, error
        marks = set(_marks(case, address))
        waits = bool(marks & taken)
        taken |= marks
        return one if waits else case

    def _settle(self, found: Sequence[Settled]) -> Iterator[Ended]:
        """Commit decisions together; one that the ledger has moved under is made again by itself."""
        ended: dict[int, Exception | None] = {}
        written: list[tuple[Case, Considered]] = []
        try:
            with self.worker.books.together():
                for case, done in found:
                    if isinstance(done, Exception):
                        ended[case.mail.id] = done
                    elif (trouble := self._write(case, done)) is None:
                        written.append((case, done))
                    else:
                        ended[case.mail.id] = trouble
        except Exception as error:  # noqa: BLE001 none of them is durable
            yield from ((case.mail, ended.get(case.mail.id) or error) for case, _ in found)
            return
        for case, done in written:
            reached(Failpoint.COMMITTED)
            events.mail_decided(case.mail, done.decision, done.reference)
            ended[case.mail.id] = None
        for case, _ in found:
            again = isinstance(ended[case.mail.id], LedgerMovedError | LimitReachedError)
            yield case.mail, self._alone(case) if again else ended[case.mail.id]

    def _write(self, case: Case, done: Considered) -> Exception | None:
        """Write a decision; what comes of trouble outside undoes all that is written together."""
        reached(Failpoint.DECIDED)
        try:
            self.worker.write(case.mail, done)
        except HeldBackError as pause:
            return pause
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
            return error
        return None

    def _alone(self, case: Case) -> Exception | None:
        """Settle a mail by itself: the ledger has moved, or a limit is reached."""
        try:
            self.worker.settle(case.mail, case.message, case.attempt)
        except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
            return error
        return None


def _arrived(one: _Read | Ended) -> _Read | Ended:
    if isinstance(one, _Read):
        reached(Failpoint.READ)
    return one


def _marks(case: Case, address: str | None) -> Iterator[Hashable]:
    """Yield what a later mail must not share with this one."""
    yield "bytes", case.mail.sha256
    yield from (("message", value) for value in case.message.header("Message-ID"))
    if address is not None:
        yield "address", address
    yield from (("partner", one.partner_id) for one in case.snapshot.partners)
    if case.snapshot.conversation is not None:
        yield "request", case.snapshot.conversation.reference
