"""Which parts of a mail are its body, which alternative is read, and which parts travel as attachments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from processor.adapters.charsets import charset_of_page, decode
from processor.adapters.html import HtmlText, read_html
from processor.adapters.plain import lines_of, read_plain
from processor.core.message import Cell, Segment, SegmentKind, Source, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.adapters.parts import Part

_FOOTER_NAME = re.compile(r"att\d{1,6}\.(?:txt|html?)", re.IGNORECASE)  # what Exchange calls a text between two files
_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_STAND_IN = re.compile(
    r"\[(?:cid|image|inline image)[^\]\n]{0,200}\]|<(?:image\d+\.\w+|mailto:[^>\n]{0,200})>", re.IGNORECASE
)
_FEW = 0.2  # of all words: alternatives that differ by less say the same, if their numbers do


@dataclass(slots=True)
class Body:
    """The body as read so far: the chosen pieces, the pieces of the alternatives left aside, and the attachments."""

    pieces: list[Source] = field(default_factory=list)
    others: list[Source] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    unreadable_html: bool = False

    def source(self) -> Source | None:
        """Return the body as one source."""
        return joined(self.pieces)

    def other(self) -> Source | None:
        """Return the alternative that was not chosen, where its words differ materially (`reliability.md` T47)."""
        chosen, other = joined(self.pieces), joined(self.others)
        return other if chosen and other and differ(visible_text(chosen), visible_text(other)) else None


def body_of(root: Part) -> Body:
    """Walk the tree in reading order."""
    body = Body()
    _visit(root, body)
    return body


def _visit(part: Part, body: Body) -> None:
    if part.content_type == "multipart/alternative" and len(part.children) > 1:
        _choose(part, body)
    elif part.main == "multipart" and part.children:
        report = part.content_type == "multipart/report"
        for child in part.children:
            if not (report and (child.main == "message" or child.content_type == "text/rfc822-headers")):
                _visit(child, body)
    elif is_body(part):
        piece = _read(part, body)
        if piece:
            body.pieces.append(piece)
    else:
        body.attachments.append(part)


def is_body(part: Part) -> bool:
    """Tell whether a leaf is text that the reader sees in the mail itself."""
    if part.main == "multipart":
        return True  # an outline that nobody could make out: its lines are read as they stand
    if part.content_type not in {"text/plain", "text/html"} or part.children or part.disposition == "attachment":
        return False
    return not part.name or bool(_FOOTER_NAME.fullmatch(part.name)) or "." not in part.name


def _read(part: Part, body: Body) -> Source | None:
    if part.content_type != "text/html":
        text = read_plain(part)
        return Source("text", text) if text.strip() else None
    html = read_html(lines_of(decode(part.data, part.charset or charset_of_page(part.data))))
    body.unreadable_html |= not html.readable
    return html_source("html", html)


def html_source(name: str, html: HtmlText) -> Source | None:
    """Make a source of a page, unless nobody could read a word in it."""
    source = Source(name, html.text, html.tables, html.segments)
    return source if _WORD.search(visible_text(source)) else None


def _choose(part: Part, body: Body) -> None:
    """Take the HTML alternative if it has words to read, else the text; keep what was left aside."""
    read: list[Body] = []
    for child in part.children:
        one = Body()
        _visit(child, one)
        read.append(one)
        body.attachments.extend(one.attachments)
        body.unreadable_html |= one.unreadable_html
    with_words = [one for one in read if one.pieces]
    pages = [one for one in with_words if any(piece.name == "html" for piece in one.pieces)]
    chosen = (pages or with_words or [Body()])[-1]
    body.pieces.extend(chosen.pieces)
    body.others.extend(piece for one in with_words if one is not chosen for piece in (*one.pieces, *one.others))


def joined(pieces: Sequence[Source]) -> Source | None:
    """Put pieces together in order, with an empty line between them; the name is `html` if any of them is."""
    if len(pieces) < 2:  # noqa: PLR2004
        return pieces[0] if pieces else None
    text = ""
    tables: list[Table] = []
    segments: list[Segment] = []
    for piece in pieces:
        text += "\n\n" if text else ""
        moved = shifted(piece, len(text))
        tables += moved.tables
        segments += moved.segments
        text += piece.text
    name = "html" if any(piece.name == "html" for piece in pieces) else pieces[0].name
    return Source(name, text, tuple(tables), tuple(segments))


def shifted(source: Source, by: int) -> Source:
    """Move every offset of a source; the text stays as it is."""
    if not by:
        return source
    tables = tuple(
        replace(
            table,
            rows=tuple(tuple(Cell(cell.text, cell.start + by, cell.end + by) for cell in row) for row in table.rows),
        )
        for table in source.tables
    )
    return replace(
        source,
        tables=tables,
        segments=tuple(Segment(segment.kind, segment.start + by, segment.end + by) for segment in source.segments),
    )


def visible_text(source: Source) -> str:
    """Return the text without its hidden stretches."""
    out, at = "", 0
    for segment in source.segments:
        if segment.kind is SegmentKind.HIDDEN:
            out += source.text[at : max(at, segment.start)]
            at = max(at, segment.end)
    return out + source.text[at:] if at else source.text


def differ(one: str, other: str) -> bool:
    """Tell whether two alternatives say different things: another word with a digit in it, or many other words."""
    first, second = (
        set(_WORD.findall(_STAND_IN.sub(" ", _INVISIBLE.sub("", text)).casefold())) for text in (one, other)
    )
    odd = first ^ second
    return any(any("0" <= letter <= "9" for letter in word) for word in odd) or len(odd) > _FEW * len(first | second)
