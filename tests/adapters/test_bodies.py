"""Which words of a mail are its body, and what its attachments are called."""

from __future__ import annotations

import base64

import pytest

from processor.core.message import AttachmentState, SegmentKind
from tests.adapters.mails import INNER, body, mail, multipart, names, part, read

# --- bodies --------------------------------------------------------------------------------------


def test_the_page_is_read_and_the_text_left_aside() -> None:
    message = read(multipart("alternative", part(b"Pay G1"), part(b"<p>Pay <b>G1</b></p>", "text/html")))
    assert (names(message), body(message), message.other_body) == (["subject", "html"], "Pay G1", None)


def test_alternatives_that_differ_are_both_given() -> None:
    message = read(multipart("alternative", part(b"Pay G2"), part(b"<p>Pay <b>G1</b></p>", "text/html")))
    assert body(message) == "Pay G1"
    assert message.other_body is not None
    assert message.other_body.text == "Pay G2"


def test_a_hidden_word_makes_alternatives_differ() -> None:
    page = part(b"Pay <i style='display:none'>G2</i>", "text/html")
    assert read(multipart("alternative", part(b"Pay G2"), page)).other_body is not None


@pytest.mark.parametrize("page", [b"", b"<p>&nbsp;</p>", b"<p style='display:none'>x</p>", b"<img src='x'>"])
def test_a_page_without_words_gives_way_to_the_text(page: bytes) -> None:
    message = read(multipart("alternative", part(b"Pay G1"), part(page, "text/html")))
    assert (names(message)[1], body(message)) == ("text", "Pay G1")


def test_pieces_of_a_body_are_joined_in_order() -> None:
    message = read(
        multipart("mixed", part(b"one"), part(b"<p>two</p><table><tr><td>a<td>b</table>", "text/html"), part(b"three"))
    )
    assert body(message) == "one\n\ntwo\n\na\tb\n\nthree"
    (table,) = message.sources[1].tables
    assert [body(message)[cell.start : cell.end] for cell in table.rows[0]] == ["a", "b"]


def test_a_calendar_tells_its_method_and_a_part_described_twice_is_noted() -> None:
    reply = part(b"BEGIN:VCALENDAR", "text/calendar; method=REPLY")
    message = read(multipart("alternative", part(b"Accepted"), reply))
    assert message.content_types[-1] == "text/calendar; method=reply"
    assert message.defects == ()
    twice = part(b"UGF5", "text/plain", "Content-Type: text/html", "Content-Transfer-Encoding: base64")
    assert "described_twice" in read(multipart("mixed", twice)).defects


def test_logos_are_ignored_and_scans_are_not() -> None:
    logo = part(b"\x89PNG", "image/png", "Content-ID: <logo>", "Content-Disposition: inline; filename=logo.png")
    scan = part(b"\xff\xd8\xff", "image/jpeg", "Content-Disposition: attachment; filename=scan.jpg")
    message = read(multipart("related", part(b"<p>hi</p>", "text/html"), logo, scan))
    assert [one.state.value for one in message.attachments] == ["ignored", "ignored"]
    assert [one.why for one in read(multipart("mixed", part(b"hi"), scan)).attachments] == ["picture"]


# --- attachments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('Content-Disposition: attachment; filename="a b.csv"', "a b.csv"),
        ("Content-Disposition: attachment; filename=a.csv", "a.csv"),
        ("Content-Disposition: attachment; filename*=utf-8''Zahlung%20%E2%80%93%20x.csv", "Zahlung – x.csv"),
        ("Content-Disposition: attachment; filename*0=pay; filename*1=ment.csv", "payment.csv"),
        ("Content-Disposition: attachment; filename*0*=utf-8''f%C3%BC; filename*1*=r.csv", "für.csv"),
        ('Content-Disposition: attachment; filename="=?utf-8?q?f=C3=BCr.csv?="', "für.csv"),
        ('Content-Disposition: attachment; filename="f\xfcr.csv"', "für.csv"),
        ('Content-Disposition: attachment; filename="../../etc/pass;wd.csv"', "../../etc/pass;wd.csv"),
        ('Content-Disposition: attachment; filename="a\\"b.csv"', 'a"b.csv'),
        ("Content-Disposition: attachment", "part 1.2"),
    ],
)
def test_names_of_attachments(field: str, name: str) -> None:
    message = read(multipart("mixed", part(b"hi"), part(b"a;b;c\n1;2;3", "text/csv", field)))
    assert names(message) == ["subject", "text", f"attachment:{name}"]
    assert (message.attachments[0].name, message.attachments[0].part) == (name, "1.2")


@pytest.mark.parametrize(
    ("attached", "name"),
    [
        (part(INNER, "message/rfc822"), "Advice"),
        (part(INNER, "message/rfc822; name=old.eml"), "old.eml"),
        (
            part(base64.encodebytes(INNER), "message/rfc822; name=old.eml", "Content-Transfer-Encoding: base64"),
            "old.eml",
        ),
        (
            part(
                base64.encodebytes(INNER), "application/octet-stream; name=old.eml", "Content-Transfer-Encoding: base64"
            ),
            "old.eml",
        ),
    ],
    ids=range(4),
)
def test_an_attached_mail_is_forwarded_from_end_to_end(attached: bytes, name: str) -> None:
    message = read(multipart("mixed", part(b"see below"), attached))
    assert names(message) == ["subject", "text", f"attachment:{name}", f"attachment:{name}/x.csv"]
    one = message.sources[2]
    assert one.text == "Advice\n\nPay G1\n\nBest"
    assert (one.segments[0].kind, one.segments[0].start, one.segments[0].end) == (
        SegmentKind.FORWARDED,
        0,
        len(one.text),
    )
    assert {attachment.state for attachment in message.attachments} == {AttachmentState.READ}


def test_a_mail_that_is_one_attachment() -> None:
    raw = mail(b"G1;10\nG2;20", "text/csv; name=x.csv")
    assert names(read(raw)) == ["subject", "attachment:x.csv"]
