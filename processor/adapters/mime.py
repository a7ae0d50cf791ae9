"""A mail's bytes to a `Message`: a pure function that never raises on what a mail contains."""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.adapters.attachments import Reading, read_attachment
from processor.adapters.bodies import Body, body_of
from processor.adapters.charsets import decode_words
from processor.adapters.fields import Fields, split_fields
from processor.adapters.limits import ReadingLimits, first_exceeded
from processor.adapters.parts import Part, tree_of
from processor.adapters.reports import report_of
from processor.core.message import Attachment, Message, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message as Tree

_BOUNDARY_LINE = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)


def read_message(raw: bytes, limits: ReadingLimits) -> Message:
    """Read one mail. Over a limit, or beyond every parser: the headers alone, and `over_limit` says why."""
    excess = first_exceeded(raw, limits)
    if excess:
        return headers_only(raw, excess)
    fields = split_fields(raw)
    try:
        return _read(raw, fields, limits)
    except (MemoryError, RecursionError):
        return headers_only(raw, "memory")
    except Exception as error:  # noqa: BLE001  # a mail is anyone's bytes: whatever it breaks, its headers still have an end
        return headers_only(raw, f"unreadable ({type(error).__name__})")


def headers_only(raw: bytes, over_limit: str) -> Message:
    """Build the message of a mail whose body is not read. Touches no parser but our own splitter of lines."""
    fields = split_fields(raw[:1_000_000])
    return Message(
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        content_sha256=hashlib.sha256(raw[fields.body :]).hexdigest(),
        size=len(raw),
        headers=fields.fields[:1000],
        subject=decode_words(fields.first("subject"))[:_SUBJECT],
        sources=(),
        over_limit=over_limit,
        defects=fields.defects,
    )


_SUBJECT = 2_000  # characters


@dataclass(slots=True)
class _Gathered:
    """What the attachments gave."""

    sources: list[Source] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def _read(raw: bytes, fields: Fields, limits: ReadingLimits) -> Message:
    tree, defects = parsed(fields, raw[fields.body :])
    root = tree_of(tree)
    parts = tuple(_walk(root))
    body = body_of(root)
    subject = decode_words(fields.first("subject"))[:_SUBJECT]
    chosen, other = body.source(), body.other()
    if chosen is None and body.unreadable_html:
        return headers_only(raw, "html")
    if chosen and len(chosen.text) > limits.text:
        return headers_only(raw, "text")
    gathered = _attached(body, limits.text - (len(chosen.text) if chosen else 0), limits)
    sources = [Source("subject", subject), *([chosen] if chosen else []), *gathered.sources]
    return Message(
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        content_sha256=_content_hash(fields, parts),
        size=len(raw),
        headers=fields.fields,
        subject=subject,
        sources=tuple(sources),
        attachments=tuple(gathered.attachments),
        content_types=tuple(part.content_type for part in parts),
        report=report_of(root, parts),
        defects=(*fields.defects, *defects),
        other_body=other,
    )


def _attached(body: Body, budget: int, limits: ReadingLimits) -> _Gathered:
    gathered = _Gathered()
    for part in body.attachments:
        reading: Reading = read_attachment(part, limits, budget)
        budget -= sum(len(source.text) for source in reading.sources)
        gathered.attachments.extend(reading.attachments)
        gathered.sources.extend(reading.sources)
    return gathered


def parsed(fields: Fields, body: bytes) -> tuple[Tree, tuple[str, ...]]:
    """Parse with mail-parser, or where that fails with the standard library; both see only the fields that describe the body.

    Never `email.policy.default`: one mail can hang it (`libraries.md` section 2).
    """
    raw = _describing(fields, body) + body
    try:
        import mailparser

        mail = mailparser.parse_from_bytes(raw)
        tree, defects = mail.message, tuple(sorted(mail.defects_categories))
    except Exception:  # noqa: BLE001  # mail-parser is known to raise on some junk; the standard library reads it
        tree, defects = email.message_from_bytes(raw), ("mail-parser",)
    return tree, defects


def _describing(fields: Fields, body: bytes) -> bytes:
    """The fields that describe the body, one of each, unfolded; a multipart without its boundary gets the one in use."""
    kept: dict[str, str] = {}
    for name, value in fields.fields:
        if name.lower().startswith("content-") or name.lower() == "mime-version":
            kept.setdefault(name.lower(), " ".join(value.split()))
    stated = kept.get("content-type", "")
    if not stated or stated.lower().startswith("multipart/"):
        boundary = _BOUNDARY_LINE.search(body)
        if boundary and not _declares(stated, body):
            kind = stated.partition(";")[0] or "multipart/mixed"
            kept["content-type"] = f'{kind}; boundary="{boundary[1].decode("latin-1")}"'
    kept.setdefault("mime-version", "1.0")
    return "".join(f"{name}: {value}\n" for name, value in kept.items()).encode("latin-1", "replace") + b"\n"


def _declares(stated: str, body: bytes) -> bool:
    """Tell whether the declared boundary is the one that the body uses."""
    declared = re.search(r"boundary\*?0?\*?\s*=\s*\"?([^\";]+)", stated, re.IGNORECASE)
    return declared is not None and b"--" + declared[1].strip().encode("latin-1", "replace") in body


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
