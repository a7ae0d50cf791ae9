"""What is written at once is what the library would write, and what isn't plain is left to it."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from processor.adapters.letter_wire import field, file_part, identifiers, mailbox, multipart, text_part

RULES = policy.EmailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=76)


def by_library(name: str, value: object) -> bytes:
    mail = EmailMessage(RULES)
    mail[name] = value
    return mail.as_bytes().removesuffix(b"\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "Re: Payment 14 [AR-K7Q2M]",
        "Re: a, b; c: (d) \"e\" 'f' <g@h.example>",
        "x" * 67,
        "x" * 68,
        "words " * 12 + "end",
        "words " * 20 + "end",
        "two  spaces",
        "Zahlung für März",
        "お支払い " * 20,
        "an =?utf-8?q?encoded?= word",
    ],
)
def test_a_field_is_the_librarys(text: str) -> None:
    assert field("Subject", text) == by_library("Subject", text)


def test_identifiers_stay_whole() -> None:
    many = " ".join(f"<{number}.{'x' * 90}@mail.example>" for number in range(9))

    assert identifiers("References", many) == f"References: {many}\r\n".encode()


@pytest.mark.parametrize(
    "name", ["", "Accounts Receivable", "Müller & Söhne", 'A "B" C', "Dr. No, Ltd.", "x " * 30 + "y"]
)
@pytest.mark.parametrize("address", ["ap@partner.example", "a.b+c-d@x.y.example", f"{'a' * 60}@{'b' * 30}.example"])
def test_an_address_is_read_back(name: str, address: str) -> None:
    line = mailbox("Reply-To", address, name)

    read = message_from_bytes(line + b"\r\n", policy=policy.default)["Reply-To"].addresses[0]
    assert (read.display_name, read.addr_spec) == (name, address)
    assert line.isascii()
    if len(line) < 76:
        assert line == by_library("Reply-To", Address(name, addr_spec=address))


@pytest.mark.parametrize("address", ["", "a", "a@", "@b", "a..b@c.example", "a b@c.example", ".a@c.example", "a@b@c"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        mailbox("To", address)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Hello,\n\n.\nFrom here\n", "7bit"),
        ("Grüße\n" + "x" * 200 + "\ntrailing \n", "quoted-printable"),
        ("お支払いについて\n" * 9, "base64"),
        ("a\rb\r\nc", "7bit"),
        ("", "7bit"),
    ],
)
def test_a_text_is_read_back(text: str, encoding: str) -> None:
    part = text_part("plain", text)

    read = message_from_bytes(part, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert read["Content-Transfer-Encoding"] == encoding
    assert read.get_content().splitlines() == text.splitlines()
    assert max(map(len, part.split(b"\r\n"))) <= 76
    assert not {b"\r", b"\n"} & set(part.replace(b"\r\n", b""))


def test_parts_are_read_back_in_order() -> None:
    inner = multipart("alternative", "=_1.x", [text_part("plain", "a\n"), text_part("html", "<p>b\n")])
    whole = multipart("mixed", "=_0.x", [inner, file_part("c.csv", "csv", b"d;e\r\n")], field("Content-Language", "en"))

    read = message_from_bytes(b"MIME-Version: 1.0\r\n" + whole, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv",
    ]  # fmt: skip
    assert [part.get_content() for part in read.walk() if not part.is_multipart()] == [
        "a\r\n", "<p>b\r\n", "d;e\r\n",
    ]  # fmt: skip
    assert [part.get_filename() for part in read.iter_attachments()] == ["c.csv"]
    assert not read.defects
