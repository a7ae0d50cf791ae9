"""Attachments as offices send them, and as attackers do."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from processor.adapters.attachments.file import Budget, File, Reading
from processor.adapters.attachments.reading import read_file
from processor.adapters.attachments.tnef import unpacked
from processor.adapters.limits import ReadingLimits
from processor.core.message import AttachmentState, SegmentKind, Source

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


# --- delimited -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"Invoice,Amount\nG1,10.50\nG2,20\n",
        b"Invoice;Amount\r\nG1;10.50\r\nG2;20\r\n",
        b"Invoice\tAmount\rG1\t10.50\rG2\t20",
        b"Invoice|Amount\nG1|10.50\nG2|20",
        b"\xef\xbb\xbfInvoice;Amount\nG1;10.50\nG2;20",
        b"sep=;\r\nInvoice;Amount\r\nG1;10.50\r\nG2;20",
        b'"Invoice","Amount"\n"G1","10.50"\n"G2","20"',
        b'="Invoice";="Amount"\n="G1";"10.50"\n="G2";20',
        "Invoice;Amount\nG1;10.50\nG2;20".encode("utf-16"),
        "Invoice\tAmount\nG1\t10.50\nG2\t20".encode("utf-16-le"),
    ],
    ids=range(10),
)
def test_any_delimiter_and_any_encoding(data: bytes) -> None:
    one = source("a.csv", data)
    assert cells(one) == [["Invoice", "Amount"], ["G1", "10.50"], ["G2", "20"]]
    assert all(one.text[cell.start : cell.end] == cell.text for row in one.tables[0].rows for cell in row)


def test_decimal_commas_do_not_split() -> None:
    assert cells(source("a.csv", b"G1;1.234,56\nG2;7,00\n")) == [["G1", "1.234,56"], ["G2", "7,00"]]
    assert cells(source("a.csv", b'"G1","1,234.56"\n"G2","7.00"\n')) == [["G1", "1,234.56"], ["G2", "7.00"]]


def test_titles_above_and_totals_below_stay_in_the_grid() -> None:
    data = b"Remittance of Acme\n\nPayment;Invoice;Amount\n1400000001;G1;10\n;Total;10\n"
    assert cells(source("a.csv", data)) == [
        ["Remittance of Acme", "", ""],
        ["Payment", "Invoice", "Amount"],
        ["1400000001", "G1", "10"],
        ["", "Total", "10"],
    ]


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("cp1252", "Café"), ("cp1250", "Płatność za fakturę"), ("utf-8", "Płatność"), ("iso-8859-1", "übrig")],
)
def test_words_keep_their_letters(encoding: str, word: str) -> None:
    assert cells(source("a.csv", f"{word};10\nnumer;2".encode(encoding)))[0][0] == word


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.csv", "application/vnd.ms-excel"),
        ("a.xls", OCTETS),
        ("a", "text/csv"),
        ("a.TXT", "text/plain"),
        ("a.tsv", OCTETS),
    ],
)
def test_a_delimited_file_is_known_by_name_type_or_content(name: str, content_type: str) -> None:
    assert cells(source(name, b"p;i;a\n1;2;3\n4;5;6\n", content_type))[2] == ["4", "5", "6"]


def test_a_quoted_value_may_run_over_a_line_and_an_odd_quote_is_a_letter() -> None:
    assert cells(source("a.csv", b'G1;"two\nlines";10\nG2;x;5')) == [["G1", "two lines", "10"], ["G2", "x", "5"]]
    assert cells(source("a.csv", b'G1;19" rack;10\nG2;x;5')) == [["G1", '19" rack', "10"], ["G2", "x", "5"]]


# --- workbooks -----------------------------------------------------------------------------------


def test_a_workbook_gives_exact_numbers_iso_dates_and_marks_them() -> None:
    book = workbook(
        (
            "S",
            [
                ["Invoice", "Date", "Amount"],
                ["G1", date(2026, 10, 26), 17924.64],
                ["G2", None, 5050],
                ["G3", None, 0.1 + 0.2],
            ],
        )
    )
    one = source("a.xlsx", saved(book))
    assert cells(one) == [
        ["Invoice", "Date", "Amount"],
        ["G1", "2026-10-26", "17924.64"],
        ["G2", "", "5050"],
        ["G3", "", "0.3"],
    ]
    assert [cell.number for cell in one.tables[0].rows[1]] == [False, False, True]
    assert one.tables[0].exact
    assert all(one.text[cell.start : cell.end] == cell.text for row in one.tables[0].rows for cell in row)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1400000001, "0", "1400000001"),
        (42, "0000000000", "0000000042"),
        (12.5, '#,##0.00 "EUR"', "12.5 EUR"),
        (12.5, "[$€-2] #,##0.00", "12.5 €"),
        (0.21, "0%", "21%"),
        (1000 / 3, "#,##0.00", "333.33"),
        (1250.5, "#,##0", "1250.5"),
        (-3, "General", "-3"),
        (18177.780000000002, "General", "18177.78"),
        (12.5, '_-* #,##0.00\\ "zł"_-', "12.5 zł"),
    ],
)
def test_a_number_is_written_as_its_format_lets_a_reader_take_it(value: float, number_format: str, text: str) -> None:
    book = workbook(("S", [["x", value]]))
    book.worksheets[0]["B1"].number_format = number_format
    assert cells(source("a.xlsx", saved(book)))[0][1] == text


def test_what_a_workbook_hides_is_marked_and_in_no_visible_table() -> None:
    book = workbook(("Open", [["G1", 10, "x"], ["G2", 20, "y"], ["G3", 30, "z"]]), ("Gone", [["G9", 90]]))
    sheet = book["Open"]
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["A3"].font = Font(color="FFFFFFFF")
    book["Gone"].sheet_state = "hidden"
    one = source("a.xlsx", saved(book))
    assert cells(one) == [["G1", "10"], ["", "30"]]
    assert {"G2", "20", "x", "z", "G3"} < set(hidden(one))
    assert (cells(one, 1), one.tables[1].hidden) == ([["G9", "90"]], True)
    assert "G9" in hidden(one)[-1]


def test_merged_cells_are_repeated() -> None:
    book = workbook(("S", [["1400000001", "G1", 10], [None, "G2", 20]]))
    book.worksheets[0].merge_cells("A1:A2")
    one = source("a.xlsx", saved(book))
    assert cells(one) == [["1400000001", "G1", "10"], ["1400000001", "G2", "20"]]
    assert one.tables[0].rows[0][0] == one.tables[0].rows[1][0]


def test_a_formula_that_nobody_calculated_is_never_an_empty_cell() -> None:
    book = workbook(("S", [["G1", 10.5], ["G2", 20], ["Total", "=SUM(B1:B2)"], ["Rest", "=B1-B2"]]))
    one = source("a.xlsx", saved(book))
    assert cells(one)[2:] == [["Total", "30.5"], ["Rest", "=B1-B2"]]


def test_several_sheets_are_named() -> None:
    one = source("a.xlsx", saved(workbook(("Pay", [["G1", 10]]), ("Notes", [["ours", "only"]]))))
    assert one.text == "Pay\n\nG1\t10\n\nNotes\n\nours\tonly\n"


def test_an_old_workbook_hides_the_same() -> None:
    one = source("old.xls", (Path(__file__).parent / "files" / "hidden.xls").read_bytes())
    assert cells(one) == [
        ["Betaling", "Factuur", "Datum", "Bedrag"],
        ["1400000001", "G012040490", "2026-10-26", "17924.64"],
        ["0001400000001", "G012040492", "2026-10-27", "1250"],
    ]
    assert {"G012040491", "G099999999"} < set(hidden(one))
    assert [table.hidden for table in one.tables] == [False, True]


def test_an_open_document_sheet() -> None:
    names = 'xmlns:table="t" xmlns:office="o" xmlns:text="x" xmlns:style="s"'
    row = (
        '<table:table-row {0}><table:table-cell office:value-type="string"><text:p>{1}</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="{2}"><text:p>shown</text:p></table:table-cell>'
        "</table:table-row>"
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='A'>"
        + row.format("", "G1", "17924.64")
        + row.format('table:visibility="collapse"', "G2", "5")
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    one = source(
        "a.ods",
        archive(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.encode())),
    )
    assert cells(one) == [["G1", "17924.64"]]
    assert hidden(one) == ["G2", "5"]


def test_a_word_document_with_a_table_and_hidden_words() -> None:
    content = (
        '<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Pay G0</w:t></w:r><w:r><w:t>12</w:t></w:r></w:p><w:tbl><w:tr>'
        "<w:tc><w:p><w:r><w:t>G1</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>10</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r></w:p>"
        "</w:body></w:document>"
    )
    one = source("a.docx", archive(("word/document.xml", content.encode())))
    assert one.text == "Pay G012\nG1\t10\nunseen"
    assert (cells(one), hidden(one)) == ([["G1", "10"]], ["unseen"])


# --- PDF -----------------------------------------------------------------------------------------


def test_a_pdf_table_is_rebuilt_from_where_its_letters_stand() -> None:
    rows = [("Invoice", "Date", "Amount"), ("G012040490", "26/10/2026", "1,250.00"), ("G012040491", "", "99.50")]
    page = words(50, 700, "Payment 1400000001 received") + "".join(
        words(x, 650 - 15 * line, text)
        for line, row in enumerate(rows)
        for x, text in zip((50, 200, 330), row, strict=True)
        if text
    )
    one = source("a.pdf", pdf(page))
    assert one.text.startswith(
        "Payment 1400000001 received\n\nInvoice\tDate\tAmount\nG012040490\t26/10/2026\t1,250.00\n"
    )
    assert cells(one) == [list(row) for row in rows]
    assert all(one.text[cell.start : cell.end] == cell.text for row in one.tables[0].rows for cell in row)


def test_columns_of_a_typewriter_are_columns() -> None:
    lines = ["Invoice      Amount", "G012040490   10.00", "-----------------", "Total        10.00"]
    page = "".join(words(50, 700 - 12 * number, line, "F2") for number, line in enumerate(lines))
    assert cells(source("a.pdf", pdf(page))) == [["Invoice", "Amount"], ["G012040490", "10.00"], ["Total", "10.00"]]


def test_letters_that_a_pdf_does_not_show_are_hidden() -> None:
    page = words(50, 700, "Pay G1") + words(50, 680, "G2", before="3 Tr") + words(50, 660, "G3", before="0 Tr 1 1 1 rg")
    page += "0 0 1 rg 50 600 200 40 re f\n" + words(60, 610, "G4", before="1 1 1 rg")
    one = source("a.pdf", pdf(page))
    assert set(" ".join(hidden(one)).split()) == {"G2", "G3"}
    assert "G4" in one.text


def test_a_turned_page_reads_as_it_is_printed() -> None:
    page = "BT /F1 10 Tf 0 1 -1 0 300 100 Tm (Pay G1) Tj ET\nBT /F1 10 Tf 0 1 -1 0 320 100 Tm (now) Tj ET\n"
    assert source("a.pdf", pdf(page)).text == "Pay G1\nnow\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pdf("0 0 10 10 re f"), "scanned"),
        (pdf(words(50, 700, "G1", before="3 Tr")), "scanned"),
        (b"%PDF-1.4 no more", "corrupt"),
    ],
)
def test_a_pdf_without_words_is_unreadable(data: bytes, why: str) -> None:
    assert verdict("a.pdf", data) == f"unreadable {why}"


# --- what runs, what can't be read, what doesn't matter ------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.exe", b"x"),
        ("advice.pdf.exe", b"x"),
        ("a.JS", b"x"),
        ("a.vbs ", b"x"),
        ("a.lnk.", b"x"),
        ("a.hta", b"x"),
        ("a.iso", b"x"),
        ("a.scr\u200b", b"x"),
        ("x.docm", b"x"),
        ("x.xlsm", b"x"),
        ("a.pdf", b"MZ\x90\0\3"),
        ("a.csv", b"\x7fELF\2\1"),
        ("run", b"#!/bin/sh\n"),
        ("a.exe.rar", b"Rar!\x1a\7\0"),
        ("a.rar", b"Rar!\x1a\7\0....invoice.exe\0..."),
        ("a.zip", archive(("doc/setup.exe", b"x"))),
        ("a.docx", archive(("word/document.xml", b"<x/>"), ("word/vbaProject.bin", b"x"))),
        ("a.xlsx", archive(("xl/workbook.xml", b"<x/>"), ("xl/macrosheets/sheet1.xml", b"x"))),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT_CUR".encode("utf-16-le")),
        ("a.zip", archive(("readme.txt", b"MZ\x90\0\3"))),
    ],
    ids=range(20),
)
def test_what_runs_is_known(name: str, data: bytes) -> None:
    assert AttachmentState.EXECUTABLE in {one.state for one in reading(name, data).attachments}


@pytest.mark.parametrize("name", ["a.com.pdf", "exe.csv", "report.v2.csv", "exe"])
def test_a_harmless_name_is_no_program(name: str) -> None:
    assert "executable" not in verdict(name, b"a;b;c\n1;2;3\n")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.xlsx", b"PK\x03\x04 cut short", "corrupt"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "corrupt"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c....", "archive"),
        ("a.png", b"\x89PNG\r\n", "picture"),
        ("a.heic", b"\0\0\0\x18ftypheic", "picture"),
        ("a.bin", b"\0\1\2\3" * 9, "unknown kind"),
        ("a.csv", b"", "empty"),
        ("a.csv", b" ; ; \n ; ; ", "without text"),
        ("a.asc", b"-----BEGIN PGP MESSAGE-----\n", "encrypted"),
    ],
    ids=range(9),
)
def test_what_cannot_be_read_says_why(name: str, data: bytes, why: str) -> None:
    assert verdict(name, data) == f"unreadable {why}"


@pytest.mark.parametrize(
    ("name", "content_type", "data"),
    [
        ("a.ics", "text/calendar", b"BEGIN:VCALENDAR"),
        ("a.vcf", OCTETS, b"x"),
        ("smime.p7s", OCTETS, b"x"),
        ("signature.asc", "application/pgp-signature", b"x"),
    ],
)
def test_ornaments_are_ignored(name: str, content_type: str, data: bytes) -> None:
    assert verdict(name, data, content_type) == "ignored"


def test_a_picture_in_the_text_is_an_ornament_and_an_attached_one_is_not() -> None:
    assert verdict("logo.png", b"\x89PNG", "image/png", inline=True) == "ignored"
    assert verdict("scan.png", b"\x89PNG", "image/png") == "unreadable picture"


# --- archives ------------------------------------------------------------------------------------


def test_an_archive_is_read_one_level_deep() -> None:
    inner = archive(("c.csv", b"a;b\n1;2"))
    found = reading("all.zip", archive(("x/pay.csv", b"G1;10\nG2;20"), ("inner.zip", inner), ("__MACOSX/._x", b"x")))
    assert [(one.name, one.state.value) for one in found.attachments] == [
        ("all.zip", "read"),
        ("all.zip/x/pay.csv", "read"),
        ("all.zip/inner.zip", "unreadable"),
    ]
    assert [one.name for one in found.sources] == ["attachment:all.zip/x/pay.csv"]


def lying(data: bytes, size: int) -> bytes:
    """Change the declared unpacked size of the only member, in both headers."""
    real = zipfile.ZipFile(io.BytesIO(data)).infolist()[0].file_size.to_bytes(4, "little")
    return data.replace(real, size.to_bytes(4, "little"))


@pytest.mark.parametrize(
    "data",
    [
        archive(("a.csv", b"0" * 60_000_000)),
        archive(("a.csv", b"0" * 20_000_000)),
        lying(archive(("a.csv", b"0" * 60_000_000)), 99),
        archive(*((f"{number}.csv", b"x") for number in range(1_100))),
        archive(("a.csv", b"a;b"), packing=zipfile.ZIP_BZIP2),
        archive(("xl/workbook.xml", b" " * 60_000_000)),
        archive(("xl/workbook.xml", b"<x/>"), ("xl/a.xml", b"<a/>" * 14_000_000)),
    ],
    ids=range(7),
)
@pytest.mark.timeout(20)
def test_bombs_are_refused_before_they_are_unpacked(data: bytes) -> None:
    assert verdict("a.zip", data).startswith("unreadable")


def test_a_cell_in_the_far_corner_costs_nothing() -> None:
    book = workbook(("S", [["G1", 10]]))
    book.worksheets[0]["XFD1048576"] = "end"
    assert cells(source("a.xlsx", saved(book)))[0] == ["G1", "10", ""]


def test_entities_of_xml_are_not_resolved() -> None:
    content = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<w:document xmlns:w="w"><w:p><w:t>G1 &b; &f;</w:t></w:p></w:document>'
    )
    found = reading("a.docx", archive(("word/document.xml", content.encode())))
    assert all("aaaa" not in one.text and "root" not in one.text for one in found.sources)


# --- Outlook -------------------------------------------------------------------------------------


def test_rich_text_reads_as_lines_with_its_letters() -> None:
    data = rb"{\rtf1\ansi\ansicpg1250{\fonttbl{\f0 Arial;}}Faktura G1\par Kwota: 10,00 z\'b3 \u8364?\par {\v G9}end}"
    assert source("a.rtf", data).text == "Faktura G1\nKwota: 10,00 zł €\nend"


def test_a_page_wrapped_in_rich_text_is_unwrapped() -> None:
    data = (
        rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf\b\htmlrtf0 Pay G1{\*\htmltag72 </p>}"
        rb"{\*\htmltag64 <table><tr><td>}G2{\*\htmltag64 <td>}10{\*\htmltag64 </table>}}"
    )
    one = source("a.rtf", data)
    assert one.text == "Pay G1\n\nG2\t10"
    assert cells(one) == [["G2", "10"]]


def test_packed_rich_text_is_unpacked() -> None:
    """The example of [MS-OXRTFCP] section 3.1.1."""
    packed = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    assert unpacked(bytes.fromhex(packed)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def tnef(*objects: tuple[int, int, bytes]) -> bytes:
    out = b"\x78\x9f\x3e\x22\x01\x00"
    for level, name, data in objects:
        out += bytes([level]) + name.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data
        out += (sum(data) % 65536).to_bytes(2, "little")
    return out


def test_the_files_inside_winmail_follow_under_its_name() -> None:
    data = tnef((2, 0x00069002, bytes(14)), (2, 0x00018010, b"pay.csv\0"), (2, 0x0006800F, b"G1;10;x\nG2;20;y"))
    found = reading("winmail.dat", data, "application/ms-tnef")
    assert [one.name for one in found.sources] == ["attachment:winmail.dat/pay.csv"]
    assert cells(found.sources[0])[1] == ["G2", "20", "y"]


@pytest.mark.parametrize(
    "kind",
    [
        b"%PDF-1.4 ",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x78\x9f\x3e\x22",
        b"{\\rtf1",
        b"<html>",
        b"a;b\n",
    ],
)
def test_junk_behind_a_known_beginning_never_raises(kind: bytes) -> None:
    junk = bytes((number * 7919 + number // 3) % 256 for number in range(5_000))
    for name in ("a.xlsx", "a.pdf", "a.csv", "a.eml", "winmail.dat"):
        assert reading(name, kind + junk).attachments
