"""Stretches of a text: pairs of places, the second just behind the stretch. What is looked up often is looked up by
place, never one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Placed(Protocol):
    """What stands at a place: a phrase, a mention, an amount, a token."""

    @property
    def start(self) -> int: ...  # noqa: D102 - says its name
    @property
    def end(self) -> int: ...  # noqa: D102 - says its name


_START = attrgetter("start")
_WORD = re.compile(r"\w+")
_P = TypeVar("_P", bound=Placed)


def starting_in(found: Sequence[_P], first: int, last: int) -> Sequence[_P]:
    """Return those of findings in order of place that start at `first` or later, and before `last`."""
    begin = bisect_left(found, first, key=_START)
    return found[begin : bisect_left(found, last, begin, key=_START)]


def longest(found: Iterable[Placed]) -> int:
    """Return the length of the longest finding, in characters."""
    return max((each.end - each.start for each in found), default=0)


def reaching(found: Sequence[_P], first: int, last: int, reach: int) -> Sequence[_P]:
    """Return those of findings in order of place that end at `first` or later and start at `last` or before;
    none is longer than `reach`.
    """
    return [each for each in starting_in(found, first - reach, last + 1) if each.end >= first]


def only_short_words(text: str, start: int, end: int, most: int, nouns: Taken) -> bool:
    """Tell whether no word of a stretch is longer than so many letters, but for `nouns`."""
    words = _WORD.finditer(text, start, end)
    return all(match.end() - match.start() <= most or nouns.holds(match.start()) for match in words)


class Taken:
    """Stretches, to be asked often which places they hold."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        """Put stretches in order; they may overlap."""
        ordered = sorted(ranges)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))  # how far the stretches up to here reach

    def holds(self, place: int) -> bool:
        """Tell whether a place is in one of them."""
        at = bisect_right(self._starts, place)
        return at > 0 and self._furthest[at - 1] > place

    def touches(self, start: int, end: int) -> bool:
        """Tell whether one of them overlaps a stretch."""
        at = bisect_left(self._starts, end)
        return at > 0 and self._furthest[at - 1] > start

    def covers(self, start: int, end: int) -> bool:
        """Tell whether one of them holds a whole stretch."""
        at = bisect_right(self._starts, start)
        return at > 0 and self._furthest[at - 1] >= end

    def add(self, start: int, end: int) -> None:
        """Add a stretch that touches none of them."""
        at = bisect_left(self._starts, start)
        self._starts.insert(at, start)
        self._furthest.insert(at, end)


def within(place: int, ranges: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a place is in one of the stretches."""
    return any(start <= place < end for start, end in ranges)


def without(stretch: tuple[int, int], holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of a stretch without its holes, which may overlap."""
    pieces, at = [], stretch[0]
    for start, end in sorted(holes):
        if end > at and start < stretch[1]:
            if start > at:
                pieces.append((at, start))
            at = max(at, end)
    if at < stretch[1]:
        pieces.append((at, stretch[1]))
    return pieces
