"""Text from a mail, shown to people: one line, limited, and nothing in it that a reader can't see."""

from __future__ import annotations

import unicodedata

ECHO_LIMIT = 80  # characters; an identifier, an amount or a file name as somebody wrote it


def visible(text: str, limit: int = ECHO_LIMIT) -> str:
    """Return a text as one line: controls become spaces, marks of direction and without width read [U+202E]."""
    shown = text[: limit * 8]
    if not (shown.isascii() and shown.isprintable()):  # most texts are plain, and have nothing to look for
        shown = "".join(map(_seen, shown))
    line = " ".join(shown.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _seen(char: str) -> str:
    if char.isascii():
        return char if char.isprintable() else " "
    match unicodedata.category(char):
        case "Cf":
            return f"[U+{ord(char):04X}]"
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs" | "Co" | "Cn":
            return "\ufffd"
    return char
