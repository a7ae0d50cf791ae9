"""Twenty-two mails that ask for far more than they weigh: packed, nested, repeated, tangled."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Callable

HEAD = b"From: a@stranger.example\r\nSubject: bomb\r\nMIME-Version: 1.0\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
_XML = b'<?xml version="1.0" encoding="UTF-8"?>'
_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def attached(name: str, content: bytes) -> bytes:
    """A mail with one file."""
    packed = base64.encodebytes(content)
    return (
        MIXED
        + b"--b\r\n\r\nPlease see the file.\r\n--b\r\nContent-Type: application/octet-stream\r\n"
        + f'Content-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'.encode()
        + packed
        + b"\r\n--b--\r\n"
    )


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A ZIP archive, packed as small as it gets."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


def workbook(sheet: bytes, *more: tuple[str, bytes]) -> bytes:
    """An XLSX file around one sheet's rows."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped(
        (
            "[Content_Types].xml",
            _XML + b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            + f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'.encode()
            + f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}worksheet+xml"/></Types>'.encode(),
        ),
        (
            "_rels/.rels",
            _XML
            + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            + f'<Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/>'.encode()
            + b"</Relationships>",
        ),
        (
            "xl/workbook.xml",
            _XML
            + b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            + f'xmlns:r="{relation}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            _XML
            + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            + f'<Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/>'.encode()
            + b"</Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", _XML + _SHEET + sheet + b"</sheetData></worksheet>"),
        *more,
    )


def nested(levels: int) -> bytes:
    """Multiparts within multiparts."""
    lines = (b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (one, one) for one in range(levels))
    return HEAD + b"".join(lines) + b"\r\nhello"


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    out, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + tail


def _stream(content: bytes, filters: int = 1) -> bytes:
    for _ in range(filters):
        content = zlib.compress(content, 9)
    names = b"/FlateDecode" * filters
    return b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), names, content)


def _page(content: bytes, more: bytes = b"") -> bytes:
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%s>>>>" % more,
        content,
        font,
    )


def _pages(count: int) -> bytes:
    kids = b" ".join([b"3 0 R"] * count)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )


def _forms() -> bytes:
    """Ten forms, each of which draws the next one ten times: ten thousand million drawings."""
    many = b"/F Do " * 10
    forms = [
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        + b"/Length %d>>stream\n%s\nendstream" % (len(many), many)
        for number in range(4, 14)
    ]
    last = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream"
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</F 4 0 R>>>>/Contents 15 0 R>>",
        *forms[:-1],
        last,
        last,
        b"<</Length 5>>stream\n/F Do\nendstream",
    )


def _rows(count: int, width: int) -> bytes:
    row = b"<row>" + b"<c><v>1</v></c>" * width + b"</row>"
    return row * count


def _entities() -> bytes:
    names = "".join(f'<!ENTITY e{one} "{f"&e{one - 1};" * 10}">' for one in range(1, 10))
    page = f'<!DOCTYPE x [<!ENTITY e0 "lollollol">{names}]><w:document xmlns:w="w"><w:t>&e9;</w:t></w:document>'
    return zipped(("word/document.xml", page.encode()))


BOMBS: dict[str, Callable[[], bytes]] = {
    # packed files (T25)
    "a file of zeros": lambda: attached("a.zip", zipped(("a.csv", bytes(200_000_000)))),
    "a workbook of a million cells": lambda: attached("a.xlsx", workbook(_rows(20_000, 50))),
    "a workbook of one endless row": lambda: attached("a.xlsx", workbook(_rows(1, 1_500_000))),
    "many small files": lambda: attached("a.zip", zipped(*((f"{one}.csv", b"G1;1\n") for one in range(5_000)))),
    "an archive in archives": lambda: attached("a.zip", zipped(*[("a.zip", zipped(("a.csv", bytes(40_000_000))))])),
    "entities in entities": lambda: attached("a.docx", _entities()),
    # documents that unpack or repeat (T26)
    "a page that unpacks to a hundred megabytes": lambda: attached("a.pdf", _page(_stream(b"q Q " * 25_000_000))),
    "a page packed three times": lambda: attached("a.pdf", _page(_stream(b" " * 300_000_000, 3))),
    "a page of a million words": lambda: attached(
        "a.pdf", _page(_stream(b"BT /F1 9 Tf " + b"1 0 0 1 9 9 Tm (G1) Tj " * 1_000_000 + b"ET"))
    ),
    "a hundred thousand pages": lambda: attached("a.pdf", _pages(100_000)),
    "forms in forms": lambda: attached("a.pdf", _forms()),
    # nesting without end (T27)
    "depth 200": lambda: nested(200),
    "depth 2,000": lambda: nested(2_000),
    "mails in mails": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
    # what there is too much of (T28)
    "a hundred thousand parts": lambda: MIXED + b"--b\r\n\r\nx\r\n" * 100_000,
    "a million fields": lambda: b"A: b\r\n" * 1_000_000 + b"\r\nx",
    "a field of a megabyte": lambda: HEAD + b"X: " + b"a" * 1_000_000 + b"\r\n\r\nx",
    "ten million lines": lambda: HEAD + b"\r\n" * 10_000_000,
    # fields that parsers tangle in (T29)
    "a hundred thousand addresses": lambda: HEAD + b"To: " + b"a@b.example, " * 100_000 + b"\r\n\r\nx",
    "twenty thousand parameters": lambda: HEAD + b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\r\n\r\nx",
    "brackets in brackets": lambda: HEAD + b"Cc: " + b"(" * 280_000 + b"\r\n\r\nx",
    "pieces of a boundary": lambda: (
        HEAD
        + b"Content-Type: multipart/mixed"
        + b"".join(b"; boundary*%d=b" % one for one in range(5_000))
        + b"\r\n\r\n"
        + b"--b\r\n\r\nx\r\n" * 30_000
    ),
}
