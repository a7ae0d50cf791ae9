"""Bytes to text: what is declared first, then UTF-8, then Windows-1252; no NUL and no lone surrogate ever comes out."""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
import string

# What mailers declare, and what they mean by it.
_MEANT = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "l1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "windows-1252": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8-sig": "utf-8",
    "default": "utf-8",
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "binary": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso-2022-jp-ext",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "windows-874": "cp874",
    "unicode": "utf-16",
}
_NEVER = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def decode(raw: bytes, charset: str = "") -> str:
    """Decode bytes by the ladder declared, UTF-8, Windows-1252, replacement (`libraries.md` section 4)."""
    for candidate in (_codec(charset), "utf-8"):
        if candidate:
            try:
                return clean(raw.decode(candidate))
            except (LookupError, ValueError):
                continue
    return clean(_damaged(raw))


def _damaged(raw: bytes) -> str:
    """Decode what is no clean UTF-8: UTF-8 with a few broken bytes stays UTF-8, anything else is Windows-1252."""
    text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(1 for letter in text if letter > "\x7f") - broken
    return text if sound > broken else raw.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Take out what no text may hold: NUL, lone surrogates, a byte order mark in front."""
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text).removeprefix("\ufeff")
    return text


def one_line(text: str) -> str:
    """Return text as one line without controls, for subjects and names."""
    return " ".join(_CONTROL.sub(" ", text).split(" ")).strip()


def decode_words(value: str) -> str:
    """Decode a raw header value (Latin-1 text, a byte a character): encoded words (RFC 2047) and raw 8-bit."""
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    at = 0
    value = value.replace("\ufffd", "")  # where a NUL stood
    for match in _WORD.finditer(value):
        between = value[at : match.start()]
        charset = match[1].split("*")[0].lower()
        raw = _word_bytes(match[2], match[3])
        if pending and not between.strip():
            if pending[0] == charset:
                pending = (charset, pending[1] + raw)
                at = match.end()
                continue
            between = ""
        if pending:
            out.append(decode(pending[1], pending[0]))
        out.append(_raw_text(between))
        pending = (charset, raw)
        at = match.end()
    if pending:
        out.append(decode(pending[1], pending[0]))
    out.append(_raw_text(value[at:]))
    return one_line("".join(out))


def _raw_text(value: str) -> str:
    text = value if value.isascii() else decode(value.encode("latin-1", "replace"))
    return re.sub(r"\r?\n(?=[ \t])|\r\n?|\n", "", text) if "\n" in text or "\r" in text else text


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("latin-1", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    return decode_base64(raw)


def decode_base64(raw: bytes) -> bytes:
    """Decode base64 up to its padding; missing padding and stray characters are forgiven."""
    letters = raw.partition(b"=")[0]
    likely = b"=" * (-len(letters.translate(None, string.whitespace.encode())) % 4)  # else it would be decoded thrice
    for ending in (likely, b"", b"=", b"=="):
        try:
            return binascii.a2b_base64(letters + ending)
        except binascii.Error:
            continue
    bare = _NOT_BASE64.sub(b"", letters)
    return binascii.a2b_base64(bare[: len(bare) // 4 * 4])


def charset_of_page(page: bytes) -> str:
    """Find the charset that a page declares for itself."""
    match = re.search(rb"charset\s*=\s*[\"']?([\w.:-]{1,40})", page[:2048], re.IGNORECASE)
    return match[1].decode("ascii") if match else ""


def _codec(charset: str) -> str:
    """Return the name that Python knows a charset by, or nothing: unknown, no text encoding, or slow on purpose."""
    name = charset.strip(" \t\r\n\"';").lower()
    try:
        name = codecs.lookup(_MEANT.get(name, name)).name if name else ""
    except (LookupError, ValueError):
        return ""
    return "" if name in _NEVER else name
