"""A chart of names and counts: one bar a name, the number beside it, so that it is read with or without the picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LENGTH = 100.0  # of the longest bar, in the units of its picture
SHOWN = 12  # bars; the others are in the table and the files


@dataclass(frozen=True, slots=True)
class Bar:
    """One name: how long its bar is, and what to say beside it."""

    name: str
    length: float
    words: str


def counts(pairs: Iterable[tuple[str, int]]) -> tuple[Bar, ...]:
    """Lay out counts, the largest first; the longest bar is the largest count."""
    ordered = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    most = max((count for _, count in ordered), default=0) or 1
    return tuple(Bar(name, round(LENGTH * count / most, 2), f"{count:,}") for name, count in ordered)


def shares(parts: Iterable[tuple[str, int, int]]) -> tuple[Bar, ...]:
    """Lay out parts of wholes, the largest whole first; a full bar is all of its whole."""
    ordered = sorted(parts, key=lambda part: (-part[2], part[0]))[:SHOWN]
    return tuple(
        Bar(name, round(LENGTH * part / whole, 2) if whole else 0.0, f"{part / whole:.0%} of {whole:,}")
        for name, part, whole in ordered
        if whole
    )
