"""Identifiers that differ by one step: offered to people, never taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.characters import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable


def neighbours(value: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known identifiers one step away: a character changed, added, missing, or two neighbours swapped."""
    return tuple(sorted(other for other in known if one_step_apart(squeeze(value).text, squeeze(other).text)))


def one_step_apart(left: str, right: str) -> bool:
    """Tell whether two spellings differ by one edit or one swap of neighbours (restricted Damerau-Levenshtein distance
    1).
    """
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    same = next(
        (index for index, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]),
        min(len(left), len(right)),
    )
    a, b = left[same:], right[same:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a == b[1:] or a[1:] == b
