"""HTML to lines, tables and segments. Nothing visible is lost, what is hidden is marked, and no page can hold us up."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from processor.adapters.html_tables import Grids, Placed, span, unfolded
from processor.adapters.html_text import Writer, trimmed
from processor.adapters.html_visibility import Look, StyleSheet, is_visible, look_of
from processor.adapters.html_wrappers import Wrapper, wrapper_of
from processor.core.message import Cell, Segment, SegmentKind, Table

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LONGEST = 1_000_000  # characters, comments, styles and embedded pictures not counted
_LONGEST_TAG = 16_000
_TAG = re.compile(
    r"<[A-Za-z][^\s/>]*+(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+))?+)*+",
)
_EMBEDDED = re.compile(r"(?i:data):[\w/+.;=-]{0,80},[A-Za-z0-9+/=%]{100,}+")
_DROPPED = frozenset(
    {"script", "style", "title", "head", "object", "embed", "applet", "svg", "math", "template", "datalist"}
)
_BLOCKS = frozenset({
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "html", "legend", "li", "main", "menu", "nav", "ol", "option",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "blockquote", "pre",
})  # fmt: skip
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_STRUCK = frozenset({"s", "strike", "del"})  # struck out: the writer took it back
_RULE = "_" * 32


@dataclass(frozen=True, slots=True)
class HtmlText:
    """What an HTML body says. `readable` is false where the parser had to give up on it."""

    text: str = ""
    tables: tuple[Table, ...] = ()
    segments: tuple[Segment, ...] = ()
    readable: bool = True


def read_html(html: str) -> HtmlText:
    """Convert a page. Linear in its length; refuses (`readable` false) what libxml2 would be slow on or cut short."""
    page, css = _stripped(html)
    if len(page) > _LONGEST or any(match.end() - match.start() > _LONGEST_TAG for match in _TAG.finditer(page)):
        return HtmlText(readable=False)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root: etree._Element | None = etree.fromstring(page.replace("\0", "").encode("utf-8", "replace"), parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        return HtmlText(readable=False)
    return HtmlText() if root is None else _Walk(StyleSheet(css)).over(root)


def _stripped(html: str) -> tuple[str, str]:
    """Take out comments, embedded pictures and style sheets, which would only cost time; return the sheets too."""
    page = _EMBEDDED.sub("", _without(html, "<!--", "-->")[0])
    page, css = _without(page, "<style", "</style")
    return _without(page, "<script", "</script")[0], css[:200_000]


def _without(html: str, opening: str, closing: str) -> tuple[str, str]:
    """Cut every stretch from `opening` to `closing`, in one pass; what is never closed stays."""
    lower = html.lower()
    if len(lower) != len(html):
        lower = html  # a letter whose small form is longer: tags in capitals go on to the parser, which drops them too
    kept: list[str] = []
    cut: list[str] = []
    at = 0
    while (start := lower.find(opening, at)) >= 0 and (end := lower.find(closing, start)) >= 0:
        kept.append(html[at:start])
        cut.append(html[start + len(opening) : end].partition(">")[2] if opening != "<!--" else "")
        at = end + len(closing) if closing == "-->" else lower.find(">", end) + 1 or len(html)
    return "".join(kept) + html[at:], "\n".join(cut)


@dataclass(slots=True)
class _Open:
    """An element that is being walked through."""

    look: Look
    close: Wrapper | None = None
    start: int = 0


@dataclass(slots=True)
class _Grid:
    """A table that is being walked through; its cells wait for the whole text."""

    rows: list[list[tuple[int, int, int, int]]] = field(default_factory=list)
    row: Element | None = None
    cell: Element | None = None
    start: int = 0


class _Walk:
    """One pass over the tree, start and end events, no recursion."""

    def __init__(self, sheet: StyleSheet) -> None:
        self.sheet = sheet
        self.out = Writer()
        self.stack: list[_Open] = [_Open(Look())]
        self.grids: list[_Grid] = []
        self.done: list[_Grid] = []
        self.marks: list[tuple[SegmentKind, int, int]] = []
        self.following: list[tuple[SegmentKind, int]] = []
        self.lists: list[int] = []
        self.as_is = 0
        self.grid_rows: set[Element] = set()
        self.grid_tables: set[Element] = set()

    def over(self, root: Element) -> HtmlText:
        """Walk, then settle tables and segments on the finished text."""
        found = Grids(etree.iterwalk(root, events=("start", "end")))
        self.grid_rows, self.grid_tables = found.rows, found.tables
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._end(element)
            elif not self._start(element):
                walk.skip_subtree()
        return self._result()

    def _start(self, element: Element) -> bool:
        tag = str(element.tag)
        if tag in _DROPPED:
            return False
        above = self.stack[-1].look
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        look = look_of(tag, attributes, above, self.sheet)
        self._open_block(tag, element, attributes)
        wrapper = wrapper_of(tag, attributes, element) if attributes or tag == "blockquote" else None
        if wrapper and wrapper.to_the_end:
            self.following.append((wrapper.kind, self.out.length))
            wrapper = None
        self.stack.append(_Open(look, wrapper, self.out.length))
        self._say(element.text, look, struck=tag in _STRUCK)
        return True

    def _say(self, text: str | None, look: Look, *, struck: bool = False) -> None:
        if text:
            self.out.words(text, visible=is_visible(look) and not struck, shown=not look.hidden, as_is=self.as_is > 0)

    def _open_block(self, tag: str, element: Element, attributes: dict[str, str]) -> None:
        if tag == "br":
            self.out.line()
        elif tag == "hr":
            self.out.block()
            self.out.words(_RULE, visible=True)
            self.out.block()
        elif tag in {"table", "tr", "td", "th"}:
            self._open_grid(tag, element)
        elif tag in _SPACED:
            self.out.block(1 if "msonormal" in attributes.get("class", "").lower() else 2)
        elif tag in _BLOCKS:
            self.out.block()
            self._open_list(tag, attributes)

    def _open_list(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "pre":
            self.as_is += 1
        elif tag == "ol":
            first = attributes.get("start", "1")
            self.lists.append(int(first) if first.isascii() and first.isdigit() and len(first) < 6 else 1)  # noqa: PLR2004
        elif tag == "ul":
            self.lists.append(0)
        elif tag == "li":
            number = self.lists[-1] if self.lists else 0
            self.out.item(f"{number}. " if number else "• ")
            if number:
                self.lists[-1] += 1

    def _open_grid(self, tag: str, element: Element) -> None:
        if self.out.rows:  # a table inside a cell of data is that cell's text
            if element in self.grid_rows or tag not in {"td", "th"} or not self._is_own_cell(element):
                self.out.block()
                return
            grid = self.grids[-1]
            if grid.rows[-1]:
                self.out.next_cell()
            grid.cell, grid.start = element, self.out.start_of_next()
            grid.rows[-1].append((grid.start, grid.start, *_spans(element)))
        elif tag == "table":
            self.out.block(2 if element in self.grid_tables else 1)
            self.grids.append(_Grid())
        elif element in self.grid_rows and self.grids:
            self.out.open_row()
            self.grids[-1].row = element
            self.grids[-1].rows.append([])
        else:
            self.out.block()

    def _is_own_cell(self, element: Element) -> bool:
        return bool(self.grids) and element.getparent() is self.grids[-1].row

    def _end(self, element: Element) -> None:
        tag = str(element.tag)
        if tag not in _DROPPED:
            opened = self.stack.pop()
            if opened.close:
                self.marks.append((opened.close.kind, opened.start, self.out.length))
            if tag == "a":
                self._address(element, opened)
            self._close_block(tag, element)
        self._say(element.tail, self.stack[-1].look, struck=element.getparent() is not None and _is_struck(element))

    def _address(self, element: Element, opened: _Open) -> None:
        """Write a link's address behind its words where it differs from them; it counts as written (decisions.md)."""
        href = (element.get("href") or "").strip()
        words = "".join("".join(element.itertext()).split())
        if not href.lower().startswith(("http://", "https://")) or not words or _bare(words) == _bare(href):
            return
        if is_visible(opened.look):
            self.out.words(f" <{''.join(href.split())[:2000]}>", visible=True)

    def _close_block(self, tag: str, element: Element) -> None:
        if tag in {"table", "tr", "td", "th"}:
            self._close_grid(tag, element)
        elif tag in _SPACED:
            self.out.block(1 if "msonormal" in (element.get("class") or "").lower() else 2)
        elif tag in _BLOCKS:
            self.out.block()
            if tag == "pre":
                self.as_is -= 1
            elif tag in {"ol", "ul"} and self.lists:
                self.lists.pop()

    def _close_grid(self, tag: str, element: Element) -> None:
        grid = self.grids[-1] if self.grids else None
        if self.out.rows and grid:
            if element is grid.cell:
                start, _, columns, rows = grid.rows[-1][-1]
                grid.rows[-1][-1] = (start, max(start, self.out.length), columns, rows)
                grid.cell = None
            elif element is grid.row:
                grid.row = None
                self.out.close_row()
        elif tag == "table" and grid:
            self.done.append(self.grids.pop())
        self.out.block(2 if element in self.grid_tables else 1)

    def _result(self) -> HtmlText:
        text = self.out.text()
        marks = [*self.marks, *((kind, start, len(text)) for kind, start in self.following)]
        found = [trimmed(kind, start, end, text) for kind, start, end in marks]
        segments = [segment for segment in found if segment]
        segments += [
            Segment(SegmentKind.HIDDEN, start, end) for start, end in self.out.hidden if text[start:end].strip()
        ]
        segments.sort(key=lambda segment: (segment.start, -segment.end))
        tables = [self._table(grid, text) for grid in self.done if grid.rows]
        ordered = sorted((table for table in tables if table), key=lambda table: table.rows[0][0].start)
        return HtmlText(text, tuple(ordered), tuple(segments))

    def _table(self, grid: _Grid, text: str) -> Table | None:
        return unfolded(
            [[Placed(self._cell(a, b, text), columns, rows) for a, b, columns, rows in row] for row in grid.rows]
        )

    def _cell(self, start: int, end: int, text: str) -> Cell:
        """A cell's visible words; hidden ones inside it are left out of the cell, not of the text."""
        start, end = min(start, len(text)), min(end, len(text))  # an empty cell at the end of everything
        seen, at = "", start
        hidden = self.out.hidden
        for number in range(bisect_left(hidden, (start, 0)), len(hidden)):
            first, last = hidden[number]
            if first >= end:
                break
            seen += text[at:first]
            at = last
        return Cell((seen + text[at:end]).strip(), start, end)


def _spans(element: Element) -> tuple[int, int]:
    return span(element.get("colspan")), span(element.get("rowspan"))


def _is_struck(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in _STRUCK


def _bare(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.strip("<>").lower()).rstrip("/")
