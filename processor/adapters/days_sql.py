"""What the last days brought: mails by day (UTC) and outcome, as the processor decided them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Engine, Text, func, select, type_coerce

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision

Days = tuple[tuple[date, dict[str, int]], ...]


def read_days(engine: Engine, now: datetime, count: int) -> Days:
    """Return the last days up to today, each with its counts; a day without mail is there too."""
    first = now.date() - timedelta(days=count - 1)
    day = func.substr(type_coerce(decision.c.decided_at, Text), 1, 10)
    since = datetime(first.year, first.month, first.day, tzinfo=now.tzinfo)
    rows = select(day, decision.c.outcome, func.count()).where(decision.c.decided_at >= since, decision.c.round == 0)
    days: dict[date, dict[str, int]] = {first + timedelta(days=number): {} for number in range(count)}
    with reading(engine) as connection:
        for text, outcome, number in connection.execute(rows.group_by(day, decision.c.outcome)):
            days.setdefault(date.fromisoformat(text), {})[outcome] = number
    return tuple(sorted(days.items()))
