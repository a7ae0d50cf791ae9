"""Other words tried on past mails: which decisions would change, and how much money would move. Nothing is written.

Each mail is decided twice from what its decision saw: by the words in force, and by the draft. So whatever differs is
the draft's doing, and not that of a ledger or a program that has moved on since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from processor.adapters.books_sql import SqlBooks
from processor.adapters.trial_sql import Kept, count_kept, kept_mails
from processor.core.decide import decide
from processor.core.decision import Decision, Snapshot
from processor.core.identity import identify
from processor.core.message import Message
from processor.core.policy import Policy
from processor.core.threading import thread_keys
from processor.deadline import TooLongError, within
from processor.mail_files import find_cases, stored_mail
from processor.ports import Reader
from processor.wiring import SystemClock
from processor.worker import DECIDING, read_mail

Money = Mapping[str, int]  # minor units by currency


@dataclass(frozen=True, slots=True)
class Job:
    """What is tried: texts by the name of the file they stand for, on the mails of a span (UTC) or of a folder."""

    draft: Mapping[str, str]
    since: datetime
    until: datetime
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mail: outcome and the codes of what was missing or wrong."""

    outcome: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that would change. `more` is applied by the draft alone, `less` by the words in force alone."""

    name: str
    subject: str
    partner_id: str
    before: Verdict
    after: Verdict
    more: Money
    less: Money


@dataclass(frozen=True, slots=True)
class Step:
    """One mail was tried, the `number`th of `total`; `left_out` says why it was not, `change` what would change."""

    number: int
    total: int
    change: Change | None = None
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Trying:
    """The parts that a trial works with."""

    engine: Engine
    reader: Reader
    in_force: Policy
    draft: Policy
    books: SqlBooks = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "books", SqlBooks(self.engine, SystemClock()))

    def steps(self, job: Job) -> Iterator[Step]:
        """Try mail after mail. Raises `MailFilesError` for a folder without mails, `OutsideError`."""
        if job.folder is None:
            total, every = count_kept(self.engine, job.since, job.until), kept_mails(self.engine, job.since, job.until)
        else:
            mails = [(f"{case.name}/{name}", raw) for case in find_cases(job.folder) for name, raw in case.mails]
            total, every = len(mails), (Kept(name, stored_mail(raw), None) for name, raw in mails)
        for number, kept in enumerate(every, 1):
            yield self._step(kept, number, max(total, number), from_folder=job.folder is not None)

    def _step(self, kept: Kept, number: int, total: int, *, from_folder: bool) -> Step:
        if not kept.mail.raw or (kept.snapshot is None and not from_folder):
            return Step(number, total, left_out="erased")
        message = read_mail(self.reader, kept.mail)
        snapshot = kept.snapshot or self._as_of_now(kept, message)
        try:
            before, after = (
                within(DECIDING, lambda policy=policy: decide(message, snapshot, policy))  # type: ignore[misc]
                for policy in (self.in_force, self.draft)
            )
        except TooLongError:
            return Step(number, total, left_out="too long")
        return Step(number, total, change=compare(kept.name, message.subject, before, after))

    def _as_of_now(self, kept: Kept, message: Message) -> Snapshot:
        """See what the sender has today; that the mail was delivered before must not decide it now."""
        keys = thread_keys(message, self.in_force)
        found = self.books.snapshot_for(kept.mail, message, identify(message, self.in_force).address, keys)
        return replace(found, delivered_before=False)


def compare(name: str, subject: str, before: Decision, after: Decision) -> Change | None:
    """Return what would change, or None where the same becomes of the mail."""
    verdicts, lines = (_verdict(before), _verdict(after)), (_lines(before), _lines(after))
    if verdicts[0] == verdicts[1] and lines[0] == lines[1]:
        return None
    more, less = _money(lines[1] - lines[0]), _money(lines[0] - lines[1])
    return Change(name, subject, after.partner_id or before.partner_id or "", *verdicts, more, less)


def _verdict(decision: Decision) -> Verdict:
    return Verdict(decision.outcome.value, (*(one.value for one in decision.missing), *map(str, decision.reasons)))


def _lines(decision: Decision) -> Counter[tuple[str, str, str, int]]:
    return Counter((one.payment, one.invoice, one.currency, one.amount) for one in decision.applications)


def _money(lines: Counter[tuple[str, str, str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_, _, currency, amount), times in lines.items():
        found[currency] += amount * times
    return dict(sorted(found.items()))
