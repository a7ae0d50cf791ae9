"""A text line by line, and the phrases that stand in each line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue

RULE = re.compile(r"\s*+(?:[_=-]{5,}+|--.*--)\s*")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line, its line break included, and where it stands."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether it holds no word or mark."""
        return not self.text.strip()


def lines_of(text: str) -> tuple[TextLine, ...]:
    """Divide a text into its lines."""
    return tuple(
        TextLine(match.start(), match.end(), match.group())
        for match in re.finditer(r"[^\n]*(?:\n|$)", text)
        if match.group() or match.start() < len(text)
    )


def cues_by_line(lines: Sequence[TextLine], cues: Sequence[Cue]) -> tuple[tuple[Cue, ...], ...]:
    """Divide cues, which come in order of place, among the lines."""
    at = 0
    grouped: list[tuple[Cue, ...]] = []
    for line in lines:
        first = at
        while at < len(cues) and cues[at].start < line.end:
            at += 1
        grouped.append(tuple(cues[first:at]))
    return tuple(grouped)


def opens(line: TextLine, cues: Sequence[Cue], kind: str) -> bool:
    """Tell whether a line begins with a phrase of a kind."""
    lead = len(line.text) - len(line.text.lstrip(" \t*_[(\"'-"))
    return any(cue.kind == kind and cue.start <= line.start + lead for cue in cues)
