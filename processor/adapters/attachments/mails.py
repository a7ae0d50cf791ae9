"""Parts and attached mails. A mail is one source, forwarded from end to end; its files follow under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.adapters.attachments.file import Budget, File, Inside, Reading, UnreadableError, settled
from processor.adapters.bodies import body_of, shifted
from processor.adapters.charsets import decode_words
from processor.adapters.fields import split_fields
from processor.adapters.limits import first_exceeded
from processor.adapters.mime_tree import parsed
from processor.core.message import AttachmentState, Segment, SegmentKind, Source

if TYPE_CHECKING:
    from processor.adapters.parts import Part

_TITLE = 100  # characters of a subject that serve as a name


def read_part(part: Part, above: str, budget: Budget, read_file: Inside) -> Reading:
    """Read a part that travels as an attachment. `above` is the name of the mail that it came in, with a slash."""
    if part.main == "message" and part.children:
        subject = decode_words(part.children[0].first("subject"))
        name = above + (part.name or subject[:_TITLE].strip() or "message")
        return _read_mail(File(name, part.content_type, b"", part.path), subject, part.children[0], budget, read_file)
    name = above + (part.name or f"part {part.path}")
    inline = part.disposition != "attachment" and bool(part.content_id or part.disposition == "inline")
    return read_file(
        File(name, part.content_type, part.data, part.path, part.charset, inline=inline or part.related), budget
    )


def read_mail_file(file: File, budget: Budget, read_file: Inside) -> Reading:
    """Read a mail that came as a file. It has the same limits as one that came by itself."""
    if first_exceeded(file.data, budget.limits) or budget.depth >= budget.limits.depth:
        raise UnreadableError("too large")
    data = file.data.lstrip(b"\r\n \t")
    fields = split_fields(data)
    root, _ = parsed(fields, data[fields.body :])
    return _read_mail(file, decode_words(fields.first("subject")), root, budget, read_file)


def _read_mail(file: File, subject: str, root: Part, budget: Budget, read_file: Inside) -> Reading:
    body = body_of(root)
    source = body.source() or Source(file.source_name, "")
    if body.unreadable_html and not source.text:
        raise UnreadableError("too large")
    head = f"{subject}\n\n" if subject and source.text else subject
    moved = shifted(source, len(head))
    text = head + source.text
    budget.text -= len(text)
    if budget.text < 0:
        return settled(file, AttachmentState.UNREADABLE, "too large")
    whole = Source(
        file.source_name, text, moved.tables, (Segment(SegmentKind.FORWARDED, 0, len(text)), *moved.segments)
    )
    budget.depth += 1
    inner = [read_part(part, f"{file.name}/", budget, read_file) for part in body.attachments]
    budget.depth -= 1
    first = settled(file, AttachmentState.READ, "", *([whole] if text else []))
    return Reading(
        first.attachments + tuple(one for reading in inner for one in reading.attachments),
        first.sources + tuple(one for reading in inner for one in reading.sources),
    )
