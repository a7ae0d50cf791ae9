"""What a mail may weigh, checked on its raw bytes in linear time before any parser sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from processor.adapters.fields import header_block, split_fields

_LINE_OF_BOUNDARY = 200  # RFC 2046 section 5.1.1 allows 70 characters; broken mailers write more
_PARAMETERS = 100
_FIELD_END = re.compile(rb"\n(?![ \t])")
_BOUNDARY = re.compile(rb"boundary[ \t]*=[ \t\r\n]*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))")
_MESSAGE_TYPE = re.compile(rb"content-type[ \t]*:[ \t\r\n]*message/(?:rfc822|global|news)")


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The most that one mail may ask of us. Bytes unless the name says otherwise."""

    message: int = 25_000_000
    header_block: int = 1_000_000
    header: int = 64_000
    headers: int = 1_000  # fields
    parts: int = 500  # MIME parts
    depth: int = 20  # levels of multipart and attached mail
    lines: int = 600_000  # a full mail of base64 has 350,000
    text: int = 1_000_000  # characters analysed, all sources together
    archive_total: int = 50_000_000  # unpacked
    archive_entries: int = 1_000
    archive_ratio: int = 100  # unpacked over packed
    child_memory: int = 1_000_000_000  # address space
    child_cpu_seconds: int = 4
    child_wall_seconds: float = 9.0  # half of it for a second try without the attachments, if the first took a child
    child_boot_seconds: float = 60.0
    child_mails: int = 500  # a child is replaced after so many
    library_seconds: float = 0.0  # in a library that can't be stopped, before it takes its process along; children only


def first_exceeded(raw: bytes, limits: ReadingLimits) -> str:
    """Name the first limit that `raw` exceeds, or return an empty string. Linear in the size of `raw`."""
    if len(raw) > limits.message:
        return "message"
    return _header_excess(raw, limits) or _structure_excess(raw, limits)


def _header_excess(raw: bytes, limits: ReadingLimits) -> str:
    block = header_block(raw)
    if len(block) > limits.header_block:
        return "header_block"
    if block.count(b"\n") + block.count(b"\r") > limits.headers * 100:
        return "headers"
    fields = split_fields(raw, limits.headers + 1).fields
    if len(fields) > limits.headers:
        return "headers"
    if any(len(name) + len(value) > limits.header for name, value in fields):
        return "header"
    return ""


def _structure_excess(raw: bytes, limits: ReadingLimits) -> str:
    text = raw.lower()
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if text.count(b"\n") > limits.lines:
        return "lines"
    boundaries = _declared_boundaries(text, limits.parts)
    if boundaries is None or text.count(b"\n--") > limits.parts * 400:
        return "parts"
    parts, depth, widest = _simulated(text, boundaries, limits)
    if parts > limits.parts:
        return "parts"
    if depth > limits.depth:
        return "depth"
    return "header" if widest > limits.header or _are_fields_tangled(text, limits) else ""


def _are_fields_tangled(text: bytes, limits: ReadingLimits) -> bool:
    """Tell whether a field that describes a part has more parameters than parsers take in linear time."""
    text = b"\n" + text
    total, at = 0, text.find(b"\ncontent-")
    while at >= 0:
        end = _FIELD_END.search(text, at + 1)
        stop = end.start() if end else len(text)
        total += stop - at
        if text.count(b";", at, stop) > _PARAMETERS or total > limits.header_block:
            return True
        at = text.find(b"\ncontent-", stop)
    return False


def _declared_boundaries(text: bytes, most: int) -> frozenset[bytes] | None:
    """Return the boundaries that the mail declares: none if in pieces (RFC 2231), so that any line may be one."""
    found: set[bytes] = set()
    at = text.find(b"boundary")
    while at >= 0:
        if text[at + 8 : at + 9] == b"*":
            return frozenset()
        match = _BOUNDARY.match(text, at)
        if match:
            found.add((match[1] or match[2]).strip())
        if len(found) > most:
            return None
        at = text.find(b"boundary", at + 8)
    return frozenset(found) or frozenset((b"\0",))


def _simulated(text: bytes, boundaries: frozenset[bytes], limits: ReadingLimits) -> tuple[int, int, int]:
    """Walk boundary lines and attached mails as a parser would: number of parts, deepest level, longest part header."""
    stack: list[bytes] = []
    parts = depth = widest = 0
    for position, line in _marks(text):
        if line is None:
            stack.append(b"")
        else:
            name = _opened(line, boundaries)
            if name is None:
                continue
            parts += 1
            del stack[stack.index(name) if name in stack else len(stack) :]
            stack.append(name)
            end = text.find(b"\n\n", position, position + limits.header + 2)
            rest = len(text) - position
            widest = max(
                widest, (end - position) if end >= 0 else min(rest, limits.header + 1) if rest > limits.header else 0
            )
        depth = max(depth, len(stack))
        if parts > limits.parts or depth > limits.depth or widest > limits.header:
            break
    return parts, depth, widest


def _opened(line: bytes, boundaries: frozenset[bytes]) -> bytes | None:
    if not boundaries or line in boundaries:
        return line
    closed = line.removesuffix(b"--")
    return closed if closed in boundaries else None


def _marks(text: bytes) -> list[tuple[int, bytes | None]]:
    """Positions of lines that start with two dashes (with the rest of the line) and of attached mails (with None)."""
    marks: list[tuple[int, bytes | None]] = []
    at = 0 if text.startswith(b"--") else text.find(b"\n--") + 1
    while at or text.startswith(b"--"):
        end = text.find(b"\n", at, at + _LINE_OF_BOUNDARY)
        if end >= 0 or at + _LINE_OF_BOUNDARY > len(text):
            marks.append((at, text[at + 2 : end if end >= 0 else len(text)].rstrip()))
        following = text.find(b"\n--", at)
        if following < 0:
            break
        at = following + 1
    marks.extend((found.start(), None) for found in _MESSAGE_TYPE.finditer(text))
    marks.sort(key=lambda mark: mark[0])
    return marks
