"""A mail's MIME tree as plain values: what each part says it is, and its bytes with the transfer encoding taken off."""

from __future__ import annotations

import quopri
import re
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote_to_bytes

from processor.adapters.charsets import decode, decode_base64, decode_words, one_line

if TYPE_CHECKING:
    from email.message import Message as Tree

_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)")
_PARAMETER = re.compile(r";\s*([^\s=;\"]++)\s*=\s*(?:\"((?:[^\"\\]++|\\.)*+)\"|([^;]*))")
_PIECE = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
_BASE64 = (string.ascii_letters + string.digits + "+/=" + string.whitespace).encode()
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One node of the tree. `data` is a leaf's decoded content, `tail` plain text that a gateway put behind base64."""

    path: str
    content_type: str
    parameters: dict[str, str]
    disposition: str = ""
    name: str = ""
    content_id: str = ""
    related: bool = False  # shown within a page: `multipart/related`, not its first part
    fields: tuple[tuple[str, str], ...] = ()
    data: bytes = b""
    tail: bytes = b""
    children: tuple[Part, ...] = field(default=())

    @property
    def charset(self) -> str:
        """The declared charset, or an empty string."""
        return self.parameters.get("charset", "")

    @property
    def main(self) -> str:
        """The type before the slash."""
        return self.content_type.partition("/")[0]

    def first(self, name: str) -> str:
        """Return the first value of a field, unfolded, as Latin-1 text."""
        wanted = name.lower()
        return next((" ".join(value.split()) for key, value in self.fields if key.lower() == wanted), "")


def tree_of(message: Tree, path: str = "1", *, related: bool = False) -> Part:
    """Turn the parser's tree into ours. Depth is bounded by the limits checked before."""
    fields = tuple((name, _latin(value)) for name, value in message.raw_items())
    headers = {name.lower(): value for name, value in reversed(fields)}
    content_type, parameters = parse_value(headers.get("content-type", ""))
    disposition, more = parse_value(headers.get("content-disposition", ""))
    children, data, tail = _content(message, path, headers.get("content-transfer-encoding", ""))
    return Part(
        path=path,
        content_type=_type_of(content_type, message),
        parameters=parameters,
        disposition=disposition.lower(),
        name=(more.get("filename") or parameters.get("name") or "")[:_NAME_LENGTH],
        content_id=headers.get("content-id", "").strip().strip("<>"),
        related=related,
        fields=fields,
        data=data,
        tail=tail,
        children=children,
    )


def _content(message: Tree, path: str, encoding: str) -> tuple[tuple[Part, ...], bytes, bytes]:
    """Children, or data and tail. An attached mail in base64 (which RFC 2046 section 5.2.1 forbids) is data."""
    if not message.is_multipart():
        return (), *decoded(_raw_payload(message), encoding)
    inner = cast("list[Tree]", message.get_payload())
    if message.get_content_maintype() == "message" and "base64" in encoding.lower() and len(inner) == 1:
        return (), *decoded(inner[0].as_bytes(), encoding)
    related = message.get_content_subtype() == "related"
    children = (tree_of(one, f"{path}.{number}", related=related and number > 1) for number, one in enumerate(inner, 1))
    return tuple(children), b"", b""


def _type_of(stated: str, message: Tree) -> str:
    """RFC 2045 section 5.2: what can't be read is plain text; inside a digest the default is an attached mail."""
    match = _TYPE.match(stated)
    return match[1].lower() if match else message.get_default_type()


def _latin(value: object) -> str:
    return str(value).encode("ascii", "surrogateescape").decode("latin-1").replace("\0", "\ufffd")


def _raw_payload(message: Tree) -> bytes:
    del message["content-transfer-encoding"]
    payload = message.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def parse_value(value: str) -> tuple[str, dict[str, str]]:
    """Split `text/plain; charset=x` into its first word and its parameters, names decoded (RFC 2231, RFC 2047)."""
    first = value.partition(";")[0]
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(value, len(first)):
        text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        piece = _PIECE.fullmatch(match[1].lower())
        if piece:
            pieces.setdefault(piece[1], []).append((int(piece[2] or 0), bool(piece[3]), text))
    return first.strip(), {name: _joined(found) for name, found in pieces.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """Put the pieces of a parameter together; an extended one wins over a plain one of the same number."""
    numbered: dict[int, tuple[bool, str]] = {}
    for number, extended, text in pieces:
        if number not in numbered or (extended and not numbered[number][0]):
            numbered[number] = (extended, text)
    ordered = [numbered[number] for number in sorted(numbered)]
    if not any(extended for extended, _ in ordered):
        return decode_words("".join(text for _, text in ordered))
    charset, raw = "", b""
    for position, (extended, text) in enumerate(ordered):
        if extended and position == 0 and text.count("'") > 1:
            charset, _, text = text.split("'", 2)  # noqa: PLW2901
        raw += unquote_to_bytes(text) if extended else text.encode("latin-1", "replace")
    return one_line(decode(raw, charset))


def decoded(raw: bytes, encoding: str) -> tuple[bytes, bytes]:
    """Take the transfer encoding off. Returns the content, and plain text found behind the end of base64."""
    name = encoding.strip(" \t\r\n\"';").partition(";")[0].partition(" ")[0].lower()
    if name == "quoted-printable":
        return quopri.decodestring(raw), b""
    if name != "base64":
        return raw, b""
    end = _base64_end(raw)
    return decode_base64(raw[:end]), raw[end:].strip()


def _base64_end(raw: bytes) -> int:
    """Find where base64 stops: behind the line of its padding, or at the first line that holds anything else."""
    foreign = _FOREIGN.search(raw) if raw.translate(None, _BASE64) else None  # a large file is looked through quickly
    padding = raw.find(b"=")
    if foreign and (padding < 0 or foreign.start() < padding):
        return raw.rfind(b"\n", 0, foreign.start()) + 1
    line_end = raw.find(b"\n", padding) if padding >= 0 else -1
    return line_end if line_end >= 0 else len(raw)
