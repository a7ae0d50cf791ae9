"""Stretches of a text: pairs of places, the second just behind the stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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
