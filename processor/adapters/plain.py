"""Plain text parts to lines: line ends made one, format=flowed unfolded (RFC 3676)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.adapters.charsets import decode

if TYPE_CHECKING:
    from processor.adapters.parts import Part

_SIGNATURE = "-- "
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def read_plain(part: Part) -> str:
    """Return the text of a text/plain part, and what a gateway put behind it."""
    text = lines_of(decode(part.data, part.charset))
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return "\n\n".join(piece for piece in (text.strip("\n"), lines_of(decode(part.tail)).strip()) if piece)


def lines_of(text: str) -> str:
    """Make every line end a line feed."""
    return _LINE_END.sub("\n", text)


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Join soft line breaks of one quote depth (RFC 3676 sections 4.1 to 4.4)."""
    done: list[tuple[int, list[str]]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth, words = _quoted(line)
        if open_depth == depth and words != _SIGNATURE:
            done[-1][1].append(words)
        else:
            done.append((depth, [words]))
        soft = words.endswith(" ") and words != _SIGNATURE
        if soft and delete_space:
            done[-1][1][-1] = words[:-1]
        open_depth = depth if soft else -1
    return "\n".join("> " * depth + "".join(pieces) for depth, pieces in done)


def _quoted(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")
