"""Word and OpenDocument files: paragraphs and tables in reading order; hidden words marked, deleted ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from processor.adapters.attachments.archive import Archive
from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.office_xml import name_of, root_of
from processor.adapters.attachments.open_sheets import sheets_of
from processor.adapters.attachments.sheets import source_of
from processor.adapters.html_tables import Placed, unfolded
from processor.adapters.html_text import Writer
from processor.core.message import Cell, Segment, SegmentKind, Source

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from processor.adapters.limits import ReadingLimits

_TABLES, _ROWS, _CELLS = frozenset({"tbl", "table"}), frozenset({"tr", "table-row"}), frozenset({"tc", "table-cell"})
_PARAGRAPHS = frozenset({"p", "h"})
_BREAKS = frozenset({"br", "cr", "line-break"})
_LEFT_OUT = frozenset({"tracked-changes", "annotation", "del", "moveFrom", "instrText", "delText", "Fallback"})


def read_word(file: File, limits: ReadingLimits) -> Source:
    """Read a Word document."""
    return _Flow(mixed=False).over(file.source_name, root_of(file, "word/document.xml", limits))


def read_open_document(file: File, limits: ReadingLimits) -> Source:
    """Read an OpenDocument text or spreadsheet."""
    if b"encryption-data" in Archive(file.data, limits).read_named("META-INF/manifest.xml"):
        raise UnreadableError("encrypted")
    root = root_of(file, "content.xml", limits)
    spreadsheet = next((element for element in root.iter() if name_of(element) == "spreadsheet"), None)
    if spreadsheet is not None:
        return source_of(file.source_name, sheets_of(root, spreadsheet), limits.text)
    return _Flow(mixed=True).over(file.source_name, root)


class _Flow:
    """Walks a document once. In `mixed` XML words stand in any element of a paragraph, in Word's only in `t`."""

    def __init__(self, *, mixed: bool) -> None:
        self._mixed = mixed
        self._out = Writer()
        self._depth = 0  # tables inside tables are their cell's text
        self._paragraphs = 0
        self._tables: list[list[list[tuple[int, int]]]] = []

    def over(self, source_name: str, root: Element) -> Source:
        """Walk, then settle tables and hidden stretches on the finished text."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = name_of(element)
            if name in _LEFT_OUT and event == "start":
                walk.skip_subtree()
            elif event == "start":
                self._start(element, name)
            else:
                self._end(element, name)
        text = self._out.text()
        grids = [unfolded([[_placed(text, *place) for place in row] for row in table]) for table in self._tables]
        hidden = tuple(Segment(SegmentKind.HIDDEN, start, end) for start, end in self._out.hidden)
        return Source(source_name, text, tuple(grid for grid in grids if grid), hidden)

    def _start(self, element: Element, name: str) -> None:
        if name in _TABLES:
            self._depth += 1
            self._out.block()
            if self._depth == 1:
                self._tables.append([])
        elif name in _ROWS and self._depth == 1:
            self._tables[-1].append([])
            self._out.open_row()
        elif name in _CELLS and self._is_in_row():
            if self._tables[-1][-1]:
                self._out.next_cell()
            self._tables[-1][-1].append((self._out.start_of_next(), 0))
        elif name in _PARAGRAPHS:
            self._paragraphs += 1
            self._out.block()
        elif name in _BREAKS:
            self._out.line()
        elif name in {"tab", "s"}:
            self._out.words(" ", visible=True)
        self._say(element, name)

    def _say(self, element: Element, name: str) -> None:
        if self._mixed and self._paragraphs:
            self._out.words(element.text or "", visible=True)
        elif name == "t":
            run = element.getparent()
            seen = run is None or not any(name_of(mark) == "vanish" for mark in run.iter())
            self._out.words(element.text or "", visible=seen, shown=seen)

    def _end(self, element: Element, name: str) -> None:
        if name in _TABLES:
            self._depth -= 1
            self._out.block()
        elif name in _ROWS and self._depth == 1:
            self._out.close_row()
        elif name in _CELLS and self._is_in_row():
            start, _ = self._tables[-1][-1][-1]
            self._tables[-1][-1][-1] = (start, max(start, self._out.length))
        elif name in _PARAGRAPHS:
            self._paragraphs -= 1
            self._out.block()
        if self._mixed and self._paragraphs:
            self._out.words(element.tail or "", visible=True)

    def _is_in_row(self) -> bool:
        return self._depth == 1 and bool(self._tables[-1])


def _placed(text: str, start: int, end: int) -> Placed:
    return Placed(Cell(text[start:end].strip(), min(start, len(text)), min(end, len(text))))
