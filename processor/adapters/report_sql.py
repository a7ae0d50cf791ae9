"""How the work went over a span of time: what went through untouched, why the rest did not, how long it took."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, select

from processor.adapters.engine import reading
from processor.adapters.figures_sql import UNFINISHED, is_in
from processor.adapters.journal_tables import decision, letter, mail, request, review_item
from processor.adapters.tables import allocation
from processor.core.decision import RequestState
from processor.core.outcomes import Outcome
from processor.ports import LetterState

PROCESSOR = "processor"
_ASKING = (Outcome.APPLIED, Outcome.NEEDS_DETAILS, Outcome.REJECTED)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took or waits, in seconds: how often, median, 95th percentile, longest."""

    count: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Share:
    """Mails that asked for an allocation: how many, and how many of these the processor applied at once."""

    name: str
    asked: int
    applied: int


@dataclass(frozen=True, slots=True)
class Report:
    """The span (UTC, `until` not in it) and everything counted in it.

    How right the processor was: of its own lines of the span, those taken back since; of its own decisions of the span,
    those that a person has since decided otherwise.
    """

    since: datetime
    until: datetime
    outcomes: dict[str, int]
    reasons: dict[str, int]
    missing: dict[str, int]
    requests: dict[str, int]
    envelopes: Share
    lines: int
    lines_by_people: int
    lines_reversed: int
    own_lines_taken_back: int
    decisions_corrected: int
    to_letter: Spread
    to_decision: Spread
    in_review: Spread
    waiting: Spread
    by_partner: tuple[Share, ...]
    by_language: tuple[Share, ...]


def read_report(engine: Engine, since: datetime, until: datetime) -> Report:
    """Count what happened in a span; what waits is counted as it stands at its end."""
    with reading(engine) as connection:
        decided = connection.execute(_decided(since, until)).all()
        asking = [row for row in decided if row.outcome in _ASKING and row.partner_id]
        lines = _lines(connection, since, until)
        return Report(
            since=since,
            until=until,
            outcomes=_sorted(row.outcome for row in decided),
            reasons=_sorted(code for row in decided for code in _codes(row.reasons)),
            missing=_sorted(code for row in decided for code in _codes(row.missing)),
            requests=_requests(connection, since, until),
            envelopes=_share("all", asking),
            lines=lines.made,
            lines_by_people=lines.by_people,
            lines_reversed=lines.reversals,
            own_lines_taken_back=lines.own_taken_back,
            decisions_corrected=_corrected(connection, since, until),
            to_letter=_spread(_letters(connection, since, until)),
            to_decision=_spread((row.decided_at - row.received_at).total_seconds() for row in decided),
            in_review=_spread(_ages(connection, select(review_item.c.opened_at).where(_open()), until)),
            waiting=_spread(_ages(connection, select(request.c.changed_at).where(_waits()), until)),
            by_partner=tuple(_shares(asking, "partner_id")),
            by_language=tuple(_shares(asking, "language")),
        )


def _decided(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    columns = (decision.c.outcome, decision.c.reasons, decision.c.missing, decision.c.partner_id, decision.c.language)
    return (
        select(*columns, decision.c.decided_at, mail.c.received_at)
        .join(mail, decision.c.mail_id == mail.c.id)
        .where(decision.c.round == 0, decision.c.decided_at >= since, decision.c.decided_at < until)
    )


def _requests(connection: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """What became of the requests that were opened in the span."""
    rows = (
        select(request.c.state, func.count())
        .where(request.c.opened_at >= since, request.c.opened_at < until)
        .group_by(request.c.state)
        .order_by(request.c.state)
    )
    return {row[0]: row[1] for row in connection.execute(rows)}


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of the span by who applied them; reversals are those of the span, whenever their line was applied."""

    made: int
    by_people: int
    reversals: int
    own_taken_back: int


def _lines(connection: Connection, since: datetime, until: datetime) -> _Lines:
    later = allocation.alias("later")
    its = (later.c.partner_id == allocation.c.partner_id) & (later.c.reverses == allocation.c.allocation_id)
    own, made, back = allocation.c.actor == PROCESSOR, allocation.c.reverses.is_(None), later.c.reverses.is_not(None)
    rows = (
        select(own.label("own"), made.label("made"), back.label("back"), func.count().label("number"))
        .select_from(allocation.outerjoin(later, its))
        .where(allocation.c.allocated_at >= since, allocation.c.allocated_at < until)
        .group_by(own, made, back)
    )
    found = connection.execute(rows).all()
    return _Lines(
        made=sum(row.number for row in found if row.made),
        by_people=sum(row.number for row in found if row.made and not row.own),
        reversals=sum(row.number for row in found if not row.made),
        own_taken_back=sum(row.number for row in found if row.made and row.own and row.back),
    )


def _corrected(connection: Connection, since: datetime, until: datetime) -> int:
    """Count the mails of the span about which a person has decided otherwise since."""
    later = decision.alias("later")
    rows = (
        select(func.count(later.c.mail_id.distinct()))
        .join(decision, (decision.c.mail_id == later.c.mail_id) & (decision.c.round == 0))
        .where(later.c.decided_at >= since, later.c.round > 0, later.c.outcome != decision.c.outcome)
        .where(decision.c.decided_at >= since, decision.c.decided_at < until)
    )
    return connection.scalars(rows).one()


def _letters(connection: Connection, since: datetime, until: datetime) -> Iterator[float]:
    """From a mail's arrival to the acceptance of the letter that answers it."""
    rows = (
        select(mail.c.received_at, letter.c.settled_at)
        .join(mail, letter.c.mail_id == mail.c.id)
        .where(letter.c.state == LetterState.SENT, letter.c.settled_at >= since, letter.c.settled_at < until)
    )
    return ((row.settled_at - row.received_at).total_seconds() for row in connection.execute(rows))


def _open() -> ColumnElement[bool]:
    return review_item.c.state == "open"


def _waits() -> ColumnElement[bool]:
    return is_in(request, UNFINISHED) & (request.c.state == RequestState.WAITING)


def _ages(connection: Connection, moments: Select[datetime], until: datetime) -> Iterator[float]:
    return ((until - moment).total_seconds() for moment in connection.scalars(moments) if moment < until)


def _spread(seconds: Iterable[float]) -> Spread:
    ordered = sorted(seconds)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0)
    return Spread(len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.95), ordered[-1])


def _rank(ordered: Sequence[float], part: float) -> float:
    """The smallest value that so large a part does not exceed."""
    return ordered[min(len(ordered) - 1, max(0, ceil(len(ordered) * part) - 1))]


def _shares(asking: Iterable[Row[*tuple[Any, ...]]], column: str) -> Iterator[Share]:
    by_name: dict[str, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in asking:
        by_name[getattr(row, column)].append(row)
    return (_share(name, rows) for name, rows in sorted(by_name.items()))


def _share(name: str, rows: Sequence[Row[*tuple[Any, ...]]]) -> Share:
    return Share(name, len(rows), sum(row.outcome == Outcome.APPLIED for row in rows))


@cache
def _codes(text: str) -> tuple[str, ...]:
    """Read a list of codes; there are few such lists."""
    return tuple(json.loads(text))


def _sorted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
