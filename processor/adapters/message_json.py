"""A `Message` as JSON and back: the only thing that crosses from the child that parses to the parent that decides."""

from __future__ import annotations

import json
from typing import Any, cast

from processor.core.message import (
    Attachment,
    AttachmentState,
    Cell,
    DeliveryReport,
    Message,
    Segment,
    SegmentKind,
    Source,
    Table,
)

_PLAIN = ("raw_sha256", "content_sha256", "size", "subject", "over_limit")
_LISTS = ("content_types", "defects")


def dumps(message: Message) -> bytes:
    """Write a message. Pure ASCII: no byte of it can be mistaken."""
    report = message.report
    plain: dict[str, Any] = {name: getattr(message, name) for name in (*_PLAIN, *_LISTS)}
    plain["headers"] = message.headers
    plain["sources"] = [_source(source) for source in message.sources]
    plain["other_body"] = _source(message.other_body) if message.other_body else None
    plain["attachments"] = [
        (one.name, one.content_type, one.size, one.state, one.why, one.part) for one in message.attachments
    ]
    plain["report"] = (report.kind, report.actions, report.original_message_id) if report else None
    return json.dumps(plain, separators=(",", ":")).encode("ascii")


def loads(raw: bytes) -> Message:
    """Read a message. Raises ValueError, TypeError or KeyError on what `dumps` did not write."""
    plain = cast("dict[str, Any]", json.loads(raw))
    report = plain["report"]
    fields: dict[str, Any] = {name: plain[name] for name in _PLAIN} | {name: tuple(plain[name]) for name in _LISTS}
    return Message(
        **fields,
        headers=tuple((name, value) for name, value in plain["headers"]),
        sources=tuple(_read_source(source) for source in plain["sources"]),
        other_body=_read_source(plain["other_body"]) if plain["other_body"] else None,
        attachments=tuple(
            Attachment(name, kind, size, AttachmentState(state), why, part)
            for name, kind, size, state, why, part in plain["attachments"]
        ),
        report=DeliveryReport(report[0], tuple(report[1]), report[2]) if report else None,
    )


def _source(source: Source) -> list[Any]:
    tables = [
        (
            [[(cell.text, cell.start, cell.end, cell.number) for cell in row] for row in table.rows],
            table.hidden,
            table.exact,
        )
        for table in source.tables
    ]
    return [source.name, source.text, tables, [(one.kind, one.start, one.end) for one in source.segments]]


def _read_source(plain: list[Any]) -> Source:
    name, text, tables, segments = plain
    return Source(
        name,
        text,
        tuple(
            Table(tuple(tuple(Cell(*cell) for cell in row) for row in rows), hidden, exact)
            for rows, hidden, exact in tables
        ),
        tuple(Segment(SegmentKind(kind), start, end) for kind, start, end in segments),
    )
