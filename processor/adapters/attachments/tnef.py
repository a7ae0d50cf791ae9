"""Outlook's winmail.dat: the body that only it holds, and the files inside it."""

from __future__ import annotations

import logging
import re
import struct
from typing import TYPE_CHECKING, Any

from processor.adapters.attachments.file import Budget, File, Reading, UnreadableError, settled
from processor.adapters.attachments.reading import read_file
from processor.adapters.attachments.rich_text import rich_text_source
from processor.adapters.charsets import charset_of_page, decode, one_line
from processor.adapters.html import read_html
from processor.adapters.plain import lines_of
from processor.core.message import AttachmentState, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILES = 200
_LOGO = re.compile(r"image\d{1,4}\.\w{3,4}")  # how Outlook calls the pictures within a text
_OBJECT, _OBJECTS = 12, 5_000
_RTF = 5_000_000
_STORED = 0x414C454D
_WORDS = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_NAME_LENGTH = 200


def read_tnef(file: File, budget: Budget) -> Reading:
    """Read a winmail.dat. Its body is a source where the mail has no other; its files follow under its name."""
    from tnefparse import TNEF

    logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)
    _count_objects(file.data)
    try:
        tnef = TNEF(file.data)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise UnreadableError("corrupt") from error
    body = None if budget.has_body else _body(file.source_name, tnef)
    attachments = list(settled(file, AttachmentState.READ).attachments)
    sources = [body] if body and any(letter.isalnum() for letter in body.text) else []
    budget.text -= sum(len(source.text) for source in sources)
    if budget.text < 0:
        raise UnreadableError("too large")
    for inside in _files(file, tnef.attachments[:_FILES]):
        reading = read_file(inside, budget)
        attachments.extend(reading.attachments)
        sources.extend(reading.sources)
    return Reading(tuple(attachments), tuple(sources))


def _count_objects(data: bytes) -> None:
    """Refuse what has more objects than mail has: the library copies the rest of the file for each."""
    at, count = 6, 0
    while at + _OBJECT < len(data):
        at += 11 + struct.unpack_from("<I", data, at + 5)[0]
        count += 1
        if count > _OBJECTS:
            raise UnreadableError("too large")


def unpacked(packed: bytes) -> bytes:
    """Unpack RTF ([MS-OXRTFCP]): runs of a ring of 4,096 bytes that starts with words which every RTF has."""
    size, kind = struct.unpack_from("<4xII", packed)
    if kind == _STORED or size > _RTF:
        return packed[16 : 16 + size] if kind == _STORED else b""
    ring = bytearray(_WORDS.ljust(4096, b"\0"))
    write, out, at = len(_WORDS), bytearray(), 16
    while at < len(packed) and len(out) < size:
        flags, at = packed[at], at + 1
        for bit in range(8):
            if flags >> bit & 1:
                run = int.from_bytes(packed[at : at + 2], "big")
                at += 2
                offset, length = run >> 4, (run & 15) + 2
                if offset == write % 4096:
                    return bytes(out)
                letters = [(offset + step) % 4096 for step in range(length)]
            else:
                ring[write % 4096] = packed[at] if at < len(packed) else 0
                letters, at = [write % 4096], at + 1
            for place in letters:
                out.append(ring[place])
                ring[write % 4096] = ring[place]
                write += 1
    return bytes(out[:size])


def _files(file: File, found: Sequence[Any]) -> list[File]:
    files: list[File] = []
    for number, one in enumerate(found, 1):
        name = one_line(str(one.long_filename() or one.name or ""))[:_NAME_LENGTH] or f"file {number}"
        logo = bool(_LOGO.fullmatch(name))
        files.append(
            File(f"{file.name}/{name}", "application/octet-stream", bytes(one.data or b""), file.part, inline=logo)
        )
    return files


def _body(name: str, tnef: Any) -> Source | None:  # noqa: ANN401  # tnefparse has no types
    page = tnef.htmlbody
    if page:
        raw = page if isinstance(page, bytes) else str(page).encode()
        read = read_html(lines_of(decode(raw, charset_of_page(raw))))
        if read.readable and read.text:
            return Source(name, read.text, read.tables, read.segments)
    packed = tnef._rtfbody  # noqa: SLF001  # the public property wants one more library to unpack it
    if packed:
        return rich_text_source(name, unpacked(bytes(packed)))
    text = tnef.body
    if not text:
        return None
    return Source(name, lines_of(decode(text) if isinstance(text, bytes) else str(text)).strip())
