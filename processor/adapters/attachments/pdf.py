"""PDF text by pdfium: every glyph with its place, so that lines and columns can be put together as they look."""

from __future__ import annotations

import ctypes
import math
import signal
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Self

from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.pdf_layout import Glyph, Layout

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits
    from processor.core.message import Source

_PAGES = 100
_GLYPHS = 100_000
_INVISIBLE_MODE = 3  # ISO 32000-1 table 106: neither fill nor stroke; the letters under a scan
_OBJECTS = 5_000
_Area = tuple[float, float, float, float]  # left, bottom, right, top
_TINY = 1.5  # points
_WHITE = 250  # of 255


class _Ink(Enum):
    """What letters are drawn with."""

    NONE = auto()
    WHITE = auto()
    DARK = auto()


def read_pdf(file: File, limits: ReadingLimits) -> Source:
    """Read the text of a PDF, page by page."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(file.data)
    except PdfiumError as error:
        raise UnreadableError("encrypted" if "password" in str(error).lower() else "corrupt") from error
    try:
        return _read(file.source_name, document, limits)
    finally:
        document.close()


def _read(name: str, document: Any, limits: ReadingLimits) -> Source:  # noqa: ANN401  # pypdfium2 has no types
    if len(document) > _PAGES:
        raise UnreadableError("too large")
    layout, patience = Layout(), _Patience(limits.library_seconds)
    left = _GLYPHS
    for number in range(len(document)):
        glyphs = _glyphs(document, number, left, patience)
        left -= len(glyphs)
        layout.add_page(glyphs)
    source = layout.source(name)
    if len(source.text) > limits.text:
        raise UnreadableError("too large")
    if not layout.has_words:
        raise UnreadableError("scanned" if len(document) else "corrupt")
    return source


def _glyphs(document: Any, page_number: int, most: int, patience: _Patience) -> list[Glyph]:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    with patience:
        page = document[page_number]
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)  # what is filled into a form becomes text
        text = page.get_textpage()
        count = text.count_chars()
    if count > most:
        raise UnreadableError("too large")
    eye = _Eye(pdfium, text.raw, _painted(pdfium, page))
    found = [glyph for number in range(count) if (glyph := eye.glyph(number))]
    text.close()
    return found


class _Patience:
    """Lets the system end this process where all pages together ask the library for too much: it can't be told to stop.

    Zero seconds of processor time are no bound.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def __enter__(self) -> Self:
        if self._left:
            signal.setitimer(signal.ITIMER_PROF, self._left)
        return self

    def __exit__(self, *_: object) -> None:
        if self._left:
            left, *_rest = signal.setitimer(signal.ITIMER_PROF, 0)
            self._left = max(left, 0.001)


def _painted(pdfium: Any, page: Any) -> list[_Area] | None:  # noqa: ANN401
    """Areas of a page that are not white, so that white letters show on them; None where there are too many to tell."""
    areas: list[_Area] = []
    for number, entry in enumerate(page.get_objects(max_depth=1)):
        if number > _OBJECTS:
            return None
        if entry.type == pdfium.FPDF_PAGEOBJ_TEXT or (
            entry.type == pdfium.FPDF_PAGEOBJ_PATH and not _is_dark(pdfium, entry)
        ):
            continue
        areas.append(entry.get_bounds())
    return areas


def _is_dark(pdfium: Any, path: Any) -> bool:  # noqa: ANN401
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path.raw, fill, stroke)
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPageObj_GetFillColor(path.raw, *colour)
    return bool(fill.value) and min(part.value for part in colour[:3]) < _WHITE


class _Eye:
    """Looks at one glyph after the other. Looks of a text object are asked for once."""

    def __init__(self, pdfium: Any, page: Any, painted: list[_Area] | None) -> None:  # noqa: ANN401
        self._pdfium = pdfium
        self._page = page
        self._painted = painted
        self._looks: dict[int, _Ink] = {}
        self._box = pdfium.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def glyph(self, number: int) -> Glyph | None:
        letter = chr(self._pdfium.FPDFText_GetUnicode(self._page, number) or 32)
        if letter.isspace() or not letter.isprintable():
            return None
        self._pdfium.FPDFText_GetLooseCharBox(self._page, number, self._box)
        self._pdfium.FPDFText_GetCharOrigin(self._page, number, self._x, self._y)
        x, y = self._x.value, self._y.value
        turns = round(self._pdfium.FPDFText_GetCharAngle(self._page, number) / (math.pi / 2)) % 4
        left, right, base, height = _upright(turns, self._box, x, y)
        ink = self._ink(number)
        hidden = height < _TINY or ink is _Ink.NONE or (ink is _Ink.WHITE and not self._is_on_paint(x, y))
        return Glyph(letter, left, right, base, height, turns, hidden=hidden)

    def _is_on_paint(self, x: float, y: float) -> bool:
        if self._painted is None:
            return True
        return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._painted)

    def _ink(self, number: int) -> _Ink:
        handle = self._pdfium.FPDFText_GetTextObject(self._page, number)
        key = ctypes.cast(handle, ctypes.c_void_p).value or 0
        if key not in self._looks:
            colour = [ctypes.c_uint() for _ in range(4)]
            self._pdfium.FPDFText_GetFillColor(self._page, number, *colour)
            mode = self._pdfium.FPDFTextObj_GetTextRenderMode(handle) if key else 0
            white = min(part.value for part in colour[:3]) >= _WHITE
            nothing = mode == _INVISIBLE_MODE or not colour[3].value
            self._looks[key] = _Ink.NONE if nothing else _Ink.WHITE if white else _Ink.DARK
        return self._looks[key]


def _upright(turns: int, box: Any, x: float, y: float) -> tuple[float, float, float, float]:  # noqa: ANN401
    """Left, right, baseline and height of a glyph, as if its line ran from left to right."""
    if turns == 3:  # noqa: PLR2004
        return box.bottom, box.top, -x, box.right - box.left
    if turns == 2:  # noqa: PLR2004
        return -box.right, -box.left, -y, box.top - box.bottom
    if turns == 1:
        return -box.top, -box.bottom, x, box.right - box.left
    return box.left, box.right, y, box.top - box.bottom
