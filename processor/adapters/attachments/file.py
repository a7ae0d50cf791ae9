"""A file that travels with a mail, and what reading it gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.message import Attachment, AttachmentState, Source

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits


class UnreadableError(Exception):
    """A file can't be read; the argument says why, in words for people."""


@dataclass(frozen=True, slots=True)
class File:
    """A file with its name (never a path), the type that it claims, and its bytes. `part` is its place in the mail."""

    name: str
    content_type: str
    data: bytes
    part: str
    charset: str = ""
    inline: bool = False  # shown within the text: a logo, not a scan
    nested: bool = False  # came out of an archive: no archive is opened inside one

    @property
    def source_name(self) -> str:
        """The name of its source in the result line."""
        return f"attachment:{self.name}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an attachment gave; an archive or an attached mail gives several of each."""

    attachments: tuple[Attachment, ...]
    sources: tuple[Source, ...] = ()

    @property
    def size(self) -> int:
        """Characters of text."""
        return sum(len(source.text) for source in self.sources)


@dataclass(slots=True)
class Budget:
    """What may still be read of one mail."""

    limits: ReadingLimits
    text: int  # characters
    depth: int = 0  # levels of attached mail above
    has_body: bool = True  # the mail has a text of its own
    opens: bool = True  # files may be opened; not when opening one of them has just cost a child its life


Inside = Callable[[File, Budget], Reading]  # how what holds files hands them on to be read


def settled(file: File, state: AttachmentState, why: str = "", *sources: Source) -> Reading:
    """Make the reading of one file."""
    attachment = Attachment(file.name, file.content_type, len(file.data), state, why, file.part)
    return Reading((attachment,), tuple(sources))


def read(file: File, source: Source) -> Reading:
    """Make the reading of a file that became a source; one without a word in it was scanned, or is empty."""
    if not any(letter.isalnum() for letter in source.text):
        return settled(file, AttachmentState.UNREADABLE, "without text")
    return settled(file, AttachmentState.READ, "", replace(source, name=file.source_name))
