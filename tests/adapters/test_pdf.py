"""PDF text as it is printed: lines, columns, and letters that nobody sees."""

from __future__ import annotations

import pytest

from tests.adapters.attached import cells, hidden, pdf, source, verdict, words


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
