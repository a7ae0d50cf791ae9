"""A From field's one mailbox, by a grammar far narrower than RFC 5322: what two readers could split apart is refused.

No comment, group, route, quoted local part, encoded word or control stands inside the address.
"""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass

from processor.core.domains import is_domain

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LOCAL = rf"[{_ATEXT}]++(?:\.[{_ATEXT}]++)*+"
_ADDRESS = rf"{_LOCAL}@[A-Za-z0-9.\-]++"
_QUOTED = r"\"(?:[^\"\\\x00-\x08\x0a-\x1f\x7f]|\\[\x20-\x7e\x80-\xff])*+\""
_COMMENT = r"\([^()<>@,;:\\\"\x00-\x1f\x7f]*+\)"
_WORD = rf"(?:{_QUOTED}|[{_ATEXT}.\x80-\xff]++|{_COMMENT})"
_MAILBOX = re.compile(
    rf"(?P<name>(?:{_WORD}[ \t]*+)*+)<(?P<angle>{_ADDRESS})>(?:[ \t]*+{_COMMENT})?+"
    rf"|(?P<bare>{_ADDRESS})(?:[ \t]*+(?P<after>{_COMMENT}))?+"
)
_FOLD = re.compile(r"\r?\n(?=[ \t]+[^ \t\r\n])")
_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([BbQq])\?([^?\s]{0,200})\?=")
_LENGTH_MAX = 2_000  # characters; longer than any name and address
_LOCAL_MAX = 64  # RFC 5321 section 4.5.3.1.1


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """An address in lower case, and the name that stands beside it, decoded, for people only."""

    address: str
    name: str = ""


def one_address(field: str) -> NamedAddress | None:
    """Read a From field's value (raw Latin-1 text). Returns None unless it is one plain mailbox beyond doubt."""
    text = _FOLD.sub("", field).strip(" \t")
    if len(field) > _LENGTH_MAX:
        return None
    match = _MAILBOX.fullmatch(text)
    if match is None:
        return None
    address = match["angle"] or match["bare"]
    local, _, domain = address.partition("@")
    if len(local) > _LOCAL_MAX or "=?" in address or not is_domain(domain):
        return None
    name = match["name"] or (match["after"] or "")[1:-1]
    return NamedAddress(address.lower(), shown(name))


def shown(name: str) -> str:
    """Decode a display name for people: quotes and encoded words taken off, raw bytes read as UTF-8 where they are."""
    text = " ".join(re.sub(r"\\(.)|\"", r"\1", name).split())
    text = re.sub(r"(?<=\?=) (?==\?)", "", text)
    return _ENCODED_WORD.sub(_decoded, _utf8(text))


def _utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _decoded(word: re.Match[str]) -> str:
    charset, kind, content = word[1], word[2].lower(), word[3].encode("latin-1", "replace")
    try:
        raw = binascii.a2b_base64(content) if kind == "b" else quopri.decodestring(content, header=True)
        return raw.decode(charset, "replace")
    except (LookupError, ValueError):
        return word[0]
