"""The raw header fields of a mail, split by hand from its bytes: every byte kept, nothing decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EMPTY_LINE = re.compile(rb"(?:\A|\r\n|\n|\r)(?:\r\n|\n|\r(?!\n))")
_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_FIELD = re.compile(rb"[ \t]*([!-9;-~]{1,200})[ \t]*:")
_BARE_LINES = 2  # a gateway that folds without white space leaves one or two; more is a body whose empty line is lost
_MOST = 10_000
_TAIL = re.compile(rb"[,;][ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields in order as Latin-1 text (folding kept), and where the body begins."""

    fields: tuple[tuple[str, str], ...]
    body: int
    defects: tuple[str, ...] = ()

    def first(self, name: str) -> str:
        """Return the first value of a field, unfolded, or an empty string."""
        wanted = name.lower()
        return next((" ".join(value.split()) for key, value in self.fields if key.lower() == wanted), "")


def header_block(raw: bytes) -> bytes:
    """Return everything before the first empty line."""
    end = _EMPTY_LINE.search(raw)
    return raw[: end.start()] if end else raw


def split_fields(raw: bytes, most: int = _MOST) -> Fields:
    """Split the header block, up to `most` fields. CRLF, LF and bare CR end a line (RFC 5322, read tolerantly)."""
    found: list[tuple[bytes, list[bytes]]] = []
    defects: list[str] = []
    at = 0
    while at < len(raw) and len(found) < most:
        match = _LINE.match(raw, at)
        if match is None or not match[1].strip(b" \t"):
            at = match.end() if match else len(raw)
            break
        line = match[1]
        field = None if found and line[:1] in b" \t" else _FIELD.match(line)
        if field:
            found.append((field[1], [line[field.end() :]]))
        elif found and (line[:1] in b" \t" or _is_tail(raw, at, found[-1])):
            found[-1][1].append(line)
            if line[:1] not in b" \t":
                defects.append("header_fold")
        elif found or not _is_envelope_line(line):
            defects.append("header_end")
            break
        at = match.end()
    return Fields(tuple((_text(name), _text(b"\n".join(lines))) for name, lines in found), at, tuple(defects))


def _is_tail(raw: bytes, at: int, field: tuple[bytes, list[bytes]]) -> bool:
    """Tell whether a line without a colon belongs to the field above it, and isn't the first line of a body.

    It does when the field is a gateway's own or ends in the middle of a list, and at most two such lines stand before
    the next field or the empty line, behind which the mail goes on.
    """
    name, lines = field
    if not (name[:2].lower() == b"x-" or _TAIL.search(lines[-1])):
        return False
    for _ in range(_BARE_LINES + 1):
        match = _LINE.match(raw, at)
        if match is None or match.end() >= len(raw):
            return False
        if not match[1].strip() or _FIELD.match(match[1]):
            return True
        at = match.end()
    return False


def _is_envelope_line(line: bytes) -> bool:
    return line.startswith((b"From ", b">From "))


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").replace("\0", "\ufffd")
