"""One attachment: what it is, whether it can be read, and the sources it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.adapters.attachments.delimited import looks_delimited, read_delimited
from processor.core.message import Attachment, AttachmentState, Source

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits
    from processor.adapters.parts import Part


@dataclass(frozen=True, slots=True)
class Reading:
    """What an attachment gave; an archive or an attached mail gives several of each."""

    attachments: tuple[Attachment, ...]
    sources: tuple[Source, ...] = ()


def read_attachment(part: Part, limits: ReadingLimits, budget: int) -> Reading:
    """Read one attachment. `budget` is how many characters of text may still be analysed."""
    name = part.name or f"part {part.path}"
    if looks_delimited(name, part.content_type, part.data):
        source = read_delimited(f"attachment:{name}", part.data, part.charset)
        return Reading((_attachment(part, name, AttachmentState.READ),), (source,))
    return Reading((_attachment(part, name, AttachmentState.UNREADABLE, "unknown kind"),))


def _attachment(part: Part, name: str, state: AttachmentState, why: str = "") -> Attachment:
    return Attachment(name, part.content_type, len(part.data), state, why, part.path)
