"""Tables drawn with spaces, tabs or bars in plain text, as `Table` values over the same text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.message import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.reading.page import Page

_CELLS = {
    "bar": re.compile(r"[^|\n]+"),
    "tab": re.compile(r"[^\t\n]+"),
    "semicolon": re.compile(r"[^;\n]+"),
    "space": re.compile(r"\S+(?: \S+)*"),
}
_RULE = re.compile(r"[\s|+:=_-]*")
_MOST_GAPS = 2  # rows without any cell that a table may have between its rows


def text_tables(page: Page, ranges: Sequence[tuple[int, int]]) -> tuple[Table, ...]:
    """Find runs of rows under a heading row of at least two heading words."""
    found: list[Table] = []
    for start, end in ranges:
        text = _Lines(page, [match.span() for match in re.compile(r"[^\n]+").finditer(page.text, start, end)])
        at = 0
        while at < len(text.places):
            taken = _table_at(text, at)
            if taken:
                found.append(taken[0])
                at = taken[1]
            else:
                at += 1
    return tuple(found)


class _Lines:
    """The lines of a stretch that aren't empty, each divided into cells once for each separator."""

    def __init__(self, page: Page, places: Sequence[tuple[int, int]]) -> None:
        self.page, self.places = page, places
        self._cells: dict[tuple[int, str], list[Cell]] = {}
        self.fruitless = dict.fromkeys(_CELLS, 0)  # the line up to which rows have no identifier, whatever the heading

    def cells(self, at: int, separator: str) -> list[Cell]:
        """Return the cells of a line."""
        known = self._cells.get((at, separator))
        if known is None:
            known = self._cells[at, separator] = _split(self.page.text, self.places[at], separator)
        return known

    def breaks(self, at: int) -> bool:
        """Tell whether two blank lines stand above a line."""
        above = slice(self.places[at - 1][1], self.places[at][0])
        return re.search(r"\n[ \t]*\n[ \t]*\n", self.page.text[above]) is not None


def _table_at(text: _Lines, at: int) -> tuple[Table, int] | None:
    page = text.page
    if sum(cue.kind.startswith("columns.") for cue in page.cues_from(*text.places[at])) <= 1:
        return None
    for separator in ("bar", "tab", "semicolon", "space"):
        header = text.cells(at, separator) if at >= text.fruitless[separator] else []
        if len(header) > 1 and _headings(page, header) > 1 and not any(_has_identifier(page, cell) for cell in header):
            taken, after = _run(text, at + 1, len(header) + 1, separator)
            if any(_has_identifier(page, cell) for row in taken for cell in text.cells(row, separator)):
                return Table((tuple(header), *_rows(text, taken, header, separator))), after
            if after == len(text.places) or len(text.cells(after, separator)) == 1:
                text.fruitless[separator] = after
        if separator == "bar" and "|" in page.text[slice(*text.places[at])]:
            return None
    return None


def _split(text: str, line: tuple[int, int], separator: str) -> list[Cell]:
    cells = []
    for match in _CELLS[separator].finditer(text, *line):
        words = match.group()
        lead = len(words) - len(words.lstrip())
        if words.strip() and not _RULE.fullmatch(words):
            cells.append(Cell(words.strip(), match.start() + lead, match.start() + lead + len(words.strip())))
    return cells


def _headings(page: Page, cells: Sequence[Cell]) -> int:
    return sum(
        any(cue.kind.startswith("columns.") and cue.end <= cell.end for cue in page.cues_from(cell.start, cell.end))
        for cell in cells
    )


def _has_identifier(page: Page, cell: Cell) -> bool:
    return bool(page.mentions_from(cell.start, cell.end))


def _run(text: _Lines, first: int, most: int, separator: str) -> tuple[list[int], int]:
    """Return the lines that can be rows of a table from a line on, and the line behind them."""
    taken: list[int] = []
    gaps, at = 0, first
    while at < len(text.places):
        cells = text.cells(at, separator)
        if not cells and _RULE.fullmatch(text.page.text, *text.places[at]):
            gaps += 1
        elif len(cells) <= 1 or len(cells) > most or text.breaks(at):
            break
        else:
            taken.append(at)
        if gaps > _MOST_GAPS:
            break
        at += 1
    return taken, at


def _rows(text: _Lines, taken: Sequence[int], header: Sequence[Cell], separator: str) -> list[tuple[Cell, ...]]:
    page = text.page
    base = page.text.rfind("\n", 0, header[0].start) + 1
    return [
        _aligned(
            page, text.cells(at, separator), header, separator, base, page.text.rfind("\n", 0, text.places[at][0]) + 1
        )
        for at in taken
    ]


def _aligned(
    page: Page, cells: Sequence[Cell], header: Sequence[Cell], separator: str, base: int, line: int
) -> tuple[Cell, ...]:
    """Put cells under the headings that they stand under (spaces), or in their order (separators)."""
    if len(cells) == len(header):
        return tuple(cells)
    empty = Cell("", line, line)
    if separator != "space":
        return (*cells[: len(header)], *([empty] * (len(header) - len(cells))))
    row = [empty] * len(header)
    for cell in cells:
        middle = (cell.start + cell.end) / 2 - line
        nearest = min(
            range(len(header)), key=lambda index: abs((header[index].start + header[index].end) / 2 - base - middle)
        )
        row[nearest] = (
            cell
            if not row[nearest].text
            else Cell(page.text[row[nearest].start : cell.end], row[nearest].start, cell.end)
        )
    return tuple(row)
