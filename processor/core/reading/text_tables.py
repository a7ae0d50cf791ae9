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
        lines = [(start + match.start(), start + match.end()) for match in re.finditer(r"[^\n]+", page.text[start:end])]
        at = 0
        while at < len(lines):
            taken = _table_at(page, lines, at)
            if taken:
                found.append(taken[0])
                at = taken[1]
            else:
                at += 1
    return tuple(found)


def _table_at(page: Page, lines: Sequence[tuple[int, int]], at: int) -> tuple[Table, int] | None:
    text = page.text[slice(*lines[at])]
    for separator in ("bar", "tab", "semicolon", "space"):
        header = _split(page.text, lines[at], separator)
        if len(header) > 1 and _headings(page, header) > 1 and not any(_has_identifier(page, cell) for cell in header):
            rows, after = _rows(page, lines, at + 1, header, separator)
            if rows and any(_has_identifier(page, cell) for row in rows for cell in row):
                return Table((tuple(header), *rows)), after
        if separator == "bar" and "|" in text:
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


def _rows(
    page: Page, lines: Sequence[tuple[int, int]], first: int, header: Sequence[Cell], separator: str
) -> tuple[list[tuple[Cell, ...]], int]:
    rows: list[tuple[Cell, ...]] = []
    gaps, at = 0, first
    base = page.text.rfind("\n", 0, header[0].start) + 1
    while at < len(lines):
        cells = _split(page.text, lines[at], separator)
        if not cells and _RULE.fullmatch(page.text[slice(*lines[at])]):
            gaps += 1
        elif (
            not cells
            or len(cells) == 1
            or len(cells) > len(header) + 1
            or re.search(r"\n[ \t]*\n[ \t]*\n", page.text[lines[at - 1][1] : lines[at][0]])
        ):
            break
        else:
            rows.append(_aligned(page, cells, header, separator, base, page.text.rfind("\n", 0, lines[at][0]) + 1))
        if gaps > _MOST_GAPS:
            break
        at += 1
    return rows, at


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
