"""How the work went over a span of time: what went through untouched, why the rest did not, how long it took.

The database counts and ranks; only sums are handed over, so that a report of many mails costs little more than of few.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, Row, bindparam, case, func, select, tuple_

from processor.adapters.engine import reading
from processor.adapters.figures_sql import UNFINISHED, is_in
from processor.adapters.journal_tables import decision, letter, mail, request, review_item
from processor.adapters.spread_sql import Spread, spread
from processor.adapters.tables import allocation
from processor.core.decision import RequestState
from processor.core.outcomes import Outcome
from processor.outgoing import LetterState

__all__ = ["Report", "Share", "Spread", "read_report"]

PROCESSOR = "processor"
_ASKING = (Outcome.APPLIED, Outcome.NEEDS_DETAILS, Outcome.REJECTED)


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


def read_report(engine: Engine, since: datetime, until: datetime, partners: int | None = None) -> Report:
    """Count what happened in a span; what waits is counted as it stands at its end.

    All partners are told of in order, or so many of those with most mails.
    """
    with reading(engine) as connection:
        decided = connection.execute(_decided(since, until)).all()
        lines = _lines(connection, since, until)
        return Report(
            since=since,
            until=until,
            outcomes=_counted((row.outcome, row.number) for row in decided),
            reasons=_codes(decided, lambda row: row.reasons),
            missing=_codes(decided, lambda row: row.missing),
            requests=_requests(connection, since, until),
            envelopes=_share("all", [row for row in decided if row.asks]),
            lines=lines.made,
            lines_by_people=lines.by_people,
            lines_reversed=lines.reversals,
            own_lines_taken_back=lines.own_taken_back,
            decisions_corrected=_corrected(connection, since, until),
            to_letter=_to_letter(connection, since, until),
            to_decision=_to_decision(connection, since, until),
            in_review=_age(connection, review_item.c.opened_at, review_item.c.state == "open", until),
            waiting=_age(connection, request.c.changed_at, _waits(), until),
            by_partner=_partners(connection, since, until, partners),
            by_language=_languages([row for row in decided if row.asks]),
        )


def _in_span(since: datetime, until: datetime) -> ColumnElement[bool]:
    at = decision.c.decided_at
    return (decision.c.round == 0) & (at >= since) & (at < until)


def _decided(since: datetime, until: datetime) -> Any:  # noqa: ANN401 as wide as its columns
    """Decisions of the span in groups; `asks` is 1 for those about a partner's request for an allocation."""
    asks = case((decision.c.outcome.in_(_ASKING) & decision.c.partner_id.is_not(None), 1), else_=0)
    columns = (decision.c.outcome, decision.c.reasons, decision.c.missing, decision.c.language, asks.label("asks"))
    return select(*columns, func.count().label("number")).where(_in_span(since, until)).group_by(*columns)


def _partners(connection: Connection, since: datetime, until: datetime, most: int | None) -> tuple[Share, ...]:
    # As a value, not as a column: else SQLite groups by the index over partners, and so by every decision there is.
    name, asked = func.coalesce(decision.c.partner_id, ""), func.count()
    applied = func.sum(case((decision.c.outcome == Outcome.APPLIED, 1), else_=0))
    rows = (
        select(name, asked, applied)
        .where(_in_span(since, until), decision.c.outcome.in_(_ASKING), decision.c.partner_id.is_not(None))
        .group_by(name)
        .order_by(*((asked.desc(), name) if most else (name,)))
        .limit(most)
    )
    return tuple(Share(row[0], row[1], int(row[2])) for row in connection.execute(rows))


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
    own, made, at = allocation.c.actor == PROCESSOR, allocation.c.reverses.is_(None), allocation.c.allocated_at
    rows = (
        select(own.label("own"), made.label("made"), func.count().label("number"))
        .where(at >= since, at < until)
        .group_by(own, made)
    )
    found = connection.execute(rows).all()
    return _Lines(
        made=sum(row.number for row in found if row.made),
        by_people=sum(row.number for row in found if row.made and not row.own),
        reversals=sum(row.number for row in found if not row.made),
        own_taken_back=_taken_back(connection, since, until),
    )


def _taken_back(connection: Connection, since: datetime, until: datetime) -> int:
    """Count the processor's lines of the span that were taken back since: a reversal is never before its line.

    There are few reversals: a line is looked up for each, and not a reversal for each line.
    """
    later = allocation.alias("later")
    theirs = select(later.c.partner_id, later.c.reverses).where(
        later.c.reverses.is_not(None), later.c.allocated_at >= since
    )
    rows = (
        select(func.count())
        .where(tuple_(allocation.c.partner_id, allocation.c.allocation_id).in_(theirs))
        .where(allocation.c.actor == PROCESSOR)
        .where(allocation.c.allocated_at >= since, allocation.c.allocated_at < until)
    )
    return connection.scalars(rows).one()


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


def _to_letter(connection: Connection, since: datetime, until: datetime) -> Spread:
    """From a mail's arrival to the acceptance of the letter that answers it."""
    at = letter.c.settled_at
    those = (letter.c.state == _said(LetterState.SENT), at >= since, at < until)
    return spread(connection, mail.c.received_at, at, letter.join(mail, letter.c.mail_id == mail.c.id), those)


def _said(state: str) -> BindParameter[str]:
    """Say a state word for word: by an index over the rows in it, the rows themselves need no look."""
    return bindparam(None, str(state), literal_execute=True)


def _to_decision(connection: Connection, since: datetime, until: datetime) -> Spread:
    both = decision.join(mail, decision.c.mail_id == mail.c.id)
    return spread(connection, mail.c.received_at, decision.c.decided_at, both, [_in_span(since, until)])


def _age(connection: Connection, begun: Any, those: ColumnElement[bool], until: datetime) -> Spread:  # noqa: ANN401
    return spread(connection, begun, until, begun.table, [those, begun < until])


def _waits() -> ColumnElement[bool]:
    return is_in(request, UNFINISHED) & (request.c.state == RequestState.WAITING)


def _languages(asking: Iterable[Row[*tuple[Any, ...]]]) -> tuple[Share, ...]:
    by_name: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in asking:
        by_name.setdefault(row.language, []).append(row)
    return tuple(_share(name, rows) for name, rows in sorted(by_name.items()))


def _share(name: str, rows: Iterable[Row[*tuple[Any, ...]]]) -> Share:
    counted = [(row.number, row.outcome == Outcome.APPLIED) for row in rows]
    return Share(name, sum(number for number, _ in counted), sum(number for number, applied in counted if applied))


def _codes(decided: Iterable[Row[*tuple[Any, ...]]], codes: Callable[[Row[*tuple[Any, ...]]], str]) -> dict[str, int]:
    return _counted((code, row.number) for row in decided for code in json.loads(codes(row)))


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up, the most first."""
    counts: Counter[str] = Counter()
    for name, number in pairs:
        counts[name] += number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
