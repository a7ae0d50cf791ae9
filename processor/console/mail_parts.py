"""The mail itself: its page in a frame that can do nothing, its attachments and its bytes to download.

What a partner sent is never served as anything that this site would run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from processor.adapters.charsets import decode
from processor.adapters.fields import split_fields
from processor.adapters.mime_tree import parsed
from processor.adapters.parts import Part
from processor.adapters.thread_sql import read_mail
from processor.console.room import Visit
from processor.ports import StoredMail

FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
_LOADS = re.compile(r"<(/?)(link|meta|base|script|iframe|frame|frameset|object|embed|form|portal)\b", re.IGNORECASE)
_EMPTY = "<!doctype html><p>This mail has no page."


def frame(visit: Visit) -> Response:
    """The mail's HTML. The policy and the sandbox forbid scripts, pictures, forms and every address outside."""
    stored = _stored(visit)
    root = _tree(visit, stored) if stored else None
    found = next((one for one in _walk(root) if one.content_type == "text/html"), None) if root else None
    html = _LOADS.sub(r"<\1x-\2", decode(found.data, found.charset)) if found else _EMPTY
    headers = {
        "Content-Security-Policy": FRAME_POLICY,
        "Content-Type": "text/html; charset=utf-8",
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(html.encode("utf-8", "replace"), headers=headers)


def attachment(visit: Visit) -> Response:
    """One part of the mail, as a file to keep."""
    stored = _stored(visit)
    found = part_of(visit, stored, visit.path("part")) if stored else None
    return file(found.data, found.name or f"part-{found.path}") if found else _gone()


def original(visit: Visit) -> Response:
    """The mail's bytes, as they came."""
    stored = _stored(visit)
    return file(stored.raw, f"mail-{stored.id}.eml") if stored and stored.raw else _gone()


def part_of(visit: Visit, stored: StoredMail, path: str) -> Part | None:
    """Return the part of a mail that stands at a path such as `1.2`."""
    root = _tree(visit, stored)
    return next((one for one in _walk(root) if one.path == path), None) if root else None


def _stored(visit: Visit) -> StoredMail | None:
    return read_mail(visit.room.engine, int(visit.request.path_params["mail"]))


def _tree(visit: Visit, stored: StoredMail) -> Part | None:
    """Parse a mail that was found to be within the limits by the child that reads it; of another nothing is shown."""
    message = visit.room.mails.read(stored)
    if message is None or message.over_limit or stored.headers_only:
        return None
    fields = split_fields(stored.raw)
    return parsed(fields, stored.raw[fields.body :])[0]


def _walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _walk(child)


def file(content: bytes, name: str) -> Response:
    """Return something of a mail as a file to keep, of no kind that anything would open."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name.replace('/', '_'), safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": "application/octet-stream",
    }
    return Response(content, headers=headers)


def _gone() -> Response:
    return PlainTextResponse("There is no such part, or it was erased.\n", HTTPStatus.NOT_FOUND)
