"""Which rows of an HTML mail hold data and which only lay out the page; and a grid from cells that span others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.core.message import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element as Element

_PROSE_BLOCKS = frozenset({"ul", "ol", "blockquote", "h1", "h2", "h3", "hr"})
_PARAGRAPHS = 4  # in one cell; a data cell of a word processor has one, an address three
_PROSE_LENGTH = 400  # characters in one cell
_WIDEST = 64  # columns that a span may cover
_CELLS = 20_000  # of one table, spans unfolded


@dataclass(slots=True)
class _Row:
    element: Element | None
    words: int = 0  # cells with words in them
    prose: bool = False
    nested: bool = False


@dataclass(slots=True)
class _Frame:
    element: Element
    rows: list[_Row] = field(default_factory=list)
    cells: int = 0
    paragraphs: int = 0
    nested: bool = False


class Grids:
    """Looks a document over once, inside out, and remembers its tables with the rows that hold data."""

    def __init__(self, events: Iterable[tuple[str, Element]]) -> None:
        self.rows: set[Element] = set()
        self.tables: set[Element] = set()
        self._open: list[_Frame] = []
        for event, element in events:
            if event == "start":
                self._start(element)
            else:
                self._end(element)

    def _start(self, element: Element) -> None:
        tag = element.tag
        if tag == "table":
            self._open.append(_Frame(element))
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].rows.append(_Row(element))
        elif tag in {"td", "th"}:
            frame = self._open[-1]
            frame.cells += 1
            frame.paragraphs = 0
            if not frame.rows:
                frame.rows.append(_Row(None))
        elif tag == "p":
            self._open[-1].paragraphs += 1
        elif tag in _PROSE_BLOCKS and self._open[-1].rows:
            self._open[-1].rows[-1].prose = True

    def _end(self, element: Element) -> None:
        if not self._open:
            return
        frame = self._open[-1]
        if element.tag in {"td", "th"} and frame.rows:
            row = frame.rows[-1]
            length = 0 if row.nested else len("".join(element.itertext()).strip())
            row.words += bool(length) or row.nested
            row.prose |= frame.paragraphs >= _PARAGRAPHS or length > _PROSE_LENGTH
            frame.paragraphs = 0
        elif element.tag == "table":
            self._open.pop()
            self._settle(frame)

    def _settle(self, frame: _Frame) -> None:
        grid = [row for row in frame.rows if not (row.prose or row.nested)]
        columns = max((row.words for row in grid), default=0)
        if columns > 1:
            self.rows.update(row.element for row in grid if row.element is not None)
            self.tables.add(frame.element)
        if self._open and self._open[-1].rows:
            above = self._open[-1].rows[-1]
            above.nested |= columns > 1 or frame.nested or any(row.prose for row in frame.rows)
            above.nested |= len(frame.rows) > 1 and len(self._open[-1].rows) == 1
            self._open[-1].nested |= above.nested


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell with the columns and rows that it covers."""

    cell: Cell
    columns: int = 1
    rows: int = 1


def unfolded(rows: list[list[Placed]], *, hidden: bool = False) -> Table | None:
    """Make a grid in which a merged cell stands in every place that it covers; none where nothing lies side by side."""
    taken: dict[tuple[int, int], Cell] = {}
    for number, row in enumerate(rows):
        column = 0
        for placed in row:
            while (number, column) in taken:
                column += 1
            for down in range(min(placed.rows, len(rows) - number)):
                for right in range(placed.columns):
                    taken.setdefault((number + down, column + right), placed.cell)
            column += placed.columns
            if len(taken) > _CELLS:
                return None
    width = max((column for _, column in taken), default=-1) + 1
    if width <= 1 or width * len(rows) > _CELLS:
        return None
    nothing = Cell("", 0, 0)
    grid = tuple(tuple(taken.get((row, column), nothing) for column in range(width)) for row in range(len(rows)))
    filled = tuple(row for row in grid if any(cell.text for cell in row))
    return Table(filled, hidden) if filled else None


def span(value: str | None) -> int:
    """Read a colspan or rowspan: at least one, and bounded."""
    value = (value or "").strip()
    return max(1, min(int(value), _WIDEST)) if value.isascii() and value.isdigit() and len(value) < 6 else 1  # noqa: PLR2004
