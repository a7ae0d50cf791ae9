"""Builders of whole mails, byte by byte, and a way to read them."""

from __future__ import annotations

from processor.adapters.limits import ReadingLimits
from processor.adapters.mime import read_message
from processor.core.message import Message

LIMITS = ReadingLimits()
HEAD = b"From: a@b.example\r\nSubject: Hi\r\nDate: Tue, 17 Nov 2026 06:30:01 +0100\r\nMIME-Version: 1.0\r\n"


def read(raw: bytes) -> Message:
    return read_message(raw, LIMITS)


def mail(body: bytes, content_type: str = "text/plain; charset=utf-8", *fields: str) -> bytes:
    more = "".join(f"{field}\r\n" for field in fields)
    return HEAD + f"Content-Type: {content_type}\r\n{more}\r\n".encode("latin-1") + body


def multipart(kind: str, *parts: bytes) -> bytes:
    inside = b"".join(b"--=b\r\n" + part + b"\r\n" for part in parts)
    return HEAD + f'Content-Type: multipart/{kind}; boundary="=b"\r\n\r\n'.encode() + inside + b"--=b--\r\n"


def part(body: bytes, content_type: str = "text/plain; charset=utf-8", *fields: str) -> bytes:
    return (
        "".join(f"{field}\r\n" for field in (f"Content-Type: {content_type}", *fields)).encode("latin-1")
        + b"\r\n"
        + body
    )


def body(message: Message) -> str:
    return next((one.text for one in message.sources if one.name in {"text", "html"}), "")


def names(message: Message) -> list[str]:
    return [one.name for one in message.sources]


INNER = b"From: c@d.example\r\nSubject: Advice\r\nMessage-ID: <in@d>\r\n" + multipart(
    "mixed",
    part(b"Pay G1\n\nBest"),
    part(b"G2;10\nG3;20", "text/csv", "Content-Disposition: attachment; filename=x.csv"),
).replace(HEAD, b"").replace(b"=b", b"=c")
