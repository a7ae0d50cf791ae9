"""Attachments told apart: what is read, what runs, what cannot be read, what does not matter."""

from __future__ import annotations

import io
import zipfile

import pytest

from processor.core.message import AttachmentState
from tests.adapters.attached import OCTETS, archive, cells, reading, saved, source, verdict, workbook


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


def test_an_archive_that_is_locked_says_so() -> None:
    locked = bytearray(archive(("a.csv", b"a;b")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + place] |= 1
    assert verdict("a.zip", bytes(locked)) == "unreadable encrypted"


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
