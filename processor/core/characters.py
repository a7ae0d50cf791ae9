"""One spelling for what a reader sees as the same: folding that remembers where each character came from."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass

_OVERRIDE = "\u202e"  # RIGHT-TO-LEFT OVERRIDE really reorders Latin text; marks and isolates don't
_POP = "\u202c"
_REORDERED = "\ufffc"  # stands for a character that a reader sees elsewhere: part of no identifier
_SPACES = dict.fromkeys(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
)
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe63", "-")
_QUOTES = dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4\u0060\u2032", "'") | dict.fromkeys(
    "\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'
)
_TWINS = (
    _SPACES
    | _DASHES
    | _QUOTES
    | {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u3001": ",", "\u3002": ".", "\uffe5": "\u00a5"}
)
_PLAIN = re.compile(r"[\t\n -_a-~]+")  # characters that stand for themselves
_STROKES = {"ł": "l", "ø": "o", "đ": "d", "ı": "i"}  # letters that no decomposition brings to their base


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `origin[i]` is where character `i` stands in the text it was folded from (one more entry for the
    end).
    """

    text: str
    origin: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Translate a range of the folded text to the original."""
        return self.origin[start], self.origin[end - 1] + 1 if end > start else self.origin[start]

    def find(self, original: int) -> int:
        """Return the index of the first folded character at or after a place in the original."""
        return bisect_left(self.origin, original, 0, len(self.text))


def fold(text: str) -> Folded:
    """Fold widths, spaces, dashes and quotes to their plain twins;
    drop what is invisible (`decisions.md`, Reading the mail).
    """
    if text.isascii() and "\r" not in text:
        return Folded(text, tuple(range(len(text) + 1)))
    kept: list[str] = []
    origin: list[int] = []
    overridden = False
    index = 0
    while index < len(text):
        plain = None if overridden else _PLAIN.match(text, index)
        if plain:
            kept += plain[0]
            origin += range(index, plain.end())
            index = plain.end()
            continue
        char = text[index]
        if char in (_OVERRIDE, _POP, "\n"):
            overridden = char == _OVERRIDE
        twin = _REORDERED if overridden and char.isalnum() else _twin(char)
        if unicodedata.combining(char) and kept:
            kept[-1] = _composed(kept[-1], char)
        elif twin:
            kept.append(twin)
            origin.append(index)
        index += 1
    return Folded("".join(kept), (*origin, len(text)))


def _twin(char: str) -> str:
    """Return the plain character that a reader takes this one for, or nothing when it can't be seen."""
    if char < "\x7f":
        return _TWINS.get(char, char)
    if char == "\u00ad" or unicodedata.category(char) == "Cf":
        return ""
    if "\uff01" <= char <= "\uff5e":
        return _TWINS.get(chr(ord(char) - 0xFEE0), chr(ord(char) - 0xFEE0))
    return _TWINS.get(char, char)


def _composed(base: str, mark: str) -> str:
    composed = unicodedata.normalize("NFC", base + mark)
    return composed if len(composed) == 1 else base


def level(text: str) -> str:
    """Return folded text in lower case and without accents, character for character, so that offsets hold."""
    if text.isascii():
        return text.lower()
    return text.translate(_LEVELS)


class _Levels(dict[int, str]):
    """The levelled form of each character, by its code; found when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = levelled = _levelled(chr(code))
        return levelled


_LEVELS = _Levels()


def _levelled(char: str) -> str:
    char = char.lower() if len(char.lower()) == 1 else char
    base = unicodedata.normalize("NFD", char)[0].lower()
    latin = base.isascii() or base < "\u0370"
    return _STROKES.get(char, base if latin else char)


def squeeze(text: str) -> Folded:
    """Return folded text in upper case without the spaces,
    dashes and line breaks that may stand inside an identifier.
    """
    origin: list[int] = []
    for match in _SOLID.finditer(text):
        origin += range(match.start(), match.end())
    return Folded(text.translate(_SQUEEZED), (*origin, len(text)))


_SOLID = re.compile(r"[^ \n-]+")
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}  # str.upper() may change the length
_SQUEEZED = _UPPER | {ord(char): None for char in " -\n"}


def is_ascii_alnum(char: str) -> bool:
    """Tell whether a character can be part of an identifier."""
    return char.isascii() and char.isalnum()
