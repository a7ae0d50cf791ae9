"""Builders of attached files, and ways to look at what reading them gave."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from processor.adapters.attachments.file import Budget, File, Reading
from processor.adapters.attachments.reading import read_file
from processor.adapters.limits import ReadingLimits
from processor.core.message import SegmentKind, Source

OCTETS = "application/octet-stream"


def reading(name: str, data: bytes, content_type: str = OCTETS, **rest: bool) -> Reading:
    return read_file(
        File(name, content_type, data, "1.2", inline=rest.get("inline", False)), Budget(ReadingLimits(), 1_000_000)
    )


def source(name: str, data: bytes, content_type: str = OCTETS) -> Source:
    (only,) = reading(name, data, content_type).sources
    assert only.name == f"attachment:{name}"
    return only


def verdict(name: str, data: bytes, content_type: str = OCTETS, **rest: bool) -> str:
    first = reading(name, data, content_type, **rest).attachments[0]
    return f"{first.state} {first.why}".strip()


def cells(one: Source, table: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row] for row in one.tables[table].rows]


def hidden(one: Source) -> list[str]:
    return [
        one.text[segment.start : segment.end].strip() for segment in one.segments if segment.kind is SegmentKind.HIDDEN
    ]


def archive(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as file:
        for name, data in members:
            file.writestr(name, data)
    return out.getvalue()


def workbook(*sheets: tuple[str, list[list[object]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF whose pages are content streams with the fonts F1 (Helvetica) and F2 (Courier)."""
    numbers = range(3, 3 + 2 * len(pages), 2)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{' '.join(f'{n} 0 R' for n in numbers)}]/Count {len(pages)}>>".encode(),
    ]
    fonts = "<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>/F2<</Type/Font/Subtype/Type1/BaseFont/Courier>>>>"
    for number, page in zip(numbers, pages, strict=True):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {number + 1} 0 R"
            f"/Resources<</Font{fonts}>>>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(page), page.encode("latin-1")))
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
        len(out),
    )


def words(x: float, y: float, text: str, font: str = "F1", before: str = "") -> str:
    return f"BT {before} /{font} 10 Tf {x} {y} Td ({text}) Tj ET\n"
