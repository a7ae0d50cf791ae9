"""Identifiers that differ by one step: offered to people, never taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.characters import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable


def neighbours(value: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known identifiers one step away: a character changed, added, missing, or two neighbours swapped."""
    written = squeeze(value).text
    return tuple(sorted(other for other in known if one_step_apart(written, squeeze(other).text)))


def one_step_apart(left: str, right: str) -> bool:
    """Tell whether two spellings differ by one edit or one swap of neighbours (restricted Damerau-Levenshtein distance
    1).
    """
    if left == right:
        return False
    shorter = min(len(left), len(right))
    same = next((index for index in range(shorter) if left[index] != right[index]), shorter)
    a, b = left[same:], right[same:]
    swapped = a[:2] == b[:2][::-1] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a == b[1:] or a[1:] == b
