"""Bombs of `reliability.md` T25 to T29: each is refused by its raw bytes, at once, and nothing ordinary is."""

from __future__ import annotations

import sys
import time

import pytest

from processor.adapters.limits import ReadingLimits, first_exceeded
from processor.adapters.mime import read_message

LIMITS = ReadingLimits()
SECOND = 1 if sys.gettrace() is None else 6  # measuring coverage slows every line
HEAD = b"From: a@b.example\r\nSubject: x\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"


def nested(levels: int) -> bytes:
    lines = (b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level) for level in range(levels))
    return HEAD + b"".join(lines) + b"\nhello"


BOMBS = {
    "a huge message": (HEAD + b"\n" + b"x" * 26_000_000, "message"),
    "twenty thousand addresses": (HEAD + b"To: " + b"a@b.example, " * 20_000 + b"\n\nx", "header"),
    "a field of 70 kB": (HEAD + b"X: " + b"a" * 70_000 + b"\n\nx", "header"),
    "a million fields": (b"A: b\n" * 1_000_000 + b"\nx", "header_block"),
    "eleven hundred fields": (b"A: b\n" * 1_100 + b"\nx", "headers"),
    "a header block of 2 MB": ((b"A: " + b"b" * 60_000 + b"\n") * 34 + b"\nx", "header_block"),
    "half a million parts": (MIXED + b"--b\n" * 500_000, "parts"),
    "six hundred parts": (MIXED + b"--b\n\nx\n" * 600, "parts"),
    "many boundaries": (HEAD + b"\n" + b"".join(b"boundary=a%d\n" % number for number in range(600)), "parts"),
    "a boundary in pieces": (
        HEAD + b'Content-Type: multipart/mixed; boundary*0="b"\n\n' + b"--b\n\nx\n" * 30_000,
        "parts",
    ),
    "depth 30": (nested(30), "depth"),
    "depth 1,000": (nested(1_000), "parts"),
    "depth 5,000": (nested(5_000), "parts"),
    "mails in mails": (HEAD + b"Content-Type: message/rfc822\n\n" * 5_000, "depth"),
    "twenty thousand parameters": (HEAD + b"Content-Type: text/plain" + b"; a=b" * 12_000 + b"\n\nx", "header"),
    "semicolons in quotes": (HEAD + b'Content-Type: text/plain; a="' + b";" * 60_000 + b"\n\nx", "header"),
    "semicolons in a part": (MIXED + b'--b\nContent-Type: text/plain; a="' + b";" * 63_000 + b"\n\nx\n--b--", "header"),
    "semicolons in a mail in a part": (
        MIXED + b'--b\nContent-Type: message/rfc822\n\nContent-Disposition: x; a="' + b";" * 63_000 + b"\n\nx\n--b--",
        "header",
    ),
    "fields in a part": (MIXED + b"--b\n" + b"A: b\n" * 500_000 + b"\n\nx\n--b--", "header"),
    "millions of lines": (HEAD + b"\n" * 5_000_000, "lines"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_a_second(name: str) -> None:
    raw, limit = BOMBS[name]
    begin = time.process_time()
    message = read_message(raw, LIMITS)
    assert time.process_time() - begin < SECOND
    assert message.over_limit == limit
    assert message.sources == ()
    assert len(message.headers) <= 1_000


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"From: " + b'"' * 50_000 + b"\n\nx",
        HEAD + b"To: " + b"(" * 5_000 + b"\n\nx",
        HEAD + b"Subject: " + b"=?" * 30_000 + b"\n\nx",
        HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 4_000 + b"\n\nx",
        HEAD + b"\r" * 500_000 + b"x",
        nested(19),
        MIXED + b"--b\n\nx\n" * 490,
        HEAD + b"Content-Type: message/rfc822\n\n" * 19 + b"\nx",
        MIXED + b"--c\n" * 190_000,
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b">" * 900_000,
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 300_000,
        HEAD + b"\n" + b"pay G012345678 1.00\n" * 90_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<p>x</p>" * 500_000,
        b"".join(b"X-%d: %s\n" % (number, b"y" * 900) for number in range(900)) + b"\nx",
    ],
    ids=range(14),
)
def test_what_is_within_the_limits_is_read_within_a_second(raw: bytes) -> None:
    begin = time.process_time()
    message = read_message(raw, LIMITS)
    assert time.process_time() - begin < SECOND
    assert message.over_limit in {"", "text", "html"}


def test_thirty_attached_mails_are_not_thirty_levels() -> None:
    raw = MIXED + b"--b\nContent-Type: message/rfc822\n\nSubject: y\n\nhi\n" * 30 + b"--b--"
    assert first_exceeded(raw, LIMITS) == ""
    assert len(read_message(raw, LIMITS).sources) == 31


def test_a_full_mail_with_dashes_and_boundaries_in_its_text_is_ordinary() -> None:
    text = b"----\n-- \nboundary=foo\n--foo\ncontent-type: text/plain; a; b; c\n" * 100
    assert first_exceeded(HEAD + b"\n" + text, LIMITS) == ""
