"""Whole mails to messages: charsets, broken outlines, reports, junk. The mail is the test."""

from __future__ import annotations

import base64

import pytest

from processor.adapters.message_json import dumps, loads
from tests.adapters.mails import HEAD, INNER, body, mail, multipart, names, part, read

# --- letters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("utf-8", "utf-8", "Zażółć 請求書 €"),
        ("us-ascii", "utf-8", "für"),
        ("us-ascii", "cp1252", "für €"),
        ("iso-8859-1", "cp1252", "€ 10"),
        ("iso-8859-15", "iso-8859-15", "€ 10"),
        ("iso-8859-2", "iso-8859-2", "płatność"),
        ("windows-1250", "cp1250", "płatność"),
        ("iso-2022-jp", "iso-2022-jp", "請求書"),
        ("shift_jis", "cp932", "支払①"),
        ("euc-jp", "euc-jp", "請求書"),
        ("gb2312", "gbk", "镕票"),
        ("big5", "big5", "發票"),
        ("ks_c_5601-1987", "cp949", "송장"),
        ("windows-1251", "cp1251", "счёт"),
        ("koi8-r", "koi8-r", "счет"),
        ("utf-8", "cp1252", "für €"),
        ("no-such-thing", "utf-8", "für"),
        ("x-unknown", "cp1252", "für"),
        ("utf-7", "utf-7", "für"),
        ("UTF8", "utf-8", "für"),
        ("cp-850", "utf-8", "für"),
        ("base64", "utf-8", "für"),
        ("unicode_escape", "utf-8", "für"),
    ],
)
def test_the_charset_ladder(declared: str, encoding: str, text: str) -> None:
    assert body(read(mail(text.encode(encoding), f"text/plain; charset={declared}"))) == text


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    assert body(read(mail("żółć für".encode() + b"\xff"))) == "żółć für\ufffd"


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?B?WmHFvMOzxYLEhw==?=", "Zażółć"),
        (b"=?iso-8859-1?Q?f=FCr_G1?=", "für G1"),
        (b"=?utf-8?q?f=C3?= =?utf-8?q?=BCr?=", "für"),
        (b"=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c"),
        (b"=?iso-2022-jp?B?GyRCQEE1YT1xGyhC?=", "請求書"),
        (b"=?utf-8*en?q?hi?=", "hi"),
        (b"=?no-such?q?=E9?=", "é"),
        (b"f\xfcr G1", "für G1"),
        ("für G1".encode(), "für G1"),
        (b"folded\r\n\tline", "folded line"),
        (b"=?utf-8?q?a=0D=0ABcc:_x=00?=", "a Bcc: x"),
        (b"a\0b", "ab"),
        (b"=?utf-8?b?!!!?= rest", "rest"),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        (b"", ""),
    ],
    ids=range(15),
)
def test_subjects(raw: bytes, subject: str) -> None:
    message = read(b"Subject: " + raw + b"\r\n\r\nx")
    assert message.subject == subject
    assert message.sources[0].text == subject


def test_flowed_lines_are_joined_and_quotes_and_signatures_kept() -> None:
    text = b"pay invoice \r\nG1 now\r\n> old \r\n> text\r\n>> older\r\n-- \r\nAnna \r\nK"
    assert (
        body(read(mail(text, "text/plain; format=flowed"))) == "pay invoice G1 now\n> old text\n> > older\n-- \nAnna K"
    )
    assert body(read(mail(b"G0123 \r\n45", "text/plain; format=flowed; delsp=yes"))) == "G012345"
    assert body(read(mail(b" >x\r\n From", "text/plain; format=flowed"))) == ">x\nFrom"


# --- outlines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nPay G1\r\n',
        HEAD + b"Content-Type: multipart/mixed; boundary=x=y z\r\n\r\n--x=y z\r\n\r\nPay G1\r\n--x=y z--",
        HEAD
        + b'Content-Type: multipart/mixed; boundary="A"\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nPay G1\r\n--a--',
        HEAD + b"Content-Type: multipart/mixed\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nPay G1\r\n--q--",
        HEAD + b"\r\nThis is a multi-part message.\r\n--q\r\nContent-Type: text/plain\r\n\r\nPay G1\r\n--q--",
        b"Subject: x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nPay G1\n--x--",
        HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"Pay G1"),
        HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64 (x)\r\n\r\nUGF5IEcx\r\n",
        HEAD + b"Content-Type: text\r\n\r\nPay G1",
        HEAD + b"Content-Type: \r\n\r\nPay G1",
        HEAD + b"Content-Type: ; charset=x\r\n\r\nPay G1",
        HEAD + b"Content-Type: multipart/mixed; boundary=none\r\n\r\nPay G1",
        HEAD + b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nPay G1\r\n--x--",
        b"Pay G1",
        b"\r\nPay G1",
        HEAD.replace(b"\r\n", b"\n") + b"\nPay G1",
        HEAD.replace(b"\r\n", b"\r") + b"\rPay G1",
        b"From someone@example Mon Nov 16\r\n" + HEAD + b"\r\nPay G1",
        HEAD + b"Pay G1",
    ],
    ids=range(19),
)
def test_a_broken_outline_does_not_matter_where_the_text_can_be_read(raw: bytes) -> None:
    assert body(read(raw)).replace("This is a multi-part message.\n", "").strip() == "Pay G1"


def test_a_footer_behind_base64_is_kept() -> None:
    raw = mail(
        base64.encodebytes(b"Pay G1\n") + b"\r\n______\r\nlist footer\r\n",
        "text/plain",
        "Content-Transfer-Encoding: base64",
    )
    assert body(read(raw)) == "Pay G1\n\n______\nlist footer"


def test_a_gateways_line_that_is_folded_wrongly_belongs_to_its_field() -> None:
    message = read(b"Subject: x\r\nX-Disclaimer: scanned,\r\nno threats\r\n\r\nPay G1\r\n")
    assert body(message) == "Pay G1"
    assert message.header("x-disclaimer") == ("scanned, no threats",)
    assert read(b"Subject: x\r\nPay G1 please\r\n\r\nBye").sources[1].text == "Pay G1 please\n\nBye"


def test_headers_are_the_raw_fields_in_order() -> None:
    message = read(b"From : a@b\r\n from:  c@d\r\nX:\r\n folded\r\nSubject: \xfc\0\r\n\r\nx")
    assert [name for name, _ in message.headers] == ["From", "X", "Subject"]
    assert message.headers[0][1] == " a@b\n from:  c@d"
    assert message.headers[2][1] == " ü\ufffd"
    assert len(read(b" From: a@b\r\nFROM: c@d\r\n\r\n").header("from")) == 2


# --- reports and hashes --------------------------------------------------------------------------


def test_a_bounce_names_our_letter() -> None:
    message = read(
        multipart(
            "report; report-type=delivery-status",
            part(b"sorry"),
            part(
                b"Reporting-MTA: x\r\n\r\nFinal-Recipient: x; a@b\r\nAction: Failed\r\n\r\nAction: delayed (x)\r\n",
                "message/delivery-status",
            ),
            part(b"Message-ID: <reply@billing.example>\r\nSubject: Re\r\n", "text/rfc822-headers"),
        )
    )
    assert message.report is not None
    assert (message.report.kind, message.report.actions) == ("delivery", ("failed", "delayed"))
    assert message.report.original_message_id == "<reply@billing.example>"
    assert names(message) == ["subject", "text"]


def test_a_read_receipt() -> None:
    notice = part(
        b"Original-Message-ID: <r@b>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n",
        "message/disposition-notification",
    )
    report = read(multipart("report; report-type=disposition-notification", part(b"read"), notice)).report
    assert report is not None
    assert (report.kind, report.actions, report.original_message_id) == ("disposition", ("displayed",), "<r@b>")


def test_a_second_delivery_has_the_same_content_and_other_words_have_not() -> None:
    first = mail(b"Pay f\xc3\xbcr G1\r\n")
    again = b"Received: x\r\nX-Scan: y\r\n" + mail(
        b"Pay f=C3=BCr G1\n", "text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"
    )
    other = mail(b"Pay f\xc3\xbcr G2\r\n")
    hashes = [read(raw).content_sha256 for raw in (first, again, other)]
    assert hashes[0] == hashes[1] != hashes[2]
    assert len({read(raw).raw_sha256 for raw in (first, again, other)}) == 3


# --- junk ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"\r",
        b":",
        b"Subject",
        b"Subject:",
        b"\xff" * 99,
        b"--\n--\n",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n",
        HEAD,
        INNER[:200],
    ],
    ids=range(11),
)
def test_junk_gives_a_message(raw: bytes) -> None:
    message = read(raw)
    assert message.sources or message.over_limit
    assert loads(dumps(message)) == message


@pytest.mark.parametrize("step", [7, 31, 101])
def test_cut_and_changed_mails_give_messages_without_nul_or_surrogate(step: int) -> None:
    whole = multipart("mixed", part("<p>Zahlung für G1</p>".encode(), "text/html"), part(INNER, "message/rfc822"))
    for place in range(0, len(whole), step):
        for raw in (whole[:place], whole[:place] + b'\0\xed\xa0\x80"\xff' + whole[place:], whole[place:]):
            for one in read(raw).sources:
                assert "\0" not in one.text
                one.text.encode()
