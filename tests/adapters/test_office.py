"""Workbooks, documents and what Outlook wraps: exact values, and nothing that a viewer hides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl.styles import Font

from processor.adapters.attachments.file import Budget, File
from processor.adapters.attachments.reading import read_file
from processor.adapters.attachments.tnef import unpacked
from processor.adapters.limits import ReadingLimits
from processor.core.message import AttachmentState
from tests.adapters.attached import OCTETS, archive, cells, hidden, reading, saved, source, workbook

PACKED = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"


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
    assert unpacked(bytes.fromhex(PACKED)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def tnef(*objects: tuple[int, int, bytes]) -> bytes:
    out = b"\x78\x9f\x3e\x22\x01\x00"
    for level, name, data in objects:
        out += bytes([level]) + name.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data
        out += (sum(data) % 65536).to_bytes(2, "little")
    return out


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """MAPI properties, each of a type, an identifier and one value of its own length."""
    out = len(values).to_bytes(4, "little")
    for kind, key, value in values:
        out += kind.to_bytes(2, "little") + key.to_bytes(2, "little")
        out += (1).to_bytes(4, "little") + len(value).to_bytes(4, "little") if kind in {0x1E, 0x1F, 0x102} else b""
        out += value + bytes(-len(value) % 4)
    return out


def test_the_files_inside_winmail_follow_under_its_name() -> None:
    data = tnef((2, 0x00069002, bytes(14)), (2, 0x00018010, b"pay.csv\0"), (2, 0x0006800F, b"G1;10;x\nG2;20;y"))
    found = reading("winmail.dat", data, "application/ms-tnef")
    assert [one.name for one in found.sources] == ["attachment:winmail.dat/pay.csv"]
    assert cells(found.sources[0])[1] == ["G2", "20", "y"]


def test_properties_give_winmails_file_its_long_name() -> None:
    named = properties(
        (3, 0x0E21, b"\1\0\0\0"),
        (0x1F, 0x3707, "Überweisung.csv\0".encode("utf-16-le")),
        (0x102, 0x3701, b"G1;10;x\nG2;20;y"),
    )
    found = reading("winmail.dat", tnef((2, 0x00069002, bytes(14)), (2, 0x00069005, named)))
    assert [one.name for one in found.sources] == ["attachment:winmail.dat/Überweisung.csv"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (properties((0x102, 0x1013, b"<p>Pay <b>G1</b></p>")), "Pay G1"),
        (properties((0x1F, 0x1000, "Pay G1 für\r\n\0".encode("utf-16-le"))), "Pay G1 für"),
        (properties((0x102, 0x1009, bytes.fromhex(PACKED))), "hello world"),
    ],
    ids=range(3),
)
def test_the_body_of_winmail_counts_where_the_mail_has_no_other(body: bytes, text: str) -> None:
    file = File("winmail.dat", OCTETS, tnef((1, 0x00069003, body)), "1")
    alone = read_file(file, Budget(ReadingLimits(), 1_000_000, has_body=False))
    beside = read_file(file, Budget(ReadingLimits(), 1_000_000))
    assert ([one.text for one in alone.sources], beside.sources) == ([text], ())


def test_winmail_that_promises_millions_of_values_is_read_at_once() -> None:
    endless = (0xFFFFFF).to_bytes(4, "little") + b"\x02\x10\x00\x10" + b"\xff\xff\xff\x7f" + bytes(40)
    assert reading("winmail.dat", tnef((1, 0x00069003, endless))).attachments[0].state is AttachmentState.READ


def test_an_open_document_text() -> None:
    content = (
        '<d xmlns:text="x" xmlns:table="t"><text:p>Pay G<text:span>1</text:span>23</text:p>'
        "<table:table><table:table-row>"
        "<table:table-cell><text:p>G1</text:p></table:table-cell><table:table-cell><text:p>10</text:p></table:table-cell>"
        "</table:table-row></table:table></d>"
    )
    one = source(
        "a.odt", archive(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.encode()))
    )
    assert (one.text, cells(one)) == ("Pay G123\nG1\t10", [["G1", "10"]])


@pytest.mark.parametrize("name", ["a.xls", "a.htm"])
def test_a_saved_page_is_read_even_if_it_calls_itself_a_workbook(name: str) -> None:
    assert cells(source(name, b"<html><body><table><tr><td>G1<td>10</table>")) == [["G1", "10"]]


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
