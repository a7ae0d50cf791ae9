"""What is done once a day, after the office has opened: audit heads are kept, operations told, old words erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from processor.adapters import digest_sql, retention_sql
from processor.adapters.anchor import write_anchor
from processor.adapters.audit import OPERATIONS_CHAIN
from processor.adapters.engine import transact
from processor.adapters.figures_sql import Figures, Queue, read_figures
from processor.adapters.follow_up_sql import done_among, mark_done
from processor.adapters.operations_mail import OperationsMail
from processor.adapters.report_sql import read_report
from processor.core.currencies import to_text
from processor.core.office import Office
from processor.ports import RenderedLetter
from processor.report_rows import rows_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waits:
    """A line of the digest: what waits, how many, and for how many days the oldest (None: nothing waits)."""

    name: str
    count: int
    days: int | None


@dataclass(frozen=True, slots=True)
class Daily:
    """The day's work on one database. Days of retention are 0 where everything is kept."""

    engine: Engine
    office: Office
    mail: OperationsMail
    recipients: tuple[str, ...]
    anchor_folder: Path | None
    mail_days: int
    letter_days: int
    word_days: int = 0

    def keep_heads(self, now: datetime) -> None:
        """Write the heads of the audit log to a file outside the database."""
        day, name = self.office.day(now), f"anchor {self.office.day(now)}"
        if self.anchor_folder is None or not self._is_due(name, now):
            return
        write_anchor(self.anchor_folder, day, digest_sql.anchor_of(self.engine))
        transact(self.engine, lambda connection: mark_done(connection, [name], now))

    def tell(self, now: datetime) -> bool:
        """Send the digest, on working days; days that were missed are told with the next one."""
        day = self.office.day(now)
        name = f"digest {day}"
        if not self.recipients or not self.office.is_working(day) or not self._is_due(name, now):
            return False
        since = self._told_last(day) or self._opened_before(day)
        return digest_sql.send_once(self.engine, name, "digest", tuple(self._digests(day, since, now)), now)

    def report(self, now: datetime) -> bool:
        """Send the report of the last seven days, on the first working day of a week."""
        day = self.office.day(now)
        monday = day - day.weekday() * _DAY
        first = next(one for one in (monday + days * _DAY for days in range(8)) if self.office.is_working(one))
        name = f"report {monday}"
        if not self.recipients or day != first or not self._is_due(name, now):
            return False
        until = self.office.opening(day)
        rows = tuple(rows_of(read_report(self.engine, until - 7 * _DAY, until)))
        letters = [
            self.mail.write("report", day.isoformat(), number, recipient, now, {"day": day.isoformat(), "rows": rows})
            for number, recipient in enumerate(self.recipients, 1)
        ]
        return digest_sql.send_once(self.engine, name, "report", letters, now)

    def erase(self, now: datetime) -> int:
        """Erase words whose time is over; return of how many mails and letters."""
        name, count = f"erase {self.office.day(now)}", 0
        if not self._is_due(name, now):
            return 0
        retention_sql.forget_tallies(self.engine, now - 2 * _DAY)
        if self.mail_days:
            count += retention_sql.erase_mails(self.engine, now - self.mail_days * _DAY, now, OPERATIONS_CHAIN)
        if self.letter_days:
            count += retention_sql.erase_letters(self.engine, now - self.letter_days * _DAY, now, OPERATIONS_CHAIN)
        if self.word_days:
            count += retention_sql.erase_words(self.engine, now - self.word_days * _DAY, now, OPERATIONS_CHAIN)
        transact(self.engine, lambda connection: mark_done(connection, [name], now))
        return count

    def _is_due(self, name: str, now: datetime) -> bool:
        return now >= self.office.opening(self.office.day(now)) and not done_among(self.engine, [name])

    def _told_last(self, day: date) -> datetime | None:
        """Return when the last digest left, of the last month's."""
        names = [f"digest {day - days * _DAY}" for days in range(1, 32)]
        return max(done_among(self.engine, names).values(), default=None)

    def _opened_before(self, day: date) -> datetime:
        """Return when the office opened on the working day before."""
        day -= _DAY
        while not self.office.is_working(day):
            day -= _DAY
        return self.office.opening(day)

    def _digests(self, day: date, since: datetime, now: datetime) -> Iterator[RenderedLetter]:
        brought, figures = digest_sql.brought_since(self.engine, since), read_figures(self.engine, now)
        anchor = digest_sql.anchor_of(self.engine)
        facts = {
            "day": day.isoformat(),
            "since": f"{since.astimezone(self.office.zone):%Y-%m-%d %H:%M}",
            "mails": dict(brought.mails),
            "applied": {code: to_text(minor, code) for code, minor in brought.applied},
            "waiting": tuple(_waiting(figures)),
            "reviews": figures.reviews_by_kind,
            "dangers": brought.dangers,
            "anchor": {"chains": len(anchor.heads), "entries": anchor.entries, "sha256": anchor.sha256},
        }
        for number, recipient in enumerate(self.recipients, 1):
            yield self.mail.write("digest", day.isoformat(), number, recipient, now, facts)


def _waiting(figures: Figures) -> Iterator[Waits]:
    queues: tuple[tuple[str, Queue], ...] = (
        ("mails undecided", figures.undecided),
        ("items for operations", figures.review),
        ("requests for partners", figures.waiting),
        ("letters on the way", figures.outbox),
        ("letters uncertain", figures.uncertain),
        ("feeds unwritten", figures.feeds),
    )
    for name, queue in queues:
        days = None if queue.since is None else max(0, (figures.at - queue.since).days)
        yield Waits(name, queue.count, days)
