"""Word and OpenDocument files: paragraphs, tables and sheets from their XML, whose entities are never resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from processor.adapters.attachments.archive import Archive
from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.sheets import Sheet, Value, plain_number, source_of
from processor.adapters.html_tables import Placed, unfolded
from processor.adapters.html_text import Writer
from processor.core.message import Cell, Segment, SegmentKind, Source

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from processor.adapters.limits import ReadingLimits

_XML = 10_000_000
_REPEATED = 200  # times that a row or cell that is written once counts
_PARAGRAPHS = frozenset({"p", "h"})
_UNSEEN_ROWS = frozenset({"collapse", "filter"})


def read_word(file: File, limits: ReadingLimits) -> Source:
    """Read a Word document; deleted and hidden words are left out or marked."""
    return _flow(file, _root(file, "word/document.xml", limits), rows="tr", cells="tc")


def read_open_document(file: File, limits: ReadingLimits) -> Source:
    """Read an OpenDocument text or spreadsheet."""
    archive = Archive(file.data, limits)
    if b"encryption-data" in archive.read_named("META-INF/manifest.xml"):
        raise UnreadableError("encrypted")
    root = _root(file, "content.xml", limits)
    body = next((element for element in root.iter() if _name(element) == "spreadsheet"), None)
    if body is None:
        return _flow(file, root, rows="table-row", cells="table-cell")
    hidden = {
        style.get(_attribute(style, "name"))
        for style in root.iter()
        if _name(style) == "style" and any(child.get(_attribute(child, "display")) == "false" for child in style)
    }
    sheets = [_sheet(table, hidden) for table in body if _name(table) == "table"]
    return source_of(file.source_name, sheets, limits.text)


def _root(file: File, member: str, limits: ReadingLimits) -> Element:
    content = Archive(file.data, limits).read_named(member)
    if not content:
        raise UnreadableError("unknown kind")
    if len(content) > _XML:
        raise UnreadableError("too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("corrupt") from error


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    """The full name of the attribute that has this local name."""
    return next((str(key) for key in element.attrib if str(key).rpartition("}")[2] == name), name)


def _get(element: Element, name: str) -> str:
    return str(element.get(_attribute(element, name)) or "")


def _flow(file: File, root: Element, *, rows: str, cells: str) -> Source:
    out = Writer()
    tables: list[list[list[tuple[int, int]]]] = []
    open_tables: list[list[list[tuple[int, int]]]] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name, starts = _name(element), event == "start"
        if name in {"tbl", "table"}:
            if starts:
                out.block()
                open_tables.append([])
            elif open_tables:
                tables.append(open_tables.pop())
                out.block()
        elif name == rows and open_tables and len(open_tables) == 1:
            if starts:
                open_tables[-1].append([])
                out.open_row()
            else:
                out.close_row()
        elif name == cells and len(open_tables) == 1 and open_tables[-1]:
            if starts:
                if open_tables[-1][-1]:
                    out.next_cell()
                open_tables[-1][-1].append((out.start_of_next(), 0))
            else:
                start, _ = open_tables[-1][-1][-1]
                open_tables[-1][-1][-1] = (start, max(start, out.length))
        elif name in _PARAGRAPHS:
            out.block()
        elif starts:
            _inline(element, name, out)
        if name in {"p", "h", "span", "a"} and "opendocument" in str(element.tag):
            out.words((element.text if starts else None) or "", visible=True)
        if not starts and "opendocument" in str(element.tag) and element.tail:
            out.words(element.tail, visible=True)
    text = out.text()
    grids = [
        unfolded([[Placed(Cell(text[start:end].strip(), start, end)) for start, end in row] for row in table])
        for table in tables
    ]
    hidden = tuple(Segment(SegmentKind.HIDDEN, start, end) for start, end in out.hidden)
    return Source(file.source_name, text, tuple(grid for grid in grids if grid), hidden)


def _inline(element: Element, name: str, out: Writer) -> None:
    if name == "t":
        run = element.getparent()
        vanished = run is not None and any(_name(mark) == "vanish" for mark in run.iter())
        out.words(element.text or "", visible=not vanished, shown=not vanished)
    elif name in {"br", "cr", "line-break"}:
        out.line()
    elif name in {"tab", "s"}:
        out.words(" ", visible=True)


def _sheet(table: Element, hidden_styles: set[str | None]) -> Sheet:
    rows: dict[int, dict[int, Value]] = {}
    hidden_rows: set[int] = set()
    number = 0
    for row in (element for element in table.iter() if _name(element) == "table-row"):
        values = _values(row)
        times = _times(row, "number-rows-repeated")
        for again in range(min(times, _REPEATED) if values else 0):
            rows[number + again] = values
            if _get(row, "visibility") in _UNSEEN_ROWS:
                hidden_rows.add(number + again)
        number += times
    hidden = _get(table, "style-name") in hidden_styles
    return Sheet(_get(table, "name"), rows, hidden, frozenset(hidden_rows), _hidden_columns(table))


def _hidden_columns(table: Element) -> frozenset[int]:
    hidden: set[int] = set()
    number = 0
    for column in (element for element in table.iter() if _name(element) == "table-column"):
        times = _times(column, "number-columns-repeated")
        if _get(column, "visibility") in _UNSEEN_ROWS:
            hidden.update(range(number, number + min(times, 16_384)))
        number += times
    return frozenset(hidden)


def _times(element: Element, name: str) -> int:
    stated = _get(element, name)
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else 1  # noqa: PLR2004


def _values(row: Element) -> dict[int, Value]:
    values: dict[int, Value] = {}
    number = 0
    for cell in row:
        if _name(cell) not in {"table-cell", "covered-table-cell"}:
            continue
        times = _times(cell, "number-columns-repeated")
        value = _value(cell)
        for again in range(min(times, _REPEATED) if value else 0):
            values[number + again] = value or Value("")
        number += times
    return values


def _value(cell: Element) -> Value | None:
    kind, stated = _get(cell, "value-type"), _get(cell, "value")
    if kind in {"float", "currency"} and stated:
        try:
            text = plain_number(float(stated))
        except ValueError:
            return Value(stated)
        shown = _words(cell)
        digits = shown.replace(" ", "")
        if digits.isascii() and digits.isdigit() and digits.startswith("0") and digits.lstrip("0") == text:
            return Value(digits, number=True)
        currency = _get(cell, "currency")
        return Value(f"{text} {currency}" if currency else text, number=True)
    if kind == "date":
        return Value(_get(cell, "date-value").removesuffix("T00:00:00"))
    words = _words(cell)
    return Value(words) if words else None


def _words(cell: Element) -> str:
    return " ".join("".join(part.itertext()) for part in cell if _name(part) == "p").strip()
