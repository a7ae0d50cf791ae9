"""The breaker: too many letters within an hour pause replying, until a person resumes. Nothing is lost meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from processor import events
from processor.adapters import pause_sql
from processor.adapters.engine import reading
from processor.adapters.journal_tables import letter
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.safety_tables import pause
from processor.outgoing import OutgoingLetter

BREAKER = "breaker"  # who pauses, where no person does
HOUR = timedelta(hours=1)


class WatchedOutbox(SqlOutbox):
    """An outbox that nothing leaves once too many letters were written within an hour; 0 is any number."""

    def __init__(self, engine: Engine, per_hour: int) -> None:
        super().__init__(engine)
        self._per_hour = per_hour

    def due(self, now: datetime, limit: int) -> tuple[OutgoingLetter, ...]:
        if self._per_hour and self._written_of_late(now) > self._per_hour:
            self._trip(now)
            return ()
        return super().due(now, limit)

    def _trip(self, now: datetime) -> None:
        reason = f"more than {self._per_hour} letters were written within an hour"
        if pause_sql.begin(self._engine, pause_sql.Pause("all", "", "replying", reason, BREAKER, now)):
            events.letters_held(reason)

    def _written_of_late(self, now: datetime) -> int:
        """Count the letters of the last hour; of those before a person resumed, none counts again."""
        with reading(self._engine) as connection:
            since = max(now - HOUR, _resumed(connection) or now - HOUR)
            late = select(letter.c.id).where(letter.c.queued_at > since).limit(self._per_hour + 1).subquery()
            return connection.scalars(select(func.count()).select_from(late)).one()


def _resumed(connection: Connection) -> datetime | None:
    ended = select(func.max(pause.c.ended_at, type_=pause.c.ended_at.type)).where(pause.c.actor == BREAKER)
    moment: datetime | None = connection.scalar(ended)
    return moment
