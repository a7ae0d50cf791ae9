"""The structure of winmail.dat ([MS-OXTNEF]): a body and files, walked with bounds on every length that it states."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE, _HEADER = 0x223E9F78, 6
_BODY, _TITLE, _DATA, _NEW_FILE = 0x800C, 0x8010, 0x800F, 0x9002
_MESSAGE_PROPERTIES, _FILE_PROPERTIES, _CODE_PAGE = 0x9003, 0x9005, 0x9007
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _CONTENT = 0x3707, 0x3704, 0x3001, 0x3701
_TEXT, _RICH_TEXT, _PAGE = 0x1000, 0x1009, 0x1013
_NAMED, _MANY, _UNICODE, _OBJECT = 0x8000, 0x1000, 0x1F, 0x0D
_SIZES = {2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x1E, _UNICODE, 0x0D, 0x102})
_MOST = 5_000  # objects, properties, values
_INTERFACE = 16  # bytes that name an object's interface, in front of its data


@dataclass(slots=True)
class TnefFile:
    """A file inside; names as bytes of the mail's code page, or UTF-16 decoded."""

    names: dict[int, str] = field(default_factory=dict)
    data: bytes = b""

    @property
    def name(self) -> str:
        """The longest-lived of its names: what a person called it."""
        return next(
            (self.names[key] for key in (_LONG_NAME, _SHORT_NAME, _TITLE, _DISPLAY_NAME) if self.names.get(key)), ""
        )


@dataclass(slots=True)
class Tnef:
    """What a winmail.dat holds. Bodies are bytes as found; the text is decoded."""

    text: str = ""
    rich_text: bytes = b""
    page: bytes = b""
    files: list[TnefFile] = field(default_factory=list)
    codec: str = "cp1252"


def parse_tnef(data: bytes) -> Tnef:
    """Walk the objects of a winmail.dat, as far as they lie inside it. Raises `UnreadableError` if it is none."""
    if len(data) < _HEADER or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise UnreadableError("corrupt")
    found = Tnef()
    for name, content in _objects(data):
        if name == _CODE_PAGE and len(content) >= 4:  # noqa: PLR2004
            found.codec = codec_of(struct.unpack_from("<I", content)[0])
        elif name == _BODY:
            found.text = _decoded(content, found.codec)
        elif name == _MESSAGE_PROPERTIES:
            _take_bodies(found, content)
        elif name == _NEW_FILE:
            found.files.append(TnefFile())
        elif found.files:
            _take_file(found.files[-1], name, content, found.codec)
    return found


def codec_of(page: int) -> str:
    """Return Python's name of a Windows code page."""
    try:
        "".encode(f"cp{page}")
    except LookupError:
        return "utf-8" if page == 65001 else "cp1252"  # noqa: PLR2004
    return f"cp{page}"


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = _HEADER
    for _ in range(_MOST):
        if at + 9 > len(data):
            return
        name, length = struct.unpack_from("<H2xI", data, at + 1)
        yield name, data[at + 9 : at + 9 + length]
        at += 9 + length + 2
    raise UnreadableError("too large")


def _take_bodies(found: Tnef, content: bytes) -> None:
    for key, kind, value in _properties(content):
        if key == _TEXT:
            found.text = _words(kind, value, found.codec)
        elif key == _RICH_TEXT:
            found.rich_text = value
        elif key == _PAGE:
            found.page = _words(kind, value, found.codec).encode() if kind == _UNICODE else value


def _take_file(file: TnefFile, name: int, content: bytes, codec: str) -> None:
    if name == _TITLE:
        file.names[_TITLE] = _decoded(content, codec)
    elif name == _DATA:
        file.data = content
    elif name == _FILE_PROPERTIES:
        for key, kind, value in _properties(content):
            if key == _CONTENT:
                file.data = value[_INTERFACE:] if kind == _OBJECT else value
            elif key in {_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME}:
                file.names[key] = _words(kind, value, codec)


def _properties(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Identifier, type and first value of each property."""
    if len(content) < 4:  # noqa: PLR2004
        return
    at = 4
    try:
        for _ in range(min(struct.unpack_from("<I", content)[0], _MOST)):
            kind, key = struct.unpack_from("<HH", content, at)
            at = _behind_name(content, at + 4) if key >= _NAMED else at + 4
            many, kind = kind & _MANY, kind & ~_MANY
            count = 1
            if many or kind in _VARIABLE:
                count, at = min(struct.unpack_from("<I", content, at)[0], _MOST), at + 4
            values: list[bytes] = []
            for _ in range(count):
                value, at = _value(content, at, kind)
                values.append(value)
            if values:
                yield key, kind, values[0]
    except (struct.error, KeyError):
        return


def _behind_name(content: bytes, at: int) -> int:
    """Skip the GUID and the number or the words of a named property."""
    kind, length = struct.unpack_from("<II", content, at + 16)
    return at + 24 + (int(length) + -int(length) % 4 if kind else 0)


def _value(content: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind in _VARIABLE:
        length, at = struct.unpack_from("<I", content, at)[0], at + 4
    else:
        length = _SIZES[kind]
    if at + length > len(content):
        raise struct.error
    return content[at : at + length], at + length + -length % 4


def _words(kind: int, value: bytes, codec: str) -> str:
    return value.decode("utf-16-le", "replace").rstrip("\0") if kind == _UNICODE else _decoded(value, codec)


def _decoded(value: bytes, codec: str) -> str:
    return value.decode(codec, "replace").rstrip("\0")
