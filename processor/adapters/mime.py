"""A mail's bytes to a `Message`: a pure function that never raises on what a mail contains."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import Budget
from processor.adapters.attachments.mails import read_part
from processor.adapters.attachments.reading import read_file
from processor.adapters.bodies import body_of
from processor.adapters.charsets import decode_words
from processor.adapters.fields import Fields, split_fields
from processor.adapters.limits import ReadingLimits, first_exceeded
from processor.adapters.mime_tree import parsed
from processor.adapters.reports import report_of
from processor.core.message import Message, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processor.adapters.parts import Part

_SUBJECT = 2_000  # characters


def read_message(raw: bytes, limits: ReadingLimits, *, opens: bool = True) -> Message:
    """Read one mail. Over a limit, or beyond every parser: the headers alone, and `over_limit` says why.

    Without `opens` no attached file is opened: they are all unreadable, and the body counts alone.
    """
    excess = first_exceeded(raw, limits)
    if excess:
        return headers_only(raw, excess)
    fields = split_fields(raw)
    try:
        return _read(raw, fields, limits, opens=opens)
    except (MemoryError, RecursionError):
        return headers_only(raw, "memory")
    except Exception as error:  # noqa: BLE001  # a mail is anyone's bytes: whatever it breaks, its headers still have an end
        return headers_only(raw, f"unreadable ({type(error).__name__})")


def headers_only(raw: bytes, over_limit: str) -> Message:
    """Build the message of a mail whose body is not read. Touches no parser but our own splitter of lines."""
    fields = split_fields(raw[:1_000_000], 1_000)
    return Message(
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        content_sha256=hashlib.sha256(raw[fields.body :]).hexdigest(),
        size=len(raw),
        headers=fields.fields,
        subject=decode_words(fields.first("subject"))[:_SUBJECT],
        sources=(),
        over_limit=over_limit,
        defects=fields.defects,
    )


def _read(raw: bytes, fields: Fields, limits: ReadingLimits, *, opens: bool) -> Message:
    root, defects = parsed(fields, raw[fields.body :])
    parts = tuple(_walk(root))
    body = body_of(root)
    subject = decode_words(fields.first("subject"))[:_SUBJECT]
    chosen = body.source()
    if chosen is None and body.unreadable_html:
        return headers_only(raw, "html")
    if chosen and len(chosen.text) > limits.text:
        return headers_only(raw, "text")
    budget = Budget(limits, limits.text - (len(chosen.text) if chosen else 0), has_body=chosen is not None, opens=opens)
    readings = [read_part(part, "", budget, read_file) for part in body.attachments]
    sources = [Source("subject", subject), *([chosen] if chosen else [])]
    return Message(
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        content_sha256=_content_hash(fields, parts),
        size=len(raw),
        headers=fields.fields,
        subject=subject,
        sources=tuple(sources) + tuple(source for reading in readings for source in reading.sources),
        attachments=tuple(attachment for reading in readings for attachment in reading.attachments),
        content_types=tuple(_type_of(part) for part in parts),
        report=report_of(root, parts),
        defects=(*fields.defects, *defects, *_doubled(fields, parts)),
        other_body=body.other(),
    )


def _type_of(part: Part) -> str:
    """A part's type; a calendar's with its method, which tells an answer from an invitation."""
    method = part.parameters.get("method", "").lower() if part.content_type == "text/calendar" else ""
    return f"{part.content_type}; method={method}" if method else part.content_type


def _doubled(fields: Fields, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Note a part that describes itself twice: other programs may see another mail than we do."""
    for found in (fields.fields, *(part.fields for part in parts[1:])):
        names = [name.lower() for name, _ in found]
        if any(names.count(name) > 1 for name in ("content-type", "content-transfer-encoding")):
            return ("described_twice",)
    return ()


def _walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _walk(child)


def _content_hash(fields: Fields, parts: tuple[Part, ...]) -> str:
    """Name what the mail says: who, what, when, and every leaf with transfer encoding and line ends taken away."""
    digest = hashlib.sha256()
    for name in ("from", "subject", "date"):
        digest.update(decode_words(fields.first(name)).encode() + b"\0")
    for part in parts:
        if not part.children:
            content = b"\n".join(part.data.split()) if part.main == "text" else part.data
            digest.update(part.content_type.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()
