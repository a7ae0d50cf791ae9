"""What is asked in the very transaction that applies money: is it paused, and is it within the limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select, true

from processor.adapters.caps import NO_LIMITS, Amounts, UnseenLimits
from processor.adapters.pause_sql import paused
from processor.adapters.tables import allocation
from processor.core.currencies import to_text
from processor.core.decision import Application
from processor.ports import HeldBackError, LimitReachedError

PROCESSOR = "processor"  # the limits are for what nobody has seen
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets the processor's own money pass, or raises `LimitReachedError` above a limit."""

    limits: UnseenLimits = NO_LIMITS

    def ask(self, connection: Connection, applications: Sequence[Application], at: datetime) -> None:
        """Ask for what the processor would apply, before it does."""
        if not applications or self.limits == NO_LIMITS:
            return
        for limit in self._reached(connection, applications, at):
            raise LimitReachedError(limit)

    def _reached(self, connection: Connection, applications: Sequence[Application], at: datetime) -> Iterator[str]:
        limits = self.limits
        yield from _over("of one request", _sums(applications), limits.request)
        for partner_id in sorted({one.partner_id for one in applications}):
            mine = [one for one in applications if one.partner_id == partner_id]
            whose = allocation.c.partner_id == partner_id
            if limits.partner_day or limits.partner_hour_lines:
                _take_turns(connection, f"limits of {partner_id}")
            if limits.partner_day:
                before = _applied(connection, whose, at - DAY)
                yield from _over("of a partner's day", _sums(mine, before), limits.partner_day)
            if limits.partner_hour_lines:
                count = _lines(connection, whose, at - HOUR) + len(mine)
                yield from _too_many("for a partner", count, limits.partner_hour_lines)
        yield from self._reached_by_all(connection, applications, at)

    def _reached_by_all(
        self, connection: Connection, applications: Sequence[Application], at: datetime
    ) -> Iterator[str]:
        limits = self.limits
        if limits.day or limits.hour_lines:
            _take_turns(connection, "limits of all")
        if limits.day:
            before = _applied(connection, true(), at - DAY)
            yield from _over("of a day", _sums(applications, before), limits.day)
        if limits.hour_lines:
            count = _lines(connection, true(), at - HOUR) + len(applications)
            yield from _too_many("for all partners", count, limits.hour_lines)


def keep_pauses(connection: Connection, applications: Sequence[Application], mailbox: str) -> None:
    """Ask whether applying is paused for any of these, by mailbox, partner or altogether. Raises `HeldBackError`."""
    found = paused(connection, "applying", mailbox, tuple({one.partner_id for one in applications}))
    if found is not None:
        raise HeldBackError(str(found))


def above(applications: Iterable[Application], limits: Amounts) -> bool:
    """Tell whether the sum in any currency is above its limit."""
    return any(True for _ in _over("", _sums(applications), limits))


def _sums(applications: Iterable[Application], before: Amounts | None = None) -> dict[str, int]:
    sums = dict(before or {})
    for one in applications:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount
    return sums


def _over(what: str, sums: Amounts, limits: Amounts) -> Iterator[str]:
    for currency, limit in sorted(limits.items()):
        if sums.get(currency, 0) > limit:
            amount, most = to_text(sums[currency], currency), to_text(limit, currency)
            yield f"{amount} {currency} is above the limit {what}, {most}"


def _too_many(whose: str, count: int, limit: int) -> Iterator[str]:
    if count > limit:
        yield f"{count} allocations in an hour {whose} are above the limit of {limit}"


def _unseen(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return allocation.c.allocated_at > since, allocation.c.actor == PROCESSOR, allocation.c.reverses.is_(None)


def _applied(connection: Connection, whose: ColumnElement[bool], since: datetime) -> dict[str, int]:
    rows = select(allocation.c.currency, func.sum(allocation.c.amount)).where(whose, *_unseen(since))
    return {row[0]: int(row[1]) for row in connection.execute(rows.group_by(allocation.c.currency))}


def _lines(connection: Connection, whose: ColumnElement[bool], since: datetime) -> int:
    return connection.scalars(select(func.count()).where(whose, *_unseen(since))).one()


def _take_turns(connection: Connection, name: str) -> None:
    """Let nobody else count at the same time, or two could pass under one limit. On SQLite only one writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
