"""The chart of the last days: a bar a day, stacked by what became of the mails. It can be read without colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from processor.adapters.days_sql import Days

WIDTH, HEIGHT, FOOT = 720, 160, 18
PARTS = (
    ("done", "done by itself", ("applied", "answered")),
    ("asked", "partner asked", ("needs_details",)),
    ("held", "for a person", ("rejected", "quarantined")),
    ("ignored", "machine mail", ("ignored",)),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of the chart; `kind` is its class and names its pattern."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its pieces, its counts in the order of `PARTS`, and where its label stands."""

    day: date
    counts: tuple[int, ...]
    pieces: tuple[Piece, ...]
    x: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it; `top` is the number of mails that the full height stands for."""

    bars: tuple[Bar, ...]
    top: int
    total: int


def chart_of(days: Days) -> Chart:
    """Lay the chart out."""
    counts = [tuple(sum(found.get(one, 0) for one in outcomes) for _, _, outcomes in PARTS) for _, found in days]
    top = _top(max((sum(one) for one in counts), default=0))
    step = WIDTH / max(1, len(days))
    bars = tuple(
        Bar(
            day,
            count,
            _pieces(count, number * step + step * 0.14, step * 0.72, top),
            number * step + step / 2,
            (len(days) - 1 - number) % 7 == 0,
        )
        for number, ((day, _), count) in enumerate(zip(days, counts, strict=True))
    )
    return Chart(bars, top, sum(map(sum, counts)))


def _pieces(counts: tuple[int, ...], x: float, width: float, top: int) -> tuple[Piece, ...]:
    floor, pieces = float(HEIGHT), []
    for (kind, _, _), count in zip(PARTS, counts, strict=True):
        if count:
            height = count / top * HEIGHT
            floor -= height
            pieces.append(Piece(kind, round(x, 2), round(floor, 2), round(width, 2), round(height, 2)))
    return tuple(pieces)


def _top(most: int) -> int:
    """Return a round number at least as large."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if size * factor >= max(4, most):
                return size * factor
        size *= 10
