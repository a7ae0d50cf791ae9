"""How much waits where, and for how long: by these figures people see that work is stuck (`inbound-mail.md` 5.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, Table, bindparam, func, select

from processor.adapters.columns import Moment
from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, letter, mail, request, review_item
from processor.adapters.operations_tables import feed
from processor.adapters.pulse_sql import Pulse, pulses
from processor.core.decision import RequestState
from processor.outgoing import LetterState
from processor.ports import Phase

RECENT = timedelta(days=1)
_ON_THE_WAY = (LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING)
UNFINISHED = (RequestState.WAITING, RequestState.IN_REVIEW)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and since when the oldest does (UTC; None: nothing waits)."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that waits, at one moment (UTC), and what the last day brought: mails by outcome."""

    at: datetime
    undecided: Queue
    review: Queue
    reviews_by_kind: Mapping[str, int]
    waiting: Queue
    outbox: Queue
    uncertain: Queue
    feeds: Queue
    outcomes: Mapping[str, int]
    pulses: Mapping[str, Pulse]


def read_figures(engine: Engine, now: datetime) -> Figures:
    """Count, as of one moment. Raises `DatabaseUnavailableError`."""
    with reading(engine) as connection:
        return Figures(
            at=now,
            undecided=_queue(connection, mail, "stored_at", mail.c.phase == Phase.STORED),
            review=_queue(connection, review_item, "opened_at", review_item.c.state == "open"),
            reviews_by_kind=_counted(connection, review_item, "kind", review_item.c.state == "open"),
            waiting=_queue(
                connection,
                request,
                "changed_at",
                is_in(request, UNFINISHED) & (request.c.state == RequestState.WAITING),
            ),
            outbox=_queue(connection, letter, "queued_at", is_in(letter, _ON_THE_WAY)),
            uncertain=_queue(connection, letter, "queued_at", letter.c.state == LetterState.UNCERTAIN),
            feeds=_queue(connection, feed, "opened_at", feed.c.state != "written"),
            outcomes=_counted(connection, decision, "outcome", decision.c.decided_at >= now - RECENT),
            pulses=pulses(connection),
        )


def is_in(table: Table, states: Sequence[str]) -> ColumnElement[bool]:
    """Say it word for word as the index over these few rows says it, which isn't used else."""
    return table.c.state.in_(bindparam(None, [str(one) for one in states], expanding=True, literal_execute=True))


def _queue(connection: Connection, table: Table, since: str, those: ColumnElement[bool]) -> Queue:
    oldest = func.min(table.c[since], type_=Moment())
    count, moment = connection.execute(select(func.count(), oldest).where(those)).one()
    return Queue(count, moment)


def _counted(connection: Connection, table: Table, column: str, those: ColumnElement[bool]) -> dict[str, int]:
    key = table.c[column]
    rows = select(key, func.count()).where(those).group_by(key).order_by(key)
    return {row[0]: row[1] for row in connection.execute(rows)}
