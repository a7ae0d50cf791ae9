"""Bytes of a body to its tree: by mail-parser, else the standard library; broken outlines are mended before either."""

from __future__ import annotations

import email
import re
from typing import TYPE_CHECKING

from processor.adapters.parts import Part, tree_of

if TYPE_CHECKING:
    from processor.adapters.fields import Fields

_BOUNDARY_LINE = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)
_DECLARED = re.compile(r"boundary\*?0?\*?\s*=\s*\"?([^\";]+)", re.IGNORECASE)


def parsed(fields: Fields, body: bytes) -> tuple[Part, tuple[str, ...]]:
    """Parse with mail-parser, or where that fails with the standard library. Returns the tree and the defects' names.

    Both see only the fields that describe the body: the others are read from the raw bytes, by ourselves.
    Never `email.policy.default`: one mail can hang it.
    """
    raw = _describing(fields, body) + body
    try:
        import mailparser

        mail = mailparser.parse_from_bytes(raw)
        tree, defects = mail.message, tuple(sorted(mail.defects_categories))
    except Exception:  # noqa: BLE001  # mail-parser is known to raise on some junk; the standard library reads it
        tree, defects = email.message_from_bytes(raw), ("mail-parser",)
    return tree_of(tree), defects


def _describing(fields: Fields, body: bytes) -> bytes:
    """The fields that describe the body, one of each; a boundary that nothing uses gives way to the one in use."""
    kept: dict[str, str] = {}
    for name, value in fields.fields:
        if name.lower().startswith("content-") or name.lower() == "mime-version":
            kept.setdefault(name.lower(), " ".join(value.split()))
    stated = kept.get("content-type", "")
    if not stated or stated.lower().startswith("multipart/"):
        boundary = _BOUNDARY_LINE.search(body)
        if boundary and not _declares(stated, body):
            kind = stated.partition(";")[0] or "multipart/mixed"
            kept["content-type"] = f'{kind}; boundary="{boundary[1].decode("latin-1")}"'
    kept.setdefault("mime-version", "1.0")
    return "".join(f"{name}: {value}\n" for name, value in kept.items()).encode("latin-1", "replace") + b"\n"


def _declares(stated: str, body: bytes) -> bool:
    """Tell whether the declared boundary is the one that the body uses."""
    declared = _DECLARED.search(stated)
    return declared is not None and b"--" + declared[1].strip().encode("latin-1", "replace") in body
