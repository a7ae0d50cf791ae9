"""Many mails in hand at once: read side by side, decided side by side, committed together, all of it at the same time.

No two that bear on each other are decided from the same moment: of one sender's, one partner's or one conversation's
mails each sees what the one before it did, in order of arrival.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from processor import events
from processor.core.identity import author_of
from processor.core.message import Message
from processor.deciders import Deciders, Desk, Settled
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


@dataclass(slots=True)
class _Hand:
    """What is under way: the marks of cases at the desk, by mail, and mails that wait for them, in order of arrival."""

    taken: dict[int, set[Hashable]] = field(default_factory=dict)
    waiting: list[tuple[_Read, set[Hashable]]] = field(default_factory=list)

    def bars(self, marks: set[Hashable]) -> bool:
        """Tell whether an earlier mail bears on one with these marks."""
        others = (*self.taken.values(), *(marks for _, marks in self.waiting))
        return any(not marks.isdisjoint(one) for one in others)


@dataclass(frozen=True, slots=True)
class Batch:
    """Handles many mails as `Worker.handle` handles one."""

    worker: Worker
    deciders: Deciders

    def handle(self, mails: Sequence[StoredMail], attempts: Sequence[int]) -> Iterator[Ended]:
        """Decide and commit; yield each mail with what went wrong, or None.

        While one is gathered for, those behind it are read, and those before it decided. One that has to wait for
        another is gathered for when that is committed.
        """
        hand = _Hand()
        found: list[Settled] = []
        with self.deciders.desk(len(mails)) as desk, ThreadPoolExecutor(READERS) as threads:
            for one in map(_arrived, threads.map(self._read, mails, attempts)):
                yield from self._admit(one, hand, desk)
                found += desk.finished()
                if len(found) >= TOGETHER:
                    yield from self._settle_and_go_on(found, hand, desk)
            while found or not desk.is_empty:
                found += desk.step()
                if len(found) >= TOGETHER or (found and not desk.is_behind):
                    yield from self._settle_and_go_on(found, hand, desk)

    def _read(self, mail: StoredMail, attempt: int) -> _Read | Ended:
        try:
            return _Read(mail, attempt, self.worker.read(mail))
        except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
            return mail, error

    def _admit(self, one: _Read | Ended, hand: _Hand, desk: Desk) -> Iterator[Ended]:
        """Gather for a mail and put it on the desk, unless it has to wait; yield it where it has failed."""
        if not isinstance(one, _Read):
            yield one
            return
        address = author_of(one.message)
        marks: set[Hashable] = set() if address is None else {("address", address)}
        if not hand.bars(marks):
            try:
                case = self.worker.gather(one.mail, one.message, address, one.attempt)
            except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
                yield one.mail, error
                return
            marks |= set(_marks(case))
            if not hand.bars(marks):
                hand.taken[one.mail.id] = marks
                desk.put(case)
                return
        hand.waiting.append((one, marks))

    def _settle_and_go_on(self, found: list[Settled], hand: _Hand, desk: Desk) -> Iterator[Ended]:
        """Commit what was found, and let those go on that waited for it."""
        yield from self._settle(found)
        for case, _ in found:
            del hand.taken[case.mail.id]
        found.clear()
        waiting, hand.waiting = hand.waiting, []
        for one, marks in waiting:
            if hand.bars(marks):
                hand.waiting.append((one, marks))
            else:
                yield from self._admit(one, hand, desk)

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


def _marks(case: Case) -> Iterator[Hashable]:
    """Yield what a later mail must not share with this one, beside its sender's address."""
    yield "bytes", case.mail.sha256
    yield from (("message", value) for value in case.message.header("Message-ID"))
    yield from (("partner", one.partner_id) for one in case.snapshot.partners)
    if case.snapshot.conversation is not None:
        yield "request", case.snapshot.conversation.reference
