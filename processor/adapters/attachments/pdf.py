"""PDF text by pdfium: every glyph with its place, so that lines and columns can be put together as they look."""

from __future__ import annotations

import ctypes
import math
from typing import TYPE_CHECKING, Any

from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.pdf_layout import Glyph, Layout

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits
    from processor.core.message import Source

_PAGES = 100
_GLYPHS = 100_000
_INVISIBLE_MODE = 3  # ISO 32000-1 table 106: neither fill nor stroke; the letters under a scan
_TINY = 1.5  # points
_WHITE = 250  # of 255


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
    layout = Layout()
    left = _GLYPHS
    for page in document:
        glyphs = _glyphs(page, left)
        left -= len(glyphs)
        layout.add_page(glyphs)
    source = layout.source(name)
    if len(source.text) > limits.text:
        raise UnreadableError("too large")
    if not layout.has_words:
        raise UnreadableError("scanned" if len(document) else "corrupt")
    return source


def _glyphs(page: Any, most: int) -> list[Glyph]:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)  # what is filled into a form becomes text
    text = page.get_textpage()
    count = text.count_chars()
    if count > most:
        raise UnreadableError("too large")
    bare = not any(
        entry.type in {pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING}
        for entry in page.get_objects(max_depth=3)
    )
    eye = _Eye(pdfium, text.raw, bare=bare)
    found = [glyph for number in range(count) if (glyph := eye.glyph(number))]
    text.close()
    return found


class _Eye:
    """Looks at one glyph after the other. Looks of a text object are asked for once."""

    def __init__(self, pdfium: Any, page: Any, *, bare: bool) -> None:  # noqa: ANN401
        self._pdfium = pdfium
        self._page = page
        self._bare = bare  # nothing is painted on the page that white letters could stand on
        self._seen: dict[int, bool] = {}
        self._box = pdfium.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def glyph(self, number: int) -> Glyph | None:
        letter = chr(self._pdfium.FPDFText_GetUnicode(self._page, number) or 32)
        if letter.isspace() or not letter.isprintable():
            return None
        self._pdfium.FPDFText_GetLooseCharBox(self._page, number, self._box)
        self._pdfium.FPDFText_GetCharOrigin(self._page, number, self._x, self._y)
        box = self._box
        turns = round(self._pdfium.FPDFText_GetCharAngle(self._page, number) / (math.pi / 2)) % 4
        left, right, base, height = _upright(turns, box, self._x.value, self._y.value)
        return Glyph(letter, left, right, base, height, turns, hidden=height < _TINY or not self._is_painted(number))

    def _is_painted(self, number: int) -> bool:
        handle = self._pdfium.FPDFText_GetTextObject(self._page, number)
        key = ctypes.cast(handle, ctypes.c_void_p).value or 0
        if key not in self._seen:
            red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
            self._pdfium.FPDFText_GetFillColor(self._page, number, red, green, blue, alpha)
            white = self._bare and min(red.value, green.value, blue.value) >= _WHITE
            mode = self._pdfium.FPDFTextObj_GetTextRenderMode(handle) if key else 0
            self._seen[key] = mode != _INVISIBLE_MODE and alpha.value > 0 and not white
        return self._seen[key]


def _upright(turns: int, box: Any, x: float, y: float) -> tuple[float, float, float, float]:  # noqa: ANN401
    """Left, right, baseline and height of a glyph, as if its line ran from left to right."""
    if turns == 1:
        return box.bottom, box.top, -x, box.right - box.left
    if turns == 2:  # noqa: PLR2004
        return -box.right, -box.left, -y, box.top - box.bottom
    if turns == 3:  # noqa: PLR2004
        return -box.top, -box.bottom, x, box.right - box.left
    return box.left, box.right, y, box.top - box.bottom
