"""Where rows, sentences and paragraphs of folded text end; a hard-wrapped line is no row of its own."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

_ABBREVIATION = 3  # letters at most before a full stop that may end no sentence ("nr.")
_WRAP = 50  # a line at least so long that doesn't end a sentence goes on in the next one


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where lines, sentences and paragraphs end."""

    rows: tuple[int, ...]
    sentences: tuple[int, ...]
    blanks: tuple[int, ...]

    def unit(self, place: int) -> tuple[int, int]:
        """Name the sentence or row that a place is in."""
        return bisect_right(self.rows, place), bisect_right(self.sentences, place)

    def paragraph(self, place: int) -> int:
        """Number the paragraph that a place is in."""
        return bisect_right(self.blanks, place)

    def row(self, place: int) -> int:
        """Number the row that a place is in."""
        return bisect_right(self.rows, place)

    def crossed(self, start: int, end: int) -> tuple[int, int, int]:
        """Count the rows, sentences and paragraphs that end between two places."""
        return tuple(
            bisect_left(kind, end) - bisect_left(kind, start) for kind in (self.rows, self.sentences, self.blanks)
        )  # type: ignore[return-value]


_SENTENCE = re.compile(r"(?<![.?!])(?P<word>[^\s.?!]*)(?P<mark>[.?!]{1,3})(?![.?!])[\"')]*(?=\s|$|[\u3040-\u9fff])")


def breaks(text: str) -> Breaks:
    """Find the breaks of folded text. A hard-wrapped line is no row of its own."""
    rows = tuple(match.start() for match in re.finditer("\n", text) if not _is_wrap(text, match.start()))
    blanks = tuple(match.start() for match in re.finditer(r"\n[ \t]*\n", text))
    sentences = tuple(
        match.end("mark") - 1
        for match in _SENTENCE.finditer(text)
        if match["mark"] != "."
        or len(match["word"]) > _ABBREVIATION
        or (not match["word"] and not text[match.start("mark") - 1 : match.start("mark")].isalnum())
    )
    return Breaks(rows, sentences, blanks)


def _is_wrap(text: str, newline: int) -> bool:
    line_start = text.rfind("\n", 0, newline) + 1
    line = text[line_start:newline].rstrip()
    following = text[newline + 1 : newline + 4]
    return (
        len(line) >= _WRAP
        and not line.endswith((":", ".", ";", "!", "?"))
        and bool(following[:1].strip())
        and not re.match(r"[-*•>\d]|[A-Z]{1,2}\d", following)
        and "\t" not in line
    )
