"""A letter's fields and parts as bytes. What is plain is written as it stands, anything else is left to the library.

Plain is printable ASCII that fits into one line; the library would write the very same after a long look at it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.policy import EmailPolicy
from functools import lru_cache

LINE = 76  # characters; an encoded word may have 75 (RFC 2047 section 2)
_WHOLE = 998  # characters of a line that must not be broken (RFC 5322 section 2.1.1)
_REMEMBERED = 128  # fields that say the same in many letters

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_ATOMS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_ADDRESS = re.compile(rf"{_ATOMS}(?:\.{_ATOMS})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class _Fields(HeaderRegistry):
    """The library's kinds of header fields, each put together once: it would make a class for every field."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        kind = self._known.get(name.lower())
        if kind is None:
            kind = self._known[name.lower()] = super().__getitem__(name)
        return kind


# Not every server on the way takes eight bits. Identifiers are neither broken nor encoded (python/cpython#100991).
_FIELDS = _Fields()
_FOLDED = EmailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=LINE, header_factory=_FIELDS)
_UNBROKEN = EmailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=_WHOLE, header_factory=_FIELDS)


def field(name: str, text: str) -> bytes:
    """Write a field of running text."""
    return _short(name, text, LINE) or _FOLDED.fold_binary(name, _FIELDS(name, text))


def identifiers(name: str, text: str) -> bytes:
    """Write a field of Message-IDs."""
    return _short(name, text, _WHOLE) or _UNBROKEN.fold_binary(name, _FIELDS(name, text))


def mailbox(name: str, address: str, display_name: str = "") -> bytes:
    """Write a field with one address. Raises `ValueError` where it is none."""
    if not _PLAIN_ADDRESS.fullmatch(address) or "=?" in address:
        return _addressed(name, address, display_name)
    if not display_name:
        return _short(name, address, LINE) or _addressed(name, address, display_name)
    if not _PLAIN_NAME.fullmatch(display_name) or max(len(name) + len(display_name) + 2, len(address) + 3) > LINE:
        return _addressed(name, address, display_name)
    return _short(name, f"{display_name} <{address}>", LINE) or _ascii(f"{name}: {display_name}\r\n <{address}>\r\n")


def text_part(subtype: str, text: str) -> bytes:
    """Write a part of text; the encoding is the shortest that every server passes on."""
    lines = text.encode().splitlines()
    content = b"".join(line + b"\r\n" for line in lines)
    if text.isascii() and max(map(len, lines), default=0) <= LINE:
        encoding = "7bit"
    else:
        quoted = binascii.b2a_qp(content)
        coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
        encoding, content = ("base64", coded) if len(coded) < len(quoted) else ("quoted-printable", quoted)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return _ascii(head) + content


def file_part(name: str, subtype: str, content: bytes) -> bytes:
    """Write a part that is a file of text in UTF-8; its name is of ASCII letters, digits, dots and hyphens."""
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment;\r\n filename="{name}"\r\n\r\n'
    )
    return _ascii(head) + base64.encodebytes(content).replace(b"\n", b"\r\n")


def multipart(kind: str, boundary: str, parts: Sequence[bytes], fields: bytes = b"") -> bytes:
    """Write parts behind each other; `fields` stand below the field that tells the boundary."""
    mark = _ascii(f"--{boundary}")
    head = _ascii(f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n') + fields
    return b"\r\n".join([head, *(mark + b"\r\n" + part for part in parts), mark + b"--\r\n"])


def _short(name: str, text: str, most: int) -> bytes:
    """Write a plain field that fits into one line; nothing for another."""
    line = f"{name}: {text}"
    return _ascii(f"{line}\r\n") if len(line) <= most and _PLAIN.fullmatch(text) and "=?" not in text else b""


@lru_cache(_REMEMBERED)
def _addressed(name: str, address: str, display_name: str) -> bytes:
    try:
        return _FOLDED.fold_binary(name, _FIELDS(name, Address(display_name, addr_spec=address)))
    except (IndexError, MessageError) as error:  # what the library makes of some that aren't addresses
        raise ValueError(f"{address!r} is no address") from error


def _ascii(text: str) -> bytes:
    return text.encode("ascii")
