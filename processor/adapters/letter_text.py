"""Paragraphs and tables in plain text. Columns are counted as a terminal counts them: a wide character takes two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from processor.adapters.letter_grid import Grid

WIDTH = 74  # columns: with a mark or two of quotation it still fits a window of eighty
TABLE_WIDTH = 84  # a table is worth a wider window
_GAP = "  "
_INDENT = "  "
_FIRST_UNLIKE = "\u0300"  # below it every character takes one column
_PIECE = re.compile(
    r"[^ 、。]+[、。」）]*|[、。]+[」）]*"
)  # a line may end at a space, or behind a mark that itself is wide


def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """Break a paragraph into lines; `first` stands before the first of them, `rest` before the others."""
    rest = " " * width(first) if rest is None else rest
    lines = [first]
    taken = width(first)  # of the last line
    for piece, spaced in _pieces(text):
        blank = lines[-1] in {first, rest}
        added = " " + piece if spaced and not blank else piece
        if taken + width(added) <= WIDTH or blank:
            lines[-1] += added
            taken += width(added)
        else:
            lines.append(rest + piece)
            taken = width(rest + piece)
    return "\n".join(lines)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what must not be broken, and whether a space stands before it."""
    for match in _PIECE.finditer(text):
        yield match[0], text[match.start() - 1 : match.start()] == " "


def laid_out(grid: Grid) -> str:
    """Lay a table out: downwards where it is one row or too wide, else in columns."""
    table = "\n".join(_columns(grid))
    too_wide = max(map(width, table.split("\n"))) > TABLE_WIDTH
    return "\n".join(_records(grid)) if grid.is_record or too_wide else table


def _columns(grid: Grid) -> Iterator[str]:
    labels = ("", *grid.labels) if grid.labels else ("",) * (len(grid.rows) + 1)
    rows = (grid.headings, *grid.rows)
    widths = [max(width(row[place]) for row in rows) for place in range(len(grid.headings))]
    margin = max(map(width, labels))
    for label, row in zip(labels, rows, strict=True):
        cells = [_padded(cell, size, right=right) for cell, size, right in zip(row, widths, grid.amounts, strict=True)]
        yield _GAP.join(
            [_INDENT + _padded(label, margin), *cells] if margin else [_INDENT + cells[0], *cells[1:]]
        ).rstrip()


def _records(grid: Grid) -> Iterator[str]:
    size = max(map(width, grid.headings))
    for place, row in enumerate(grid.rows):
        if place:
            yield ""
        if grid.labels and grid.labels[place]:
            yield _INDENT + grid.labels[place]
        for heading, cell in grid.pairs(row):
            yield f"{_INDENT}{_padded(heading, size)}{_GAP}{cell}"


def _padded(cell: str, size: int, *, right: bool = False) -> str:
    blank = " " * (size - width(cell))
    return blank + cell if right else cell + blank


def width(text: str) -> int:
    """Return how many columns a line of text takes."""
    if text.isascii() or max(text) < _FIRST_UNLIKE:
        return len(text)
    return sum(_columns_of(char) for char in text)


@lru_cache(4096)
def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def tidied(text: str) -> str:
    """Finish the text part: plain spaces, no trailing ones, one blank line between paragraphs."""
    lines = [line.rstrip() for line in text.replace("\u00a0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
