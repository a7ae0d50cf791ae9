"""Where rows, sentences and paragraphs of folded text end; a hard-wrapped line is no row of its own."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_ABBREVIATION = 3  # letters at most before a full stop that may end no sentence ("nr.")
_ITEM = re.compile(r"\d|[A-Z]{1,2}\d")
_OPENED = re.compile(r"\((?:[€$£¥]|[A-Z]{3})?\Z")  # "… to G012… (EUR"
_NUMBERING = re.compile(r"^\s*\(?\d{1,2}[.)/]\s+")  # "1/ The transfer of …" may go on in the next line
_NEW_SENTENCE = re.compile(r"\.\s+[A-Z\u00c0-\u00de][^\W\d_]+(?!\w)")  # no identifier
_ABBREVIATIONS = frozenset({
    "abs", "adr", "an", "anm", "apr", "art", "aug", "av", "ave", "bd", "bet", "betr", "blz", "bv", "bzw", "ca", "cf",
    "cia", "co", "cod", "ct", "cta", "dec", "dep", "dic", "dir", "doc", "dpt", "dr", "dra", "ed", "eng", "enz",
    "etc", "evt", "ext", "fa", "fac", "fc", "feb", "fed", "fig", "fr", "fra", "frs", "fs", "ft", "ftr", "ggf",
    "gmbh", "gr", "hab", "hr", "hrn", "inc", "ing", "inh", "ini", "inv", "jan", "jr", "jul", "jun", "kg", "km",
    "lda", "lic", "lt", "ltd", "m", "mag", "max", "mej", "mevr", "mez", "mgr", "mio", "mm", "mr", "mrd", "mrs", "ms",
    "msc", "mt", "mtr", "mw", "nb", "nl", "no", "nov", "np", "nr", "nrs", "nt", "num", "obj", "oct", "okt", "ord",
    "p", "per", "pg", "pl", "plc", "pos", "pp", "pr", "prf", "prof", "ps", "pt", "pto", "ref", "reg", "rel", "resp",
    "rif", "rn", "rua", "sarl", "sec", "seg", "sen", "sep", "sig", "sr", "sra", "srl", "st", "sta", "sto", "str",
    "tab", "tel", "tit", "tlf", "tr", "ud", "uds", "ul", "vg", "vgl", "vol", "vs", "wg", "wt", "zb", "zl", "zw",
})  # fmt: skip
_WORD_BEFORE = 16
_LED = re.compile(r"(?:\d[ .,]|(?<![^\W\d_])[A-Z][a-z]{3,} )\Z")  # a longer number, or "November"
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

    def around(self, place: int, length: int) -> tuple[int, int]:
        """Return where the sentence or row around a place begins and ends, in a text of this length."""
        row, sentence = self.unit(place)
        first = max(self.rows[row - 1] if row else 0, self.sentences[sentence - 1] if sentence else 0)
        return first, min([length, *self.rows[row : row + 1], *self.sentences[sentence : sentence + 1]])

    def paragraph(self, place: int) -> int:
        """Number the paragraph that a place is in."""
        return bisect_right(self.blanks, place)

    def crossed(self, start: int, end: int) -> tuple[int, int, int]:
        """Count the rows, sentences and paragraphs that end between two places."""
        return tuple(
            bisect_left(kind, end) - bisect_left(kind, start) for kind in (self.rows, self.sentences, self.blanks)
        )  # type: ignore[return-value]


_MARK = re.compile(r"(?<![.?!])[.?!]{1,3}(?![.?!])(?P<close>[\"')]*)(?=\s|$|[\u3040-\u9fff])")
_LETTERS_BEFORE = re.compile(r"[^\s.?!]*\Z")  # always found, perhaps empty
_MARKS = frozenset(".?!")


@lru_cache(maxsize=4)
def breaks(text: str) -> Breaks:
    """Find the breaks of folded text. A hard-wrapped line is no row of its own. Asked many times about one page."""
    rows = tuple(match.start() for match in re.finditer("\n", text) if not _is_wrap(text, match.start()))
    blanks = tuple(match.start() for match in re.finditer(r"\n[ \t]*+\n", text))
    return Breaks(rows, tuple(_sentences(text)), blanks)


def _sentences(text: str) -> Iterator[int]:
    """Find the marks that end a sentence. Of the word before a full stop only the last few letters are looked at."""
    behind = 0  # the last mark and what closes it
    for match in _MARK.finditer(text):
        start, marks = match.start(), match[0][: len(match[0]) - len(match["close"])]
        near = max(behind, start - _ABBREVIATION - 2)
        begin = start - len(_LETTERS_BEFORE.search(text, near, start)[0])  # type: ignore[index]
        length = start - begin - (text[begin - 1 : begin] in _MARKS)
        stands_alone = not any(char.isalnum() for char in text[begin:start]) and not text[start - 1 : start].isalnum()
        whole = length > _ABBREVIATION or stands_alone or _is_word(text, begin, start)
        if marks != "." or whole or _is_figure(text, begin, match.end()):
            yield start + len(marks) - 1
        behind = match.end()


def _is_word(text: str, begin: int, end: int) -> bool:
    """Tell whether a short word before a full stop is no abbreviation: a new sentence begins behind it."""
    word, after = text[begin:end], _NEW_SENTENCE.match(text, end)
    return len(word) > 1 and word.isalpha() and word.lower() not in _ABBREVIATIONS and after is not None


def _is_figure(text: str, begin: int, end: int) -> bool:
    """Tell whether what stands before a full stop is the end of a number, not an ordinal ("827." of "605 827.",
    "9." of "November 9. Please", but not of "am 9. November").
    """
    digits = text[begin:end].rstrip(".\"') \n")
    if not digits.isascii() or not digits.isdigit():
        return False
    before = text[max(0, begin - _WORD_BEFORE) : begin]
    return len(digits) >= _ABBREVIATION or _LED.search(before) is not None


def _is_wrap(text: str, newline: int) -> bool:
    line_start = text.rfind("\n", 0, newline) + 1
    line = text[line_start:newline].rstrip()
    following = text[newline + 1 : newline + 4]
    return (
        len(line) >= _WRAP
        and not line.endswith((":", ".", ";", "!", "?"))
        and bool(following[:1].strip())
        and not re.match(r"[-*•>]", following)
        and not (_ITEM.match(following) and (_ITEM.match(_NUMBERING.sub("", line)) or not _goes_on(line)))
        and "\t" not in line
    )


def _goes_on(line: str) -> bool:
    """Tell whether a line goes on though digits follow: it ends within a sentence, or an amount's bracket."""
    return line[-1:].islower() or _OPENED.search(line) is not None
