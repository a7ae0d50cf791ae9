"""Rich Text Format to lines, and to the page that Outlook wraps in it ([MS-OXRTFEX]). One pass, no recursion."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.charsets import clean
from processor.adapters.html import read_html
from processor.core.message import Source

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,9})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.DOTALL
)
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict object header headerl headerr footer footerl footerr themedata datastore "
    b"generator listtable listoverridetable revtbl rsidtbl latentstyles xmlnstbl fldinst mhtmltag".split()
)
_WORDS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"cell": "\t", b"tab": "\t",
    b"emdash": "—",
    b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•",
}  # fmt: skip
_MARKS = {b"~": "\u00a0", b"_": "-", b"-": "\u00ad", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_DEPTH = 500


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits."""

    silent: bool = False
    hidden: bool = False  # `\\v`: not shown
    markup: bool = False  # inside `\\*\\htmltag`
    only_rtf: bool = False  # `\\htmlrtf`: formatting that the wrapped page doesn't have
    skip: int = 1  # `\\uc`: stand-in letters behind a Unicode one


class RichText:
    """Text and wrapped page of an RTF document."""

    def __init__(self, data: bytes) -> None:
        self.lines: list[str] = []
        self.page: list[str] = []
        self.is_page = b"\\fromhtml" in data[:2000]
        self._codec = "cp1252"
        self._state = _State()
        self._groups: list[_State] = []
        self._bytes = bytearray()
        self._skip = 0
        self._star = False
        for match in _TOKEN.finditer(data):
            self._take(match)
        self._flush()

    def _take(self, match: re.Match[bytes]) -> None:
        word, number, code, mark, brace, text = match.groups()
        if code:
            if self._skip:
                self._skip -= 1
            else:
                self._bytes.append(int(code, 16))
            return
        if text:
            self._letters(text)
            return
        self._flush()
        if brace:
            self._group(opens=brace == b"{")
        elif mark == b"*":
            self._star = True
        elif mark:
            self._put(_MARKS.get(mark, ""))
        elif word:
            self._command(word, int(number) if number else None)

    def _letters(self, text: bytes) -> None:
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        self._bytes += text[skipped:]

    def _flush(self) -> None:
        if self._bytes:
            text = bytes(self._bytes).decode(self._codec, "replace")
            self._bytes.clear()
            self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.silent and not state.markup:
            return
        if self.is_page and (state.markup or not state.only_rtf):
            self.page.append(text if state.markup else text.replace("&", "&amp;").replace("<", "&lt;"))
        if not (state.markup or state.hidden):
            self.lines.append(text)

    def _group(self, *, opens: bool) -> None:
        self._star = False
        self._skip = 0
        if opens:
            if len(self._groups) > _DEPTH:
                raise UnreadableError("too large")
            self._groups.append(self._state)
        elif self._groups:
            self._state = self._groups.pop()

    def _command(self, word: bytes, number: int | None) -> None:
        state = self._state
        if word == b"htmltag":
            self._state = replace(state, markup=True, silent=True)
        elif word in _SILENT or (self._star and word != b"htmltag"):
            self._state = replace(state, silent=True, markup=False)
        elif word in _WORDS:
            self._put(_WORDS[word])
        elif word == b"u" and number is not None:
            self._put(chr(number % 0x10000))
            self._skip = state.skip
        elif word == b"uc":
            self._state = replace(state, skip=min(number or 0, 9))
        elif word == b"v":
            self._state = replace(state, hidden=number != 0)
        elif word == b"plain":
            self._state = replace(state, hidden=False)
        elif word == b"htmlrtf":
            self._state = replace(state, only_rtf=number != 0)
        elif word == b"ansicpg" and number:
            self._codec = _codec(number)
        self._star = False


def _codec(page: int) -> str:
    try:
        return codecs.lookup("utf-8" if page == 65001 else f"cp{page}").name  # noqa: PLR2004
    except LookupError:
        return "cp1252"


def read_rich_text(file: File, limits: ReadingLimits) -> Source:
    """Read an RTF file."""
    if len(file.data) > 10 * limits.text:
        raise UnreadableError("too large")
    return rich_text_source(file.source_name, file.data)


def rich_text_source(name: str, data: bytes) -> Source:
    """Read RTF; where it wraps a page, the page."""
    document = RichText(data)
    if document.is_page:
        page = read_html(clean("".join(document.page).encode("utf-16", "surrogatepass").decode("utf-16", "replace")))
        if page.readable and page.text:
            return Source(name, page.text, page.tables, page.segments)
    text = "".join(document.lines).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Source(name, "\n".join(line.rstrip() for line in clean(text).split("\n")).strip("\n"))
