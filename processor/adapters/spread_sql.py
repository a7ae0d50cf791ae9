"""How long things took: median, 95th percentile and longest, as the database finds them: not handed over one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, FromClause, Select, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from processor.adapters.columns import Moment

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took or waits, in seconds: how often, median, 95th percentile, longest."""

    count: int
    median: float
    p95: float
    longest: float


class seconds_between(FunctionElement[float]):  # noqa: N801 a function of SQL is called so
    """The seconds from one stored moment to another, as near as floating point: what is told is rounded once read."""

    type = Float()
    name = "seconds_between"
    inherit_cache = True


def spread(connection: Connection, begun: Any, ended: Any, source: FromClause, those: Sequence[Any]) -> Spread:  # noqa: ANN401
    """Measure from one column to another, or to a moment (UTC), over the rows that meet all conditions."""
    end = literal(ended, Moment()) if isinstance(ended, datetime) else ended
    took: ColumnElement[float] = seconds_between(begun, end)
    every = select(took.label("took")).select_from(source).where(*those).cte("every")
    ranked = select(
        every.c.took,
        func.row_number().over(order_by=every.c.took).label("place"),
        func.count().over().label("of_all"),
    ).cte("ranked")
    rows = connection.execute(_telling(ranked)).all()
    if not rows:
        return Spread(0, 0.0, 0.0, 0.0)
    count = int(rows[0].of_all)
    at = {int(row.place): round(float(row.took), 3) for row in rows}
    return Spread(count, at[_rank(count, 50)], at[_rank(count, 95)], at[count])


def _telling(ranked: FromClause) -> Select[Any]:
    """Keep the few rows that tell: the smallest value that half, or 95 of 100, don't exceed, and the longest."""
    place, count = ranked.c.place, ranked.c.of_all
    middle, most = (count * 50 + 99) // 100, (count * 95 + 99) // 100
    return select(place, count, ranked.c.took).where(or_(place == middle, place == most, place == count))


def _rank(count: int, percent: int) -> int:
    return (count * percent + 99) // 100


@compiles(seconds_between, "sqlite")
def _in_sqlite(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    begun, ended = (compiler.process(one, **options) for one in element.clauses)
    return f"(julianday({ended}) - julianday({begun})) * {_DAY}"


@compiles(seconds_between, "postgresql")
def _in_postgresql(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    begun, ended = (compiler.process(one, **options) for one in element.clauses)
    return f"date_part('epoch', CAST({ended} AS timestamptz) - CAST({begun} AS timestamptz))"
