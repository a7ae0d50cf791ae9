"""A mail as the core sees it: raw headers, readable sources, attachments. Nothing is ever cut out;
stretches are marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SegmentKind(StrEnum):
    """What a stretch of a source is. Only `NEW` is an instruction (`decisions.md`, Reading the mail)."""

    NEW = "new"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a source's text, as character offsets."""

    kind: SegmentKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: its text and where that text stands in the source.
    A merged cell is repeated with the same place.
    """

    text: str
    start: int
    end: int
    number: bool = False  # a typed number of a workbook: written with a dot, no grouping, perhaps its currency


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells in reading order, never without a row; every row has the same number of cells, at least one
    (absent ones are empty).
    """

    rows: tuple[tuple[Cell, ...], ...]
    hidden: bool = False
    exact: bool = False  # a workbook's: its typed numbers are marked as such in their cells


@dataclass(frozen=True, slots=True)
class Source:
    """One readable text of a mail.

    `name` is the source of the result line: `subject`, `text`, `html`, or `attachment:NAME`. `text` holds the words in
    reading order, one line per paragraph, list item or table row (the cells of a row are joined by a tab). `segments`
    are what the *structure* says (HTML quote wrappers, hidden text, an attached mail); words are judged by the core.
    """

    name: str
    text: str
    tables: tuple[Table, ...] = ()
    segments: tuple[Segment, ...] = ()


class AttachmentState(StrEnum):
    """What became of an attachment when it was read."""

    READ = "read"
    IGNORED = "ignored"  # a picture in the text, a calendar card: nothing that could hold a request
    UNREADABLE = "unreadable"  # encrypted, corrupt, too large, scanned
    EXECUTABLE = "executable"  # a program, a script, macros; also inside an archive (decisions.md gate 5)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that travels with the mail. `name` is for people only and never becomes a path; `size` is in bytes."""

    name: str
    content_type: str
    size: int
    state: AttachmentState
    why: str = ""
    part: str = ""  # the part's path in the mail, such as "1.2"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a `message/delivery-status` or disposition part says (RFC 3464, RFC 8098)."""

    kind: str  # "delivery" or "disposition"
    actions: tuple[str, ...] = ()  # failed, delayed, delivered, relayed, expanded
    original_message_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, read. `headers` are the raw fields in order, as Latin-1 text (a byte a character), folding kept.

    `raw_sha256` names the bytes; `content_sha256` names what the mail says apart from its transport headers, so that a
    second delivery of the same mail is recognised (`decisions.md` gate 2).
    """

    raw_sha256: str
    content_sha256: str
    size: int
    headers: tuple[tuple[str, str], ...]
    subject: str
    sources: tuple[Source, ...]
    attachments: tuple[Attachment, ...] = ()
    content_types: tuple[str, ...] = ()  # of every part, in walking order, lower case
    report: DeliveryReport | None = None
    over_limit: str = ""  # the limit that the raw bytes exceed; then only the headers were read
    defects: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()  # domains whose signature over all of it we checked ourselves
    other_body: Source | None = None  # the alternative that was not chosen, where its words differ from the chosen one

    def header(self, name: str) -> tuple[str, ...]:
        """All values of a field, topmost first, unfolded and stripped."""
        wanted, length = name.lower(), len(name)
        return tuple(
            " ".join(value.split())
            for key, value in self.headers
            if len(key) == length and key.lower() == wanted  # most differ by their length already
        )
