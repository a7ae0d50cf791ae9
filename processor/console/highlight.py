"""A text cut into pieces, so that each stretch that was read as something can be marked where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from processor.core.request import Evidence


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `findings` are the numbers of what was read there, none for plain words."""

    text: str
    findings: tuple[int, ...] = ()


def pieces_of(text: str, source: str, evidence: Sequence[Evidence]) -> tuple[Piece, ...]:
    """Cut a source's text at the bounds of its findings. Findings that overlap share their pieces."""
    spans = [
        (one.start, min(one.end, len(text)), number)
        for number, one in enumerate(evidence)
        if one.source == source and 0 <= one.start < min(one.end, len(text))
    ]
    cuts = sorted({0, len(text), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    return tuple(
        Piece(text[start:end], tuple(number for first, last, number in spans if first <= start and end <= last))
        for start, end in pairwise(cuts)
    )
