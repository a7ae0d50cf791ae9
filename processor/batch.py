"""Many mails in hand at once: read side by side, decided side by side, committed together.

No two that bear on each other are decided from the same moment: of one sender's, one partner's or one conversation's
mails each sees what the one before it did, in order of arrival.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from processor import events
from processor.core.identity import identify
from processor.core.message import Message
from processor.deciders import Deciders
from processor.failpoints import Failpoint, reached
from processor.ports import HeldBackError, LedgerMovedError, LimitReachedError, StoredMail, TransientError
from processor.worker import Case, Considered, Worker

READERS = 2  # mails that are read at the same time

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
            cases, failed, waiting = self._apart(map(_arrived, threads.map(self._read, mails, attempts)))
        while cases or failed:
            yield from failed
            yield from self._settle(cases)
            cases, failed, waiting = self._apart(waiting)

    def _read(self, mail: StoredMail, attempt: int) -> _Read | Ended:
        try:
            return _Read(mail, attempt, self.worker.read(mail))
        except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
            return mail, error

    def _apart(self, waiting: Iterable[_Read | Ended]) -> tuple[list[Case], list[Ended], list[_Read]]:
        """Gather for the mails that don't bear on an earlier one; return those that have to wait for one, too.

        While one is gathered for, those behind it are read.
        """
        taken: set[Hashable] = set()
        cases: list[Case] = []
        failed: list[Ended] = []
        later: list[_Read] = []
        for one in waiting:
            if not isinstance(one, _Read):
                failed.append(one)
                continue
            address = identify(one.message, self.worker.policy).address
            if address is not None and ("address", address) in taken:
                later.append(one)
                continue
            try:
                case = self.worker.gather(one.mail, one.message, one.attempt)
            except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
                failed.append((one.mail, error))
                continue
            marks = set(_marks(case, address))
            if marks & taken:
                later.append(one)
            else:
                cases.append(case)
            taken |= marks
        return cases, failed, later

    def _settle(self, cases: Sequence[Case]) -> Iterator[Ended]:
        found = self.deciders.conclude(cases)
        again: list[Case] = []
        ended: dict[int, Exception | None] = {}
        written: list[tuple[Case, Considered]] = []
        try:
            with self.worker.books.together():
                for case, done in zip(cases, found, strict=True):
                    if isinstance(done, Exception):
                        ended[case.mail.id] = done
                        continue
                    reached(Failpoint.DECIDED)
                    try:
                        self.worker.write(case.mail, done)
                    except (LedgerMovedError, LimitReachedError):
                        again.append(case)
                    except HeldBackError as pause:
                        ended[case.mail.id] = pause
                    except TransientError:
                        raise  # what was written is undone with it
                    except Exception as error:  # noqa: BLE001 it is the mail's own, and told as such
                        ended[case.mail.id] = error
                    else:
                        written.append((case, done))
        except Exception as error:  # noqa: BLE001 none of them is durable
            yield from ((case.mail, ended.get(case.mail.id) or error) for case in cases)
            return
        for case, done in written:
            reached(Failpoint.COMMITTED)
            events.mail_decided(case.mail, done.decision, done.reference)
            ended[case.mail.id] = None
        ended |= {case.mail.id: self._alone(case) for case in again}
        yield from ((case.mail, ended[case.mail.id]) for case in cases)

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
