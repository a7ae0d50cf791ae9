"""Stored mails decided without a mailbox: each conversation on a fresh copy of the ledger. Nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from processor import events
from processor.mail_files import Case, stored_mail
from processor.ports import StoredMail
from processor.worker import Considered, Worker


@dataclass(frozen=True, slots=True)
class Replayed:
    """One mail and what became of it; `done` is None for a mail that could not be handled."""

    case: str
    mail: str
    done: Considered | None
    seconds: float


def replay(cases: Sequence[Case], worker_for: Callable[[], Worker], mailbox: str) -> Iterator[Replayed]:
    """Decide and commit mail after mail. `worker_for` gives a worker on a fresh copy of the ledger."""
    for case in cases:
        worker = worker_for()
        for number, (name, raw) in enumerate(case.mails, 1):
            mail = stored_mail(raw, number, mailbox)
            start = time.perf_counter()
            done = _handle(worker, mail)
            yield Replayed(case.name, name, done, time.perf_counter() - start)


def _handle(worker: Worker, mail: StoredMail) -> Considered | None:
    """What would be tried again and then quarantined on a real mailbox is only told here."""
    try:
        return worker.handle(mail)
    except Exception as error:  # noqa: BLE001 the next mail is not held up
        events.attempt_failed(mail, 1, error)
        return None
