"""Outlook's winmail.dat: the body that only it holds, and the files inside it."""

from __future__ import annotations

import re
import struct

from processor.adapters.attachments.file import Budget, File, Inside, Reading, UnreadableError, settled
from processor.adapters.attachments.rich_text import rich_text_source
from processor.adapters.attachments.tnef_parts import Tnef, TnefFile, parse_tnef
from processor.adapters.charsets import charset_of_page, clean, decode, one_line
from processor.adapters.html import read_html
from processor.adapters.plain import lines_of
from processor.core.message import AttachmentState, Source

_FILES = 200
_LOGO = re.compile(r"image\d{1,4}\.\w{3,4}")  # how Outlook calls the pictures within a text
_RTF = 5_000_000
_STORED = 0x414C454D
_WORDS = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_NAME_LENGTH = 200


def read_tnef(file: File, budget: Budget, read_file: Inside) -> Reading:
    """Read a winmail.dat. Its body is a source where the mail has no other; its files follow under its name."""
    tnef = parse_tnef(file.data)
    body = None if budget.has_body else _body(file.source_name, tnef)
    attachments = list(settled(file, AttachmentState.READ).attachments)
    sources = [body] if body and any(letter.isalnum() for letter in body.text) else []
    budget.text -= sum(len(source.text) for source in sources)
    if budget.text < 0:
        raise UnreadableError("too large")
    for number, inside in enumerate(tnef.files[:_FILES], 1):
        reading = read_file(_named(file, inside, number), budget)
        attachments.extend(reading.attachments)
        sources.extend(reading.sources)
    return Reading(tuple(attachments), tuple(sources))


def _named(file: File, inside: TnefFile, number: int) -> File:
    name = one_line(clean(inside.name))[:_NAME_LENGTH] or f"file {number}"
    logo = bool(_LOGO.fullmatch(name))
    return File(f"{file.name}/{name}", "application/octet-stream", inside.data, file.part, inline=logo)


def _body(name: str, tnef: Tnef) -> Source | None:
    if tnef.page:
        read = read_html(lines_of(decode(tnef.page, charset_of_page(tnef.page))))
        if read.readable and read.text:
            return Source(name, read.text, read.tables, read.segments)
    if tnef.rich_text:
        return rich_text_source(name, unpacked(tnef.rich_text))
    return Source(name, lines_of(clean(tnef.text)).strip()) if tnef.text else None


def unpacked(packed: bytes) -> bytes:
    """Unpack RTF ([MS-OXRTFCP]): runs of a ring of 4,096 bytes that starts with words which every RTF has."""
    if len(packed) < 16:  # noqa: PLR2004
        return b""
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
