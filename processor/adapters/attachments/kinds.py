"""What a file is: by its first bytes, then by its name, then by the type that it claims."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from processor.adapters.attachments.delimited import is_text, looks_delimited

if TYPE_CHECKING:
    from processor.adapters.attachments.file import File


class Kind(Enum):
    """The kinds of file that are told apart."""

    EMPTY = auto()
    MAIL = auto()
    DELIMITED = auto()
    PLAIN = auto()
    PAGE = auto()
    RICH_TEXT = auto()
    PDF = auto()
    ZIP = auto()  # an archive, or an office document of the newer kind
    OLE = auto()  # an office document of the older kind, or an encrypted newer one
    TNEF = auto()
    PICTURE = auto()
    ARCHIVE = auto()  # one that we don't open
    SEALED = auto()  # encrypted, or signed so that it has to be unwrapped
    ORNAMENT = auto()  # a calendar card, a signature: nothing that could hold a request
    UNKNOWN = auto()


_MAGIC = (
    (b"PK\x03\x04", Kind.ZIP), (b"PK\x05\x06", Kind.ZIP), (b"PK\x07\x08", Kind.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE), (b"\x78\x9f\x3e\x22", Kind.TNEF), (b"{\\rtf", Kind.RICH_TEXT),
    (b"\x89PNG", Kind.PICTURE), (b"\xff\xd8\xff", Kind.PICTURE), (b"GIF8", Kind.PICTURE), (b"II*\0", Kind.PICTURE),
    (b"MM\0*", Kind.PICTURE), (b"Rar!", Kind.ARCHIVE), (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"BZh", Kind.ARCHIVE), (b"\xfd7zXZ\0", Kind.ARCHIVE), (b"MSCF", Kind.ARCHIVE), (b"\x28\xb5\x2f\xfd", Kind.ARCHIVE),
)  # fmt: skip
_ORNAMENTS = frozenset({
    "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "application/ics", "application/pgp-signature",
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys", "text/rfc822-headers",
    "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "text/x-amp-html",
    "message/global-disposition-notification", "message/global-headers", "message/rfc822-headers", "text/watch-html",
    "message/feedback-report", "application/pgp-encrypted",
})  # fmt: skip
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ORNAMENT_NAMES = ("daticert.xml", ".ics", ".vcf", ".p7s", ".asc", ".sig")
_PAGE = re.compile(rb"(?i)\s*+(?:\xef\xbb\xbf\s*+)?(?:<!doctype\s++html|<html|<head|<body|<table|<div|<meta)")
_MAIL = re.compile(
    rb"\s*(?:[\w-]{1,60}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n)*){0,40}?(?:from|received|message-id|mime-version):",
    re.IGNORECASE,
)
_PICTURE_NAMES = (".heic", ".webp", ".bmp", ".svg", ".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff")


def kind_of(file: File) -> Kind:
    """Tell what a file is. What it claims is believed last."""
    name = file.name.lower()
    if file.content_type in _SEALED or file.data[:60].lstrip().startswith(b"-----BEGIN PGP MESSAGE"):
        return Kind.SEALED
    if file.content_type in _ORNAMENTS or name.endswith(_ORNAMENT_NAMES):
        return Kind.ORNAMENT
    if not file.data.strip():
        return Kind.EMPTY
    return _kind_by_magic(file.data) or _kind_by_name(file, name)


def _kind_by_magic(data: bytes) -> Kind | None:
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def _kind_by_name(file: File, name: str) -> Kind:
    if file.content_type.startswith("image/") or name.endswith(_PICTURE_NAMES):
        return Kind.PICTURE
    return _kind_of_text(file, name) if is_text(file.data) else Kind.UNKNOWN


def _kind_of_text(file: File, name: str) -> Kind:
    is_mail = name.endswith(".eml") or file.content_type in {"message/rfc822", "message/global"}
    if is_mail and _MAIL.match(file.data[:60_000]):
        return Kind.MAIL
    if _PAGE.match(file.data[:400]) or file.content_type == "text/html" or name.endswith((".htm", ".html")):
        return Kind.PAGE
    if looks_delimited(name, file.content_type, file.data):
        return Kind.DELIMITED
    is_plain = name.endswith((".txt", ".text", ".log", ".md")) or "." not in name.rpartition("/")[2]
    return Kind.PLAIN if is_plain or file.content_type == "text/plain" else Kind.UNKNOWN
