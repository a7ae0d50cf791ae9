"""HTML bodies as mail programs write them, down to the last offset."""

from __future__ import annotations

import pytest

from processor.adapters.html import HtmlText, read_html
from processor.core.message import SegmentKind


def cells(page: HtmlText, table: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row] for row in page.tables[table].rows]


def marked(page: HtmlText, kind: SegmentKind) -> list[str]:
    return [page.text[one.start : one.end] for one in page.segments if one.kind is kind]


def seen(html: str) -> str:
    """The text without what is hidden."""
    page = read_html(html)
    text = page.text
    for one in reversed([one for one in page.segments if one.kind is SegmentKind.HIDDEN]):
        text = text[: one.start] + text[one.end :]
    return text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>1.234</b>,<span>56</span>", "1.234,56"),
        ("G0710&shy;43790", "G0710\u00ad43790"),
        ("G012<!-- x -->040490", "G012040490"),
        ("one<br>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p class=MsoNormal>one</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>two</p>", "one\n\ntwo"),
        ("  much \n\t white   space ", "much white space"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("<ul><li>one<li>two</ul><ol start=3><li>three</ol>", "• one\n• two\n3. three"),
        ("<style>p{color:red}</style><title>no</title><script>no()</script>yes", "yes"),
        ("a<![if !supportLists]>1.<![endif]><!--[if mso]>no<![endif]-->b", "a1.b"),
        ("x<hr>y", "x\n________________________________\ny"),
        ("<p>unclosed<td>cell<b>bold", "unclosed\n\ncellbold"),
        ("", ""),
        ("<!-- only this -->", ""),
    ],
)
def test_lines_are_what_a_reader_sees(html: str, text: str) -> None:
    assert read_html(html).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://p.example/G1">pay</a>!', "pay <https://p.example/G1>!"),
        ('<a href="https://www.p.example/">p.example</a>', "p.example"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<a href="https://p.example/x"><img src="logo.png"></a>', ""),
        ('<a href="javascript:alert(1)">go</a>', "go"),
    ],
)
def test_the_address_of_a_link_stands_behind_its_words(html: str, text: str) -> None:
    assert read_html(html).text == text


def test_a_data_table_keeps_rows_and_offsets() -> None:
    page = read_html(
        "<p>Hello</p><table><tr><th>Invoice<th>Amount</tr>"
        "<tr><td>G0710&shy;43790<td align=right><b>1.235</b>,94</tr></table>Bye"
    )
    assert page.text == "Hello\n\nInvoice\tAmount\nG0710\u00ad43790\t1.235,94\n\nBye"
    assert cells(page) == [["Invoice", "Amount"], ["G0710\u00ad43790", "1.235,94"]]
    assert all(page.text[cell.start : cell.end] == cell.text for row in page.tables[0].rows for cell in row)


def test_merged_cells_are_repeated_with_the_same_place() -> None:
    page = read_html(
        "<table><tr><td rowspan=2>1490528355<td>G023989236<td>14</tr><tr><td>D020077XQD<td>2</tr>"
        "<tr><td colspan=2>Total<td>16</tr></table>"
    )
    assert cells(page) == [
        ["1490528355", "G023989236", "14"],
        ["1490528355", "D020077XQD", "2"],
        ["Total", "Total", "16"],
    ]
    first, second, total = page.tables[0].rows
    assert first[0] == second[0]
    assert total[0] == total[1]
    assert page.text == "1490528355\tG023989236\t14\nD020077XQD\t2\nTotal\t16"


def test_a_layout_table_is_lines_and_the_table_inside_it_is_found() -> None:
    page = read_html(
        "<table><tr><td><p>Dear all,</p></td><td>&nbsp;</td></tr>"
        "<tr><td><table><tr><td>G1<td>10</tr><tr><td>G2<td>20</tr></table>"
        "</td><td></td></tr><tr><td>Regards</td></tr></table>"
    )
    assert page.text == "Dear all,\n\nG1\t10\nG2\t20\n\nRegards"
    assert [cells(page, number) for number in range(len(page.tables))] == [[["G1", "10"], ["G2", "20"]]]


def test_a_table_of_one_cell_inside_a_cell_is_that_cells_text() -> None:
    page = read_html("<table><tr><td>10<td><table><tr><td>G016149755</td></tr></table><td>12.850,00</tr></table>")
    assert cells(page) == [["10", "G016149755", "12.850,00"]]


def test_an_empty_cell_at_the_end_stands_inside_the_text() -> None:
    page = read_html("<table><tr><td>G1<td>10</tr><tr><td>G2<td></tr></table>")
    assert all(cell.end <= len(page.text) for row in page.tables[0].rows for cell in row)


def test_a_break_inside_a_cell_does_not_break_the_row() -> None:
    page = read_html("<table><tr><td>G1<br>June<td><p>10</p></tr><tr><td>G2<td></tr></table>")
    assert cells(page) == [["G1 June", "10"], ["G2", ""]]
    assert page.text == "G1 June\t10\nG2"


@pytest.mark.parametrize(
    "style",
    [
        'style="display:none"',
        'style="display : NONE !important"',
        'style="visibility:hidden"',
        "hidden",
        'style="font-size:0"',
        'style="font-size:0px"',
        'style="font:0/0 a"',
        'style="color:#fff"',
        'style="color:#FFFFFF;background:white"',
        'style="color:rgb(255, 255, 254)"',
        'style="mso-hide:all"',
        'style="opacity:0"',
        'style="color:transparent"',
        'style="max-height:0;overflow:hidden"',
        'style="position:absolute;left:-9999px"',
        'style="text-indent:-999em9;text-indent:-9999px"',
        'class="ghost"',
        'id="ghost"',
        'style="font-size:1px"',
    ],
)
def test_what_nobody_can_see_is_marked_and_not_lost(style: str) -> None:
    page = read_html(f"<style>.ghost, #ghost {{ display: none }}</style>Pay G1<span {style}>99 G2</span> now")
    assert marked(page, SegmentKind.HIDDEN) == ["99 G2"]
    assert page.text == "Pay G199 G2 now"


@pytest.mark.parametrize(
    "html",
    [
        '<body bgcolor="#000000"><font color="#ffffff">words</font>',
        '<table bgcolor="navy"><tr><td style="color:white">words<td>more</table>',
        '<div style="background:url(x.png)"><span style="color:#fff">words</span></div>',
        '<style>@media screen { .m { display:none } }</style><span class="m">words</span>',
        '<span style="font-size:9pt;color:#333">words</span>',
        '<style>.t b.h { background: navy }</style><p class=t><b class=h style="color:#fff">words</b>',
        '<div style="font-size:0"><span style="font-size:14px">words</span></div>',
    ],
)
def test_what_can_be_seen_is_not_hidden(html: str) -> None:
    assert "words" in seen(html)


def test_hidden_rows_are_in_the_text_and_not_in_the_table() -> None:
    page = read_html(
        "<table><tr><td>G1<td>10</tr><tr style='display:none'><td>G2<td>20</tr><tr><td>G3<td>30</tr></table>"
    )
    assert cells(page) == [["G1", "10"], ["G3", "30"]]
    assert "G2" in "".join(marked(page, SegmentKind.HIDDEN))


def test_hidden_words_leave_the_visible_ones_whole() -> None:
    hidden = "<span style='display:none'>99</span>"
    assert seen(f"{hidden}<p>G012{hidden}040490</p>{hidden}<p>one {hidden} two</p>").split() == [
        "G012040490",
        "one",
        "two",
    ]
    page = read_html(f"<table><tr><td>{hidden}G1<td>{hidden}10{hidden}<td>x</tr></table>")
    assert cells(page) == [["G1", "10", "x"]]
    first, second, _ = page.tables[0].rows[0]
    assert (page.text[first.start : first.end], page.text[second.start : second.end]) == ("99G1", "991099")


def test_a_table_that_nobody_can_see_is_no_table() -> None:
    page = read_html("<table><tr><td><i hidden>G1</i><td><i hidden>10</i></tr></table>")
    assert (page.tables, seen("<table><tr><td><i hidden>G1</i><td>&nbsp;</table>").strip()) == ((), "")


def test_struck_out_words_are_taken_back() -> None:
    assert seen("Pay <s>G1</s> <del>G2</del> G3").split() == ["Pay", "G3"]


@pytest.mark.parametrize(
    ("html", "quoted"),
    [
        ('New<blockquote type="cite">old</blockquote>', ["old"]),
        (
            'New<div class="gmail_quote"><div class="gmail_attr">On Monday X wrote:</div>old</div>',
            ["On Monday X wrote:\nold"],
        ),
        ('New<hr><div id="divRplyFwdMsg"><b>From:</b> X</div><div>old</div>', ["From: X\nold"]),
        ('New<div id="appendonsend"></div><div>old</div>', ["old"]),
        ('New<div class="moz-cite-prefix">X wrote:</div>', ["X wrote:"]),
        ('New<div class="yahoo_quoted">old</div>', ["old"]),
        (
            (
                'New<div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Van:</b> X<br>'
                "<b>Verzonden:</b> Y<br><b>Aan:</b> Z</p></div></div><p>old</p>"
            ),
            ["Van: X\nVerzonden: Y\nAan: Z\n\nold"],
        ),
        ('New<div style="border-top:solid red 1pt">Total: 10</div>end', []),
        ("New<blockquote>indented</blockquote>", []),
    ],
)
def test_quotes_are_known_by_their_wrappers(html: str, quoted: list[str]) -> None:
    assert marked(read_html(html), SegmentKind.QUOTED) == quoted


def test_a_forward_in_gmails_wrapper_is_a_forward() -> None:
    page = read_html('FYI<div class="gmail_quote">---------- Forwarded message ---------<br>From: X<br>pay G1</div>')
    assert marked(page, SegmentKind.FORWARDED) == ["---------- Forwarded message ---------\nFrom: X\npay G1"]
    assert not marked(page, SegmentKind.QUOTED)


def test_signatures_are_known_by_their_wrappers() -> None:
    page = read_html('Pay G1<div class="gmail_signature">Anna, tel. 1400000001</div>')
    assert marked(page, SegmentKind.SIGNATURE) == ["Anna, tel. 1400000001"]


@pytest.mark.parametrize(
    "html",
    [
        "<a " * 90_000,
        "<p " + " ".join(f"a{number}=1" for number in range(30_000)) + ">x",
        "<p " + " ".join(f'a{number}=x" c{number}=">"' for number in range(9_000)) + ">x",
        "<div>" * 60_000 + "deep",
        "<table><tr><td>" * 20_000 + "x",
        "<b x><i x>" * 20_000,
        "<!--" * 60_000,
        "<style" * 40_000,
        "&" * 250_000,
        "<table><tr><td colspan=99999 rowspan=99999>x<td>y" + "<tr><td>1<td>2" * 2_000 + "</table>",
        "<span style='" + "a:b;" * 3_000 + "'>x</span>",
        "<style>" + ".a{" * 60_000 + "</style>x",
        "<style>" + "/*" * 60_000 + "</style>x",
        "<li>" * 50_000,
        "<td>" * 50_000,
        "<a href='https://x.example'>" * 20_000 + "x",
        "<blockquote type=cite>" * 20_000 + "x",
    ],
    ids=range(17),
)
@pytest.mark.timeout(5)
def test_no_page_holds_us_up(html: str) -> None:
    page = read_html(html)
    assert not page.readable or len(page.text) < 2_000_000


def test_a_page_that_the_parser_would_cut_short_is_refused() -> None:
    assert not read_html("<div>" * 3_000 + "G1").readable
