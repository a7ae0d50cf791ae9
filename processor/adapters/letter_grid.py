"""Tables of a letter: facts become cells once, and both parts of the mail lay out the same cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from processor.core.letter import LetterLine
from processor.core.model import Money

_RECORD = 3  # cells from which a single row reads better downwards


@dataclass(frozen=True, slots=True)
class Grid:
    """Headings and rows of cells. `amounts` tells which columns are money; `labels` number the rows, if any."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    amounts: tuple[bool, ...]
    labels: tuple[str, ...] = ()

    @property
    def is_record(self) -> bool:
        """Whether it is a single row, to be laid out downwards."""
        return len(self.rows) == 1 and not self.labels and len(self.headings) >= _RECORD

    def pairs(self, row: Sequence[str]) -> list[tuple[str, str]]:
        """Return a row's headings and cells, without the empty ones."""
        return [(heading, cell) for heading, cell in zip(self.headings, row, strict=True) if cell]


def make_grid(
    lines: Sequence[LetterLine], show: Callable[[object], str], columns: dict[str, str], labels: Sequence[str] = ()
) -> Grid:
    """Make a table of lines. `columns` gives fact and heading, in order; a fact that no line knows gets no column."""
    known = [name for name in columns if any(getattr(line, name) is not None for line in lines)]
    facts = [[getattr(line, name) for name in known] for line in lines]
    return Grid(
        headings=tuple(columns[name] for name in known),
        rows=tuple(tuple("" if fact is None else show(fact) for fact in row) for row in facts),
        amounts=tuple(all(isinstance(row[place], Money | None) for row in facts) for place in range(len(known))),
        labels=tuple(labels),
    )


def numbered(count: int) -> list[str]:
    """Return the labels of a list that is answered by number."""
    return [f"{number})" for number in range(1, count + 1)]


def numbered_groups(groups: Sequence[Sequence[LetterLine]]) -> list[str]:
    """Return the labels of alternatives of several lines each: the number stands at the first line."""
    numbers = numbered(len(groups))
    return [
        number if place == 0 else ""
        for number, group in zip(numbers, groups, strict=True)
        for place, _ in enumerate(group)
    ]
