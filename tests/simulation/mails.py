"""Mails whose right end is known beforehand: each partner asks only for what its own payment can always pay."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.hostile.books import SERVER, Good, write_books

MAILBOX = "allocations@billing.example"
WHOLE = 10_000  # cents: what each payment and each invoice of the books is about
PART = 4_000

Money = tuple[str, str, str, int]  # partner, payment, invoice, minor units


class Kind(StrEnum):
    """What a mail asks for, and by whom it was written."""

    WHOLE = "whole"  # apply a payment to an invoice
    PART = "part"  # apply a part of it
    VAGUE = "vague"  # the invoice is missing: a question goes out
    ANSWER = "answer"  # names it
    AGAIN = "again"  # asks once more for what a mail before asked for
    FORGED = "forged"  # a partner's name on a mail that the server disproved
    ROBOT = "robot"  # an automatic answer
    POISON = "poison"  # kills whoever reads it


@dataclass(frozen=True, slots=True)
class Written:
    """A mail and what it may bring about: at most this one allocation, and letters or none."""

    kind: Kind
    raw: bytes
    address: str
    money: Money | None = None

    @property
    def heard(self) -> bool:
        """Whether its author may get a letter."""
        return self.kind not in (Kind.FORGED, Kind.ROBOT, Kind.POISON)

    def answered_in_time(self, days: int) -> bool:
        """Whether it answers a question that cannot have lapsed, where the clock jumped by so many days."""
        return self.kind is Kind.ANSWER and days == 0


def write(kind: Kind, number: int, serial: int, answers: bytes = b"") -> Written:
    """Write a mail of partner `number`; `serial` tells it from every other, `answers` is the letter it replies to."""
    good = Good(number)
    payment = str(1_400_000_000 + number)
    money = (str(1_000_000 + number), payment, good.invoice, PART if kind is Kind.PART else WHOLE)
    address = f"{kind}{number}@stranger.example" if kind in (Kind.ROBOT, Kind.POISON) else good.address
    words = {
        Kind.WHOLE: f"Please apply payment {payment} to invoice {good.invoice}.",
        Kind.AGAIN: f"Please apply payment {payment} to invoice {good.invoice}.",
        Kind.PART: f"Please apply 40.00 EUR of payment {payment} to invoice {good.invoice}.",
        Kind.VAGUE: f"Please apply payment {payment}.",
        Kind.ANSWER: f"Please apply it to invoice {good.invoice}.",
        Kind.FORGED: f"Please apply payment {payment} to invoice {good.invoice}.",
        Kind.ROBOT: "I am out of the office until Monday.",
        Kind.POISON: f"Please apply payment {payment} to invoice {good.invoice}.",
    }[kind]
    raw = "\r\n".join([*_head(kind, address, f"Payment {payment}", serial, answers), "", words, ""]).encode()
    return Written(kind, raw, address, money if kind not in (Kind.ROBOT, Kind.POISON, Kind.FORGED) else None)


def _head(kind: Kind, address: str, subject: str, serial: int, answers: bytes) -> list[str]:
    domain = address.partition("@")[2]
    proof = "fail" if kind is Kind.FORGED else "pass"
    lines = [
        f"Authentication-Results: {SERVER}; dmarc={proof} header.from={domain}",
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.7]) by {SERVER} with ESMTPS id {serial}; x",
        f"From: Accounts <{address}>",
        f"To: {MAILBOX}",
        f"Date: Mon, 16 Nov 2026 09:{serial // 60 % 60:02}:{serial % 60:02} +0000",
        f"Message-ID: <m{serial}@{domain}>",
    ]
    if kind is Kind.ROBOT:
        lines += ["Auto-Submitted: auto-replied", "Subject: Automatic reply"]
    elif answers:
        lines += [f"In-Reply-To: {field(answers, b'message-id')}", f"Subject: {field(answers, b'subject')}"]
    else:
        lines.append(f"Subject: {subject}")
    return lines


def field(raw: bytes, name: bytes) -> str:
    """Return a header field of a letter, unfolded."""
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().decode("ascii", "replace")
    return ""


def books(folder: Path, partners: int) -> Path:
    """Write the ledger's files for so many partners."""
    return write_books(folder, [Good(number) for number in range(1, partners + 1)], set())
