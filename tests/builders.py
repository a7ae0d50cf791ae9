# ruff: noqa: ANN401  # a builder takes any field of the value that it builds
"""Small real values for tests: mails from text, ledger items with plain defaults, the policy from the shipped files."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import replace
from datetime import date
from functools import cache
from textwrap import dedent
from typing import Any

from processor import resources
from processor.core.decision import Snapshot
from processor.core.lexicon import Phrasebook, phrasebook
from processor.core.message import Message, Source
from processor.core.model import Contact, DocumentType, Invoice, InvoiceStatus, Partner, Payment
from processor.core.policy import Policy, load_policy

PARTNER = Partner("1000001", "Harbour Lane IT", "en")
ADDRESS = "ap@harbourlane.example"
TODAY = date(2026, 11, 16)


def policy(profile: str = "partner_center", **settings: Any) -> Policy:
    """Build the policy from the shipped profile and lexicons; `settings` as in `processor.core.policy.DEFAULTS`."""
    config = resources.folder("config")
    data = tomllib.loads((config / "profiles" / f"{profile}.toml").read_text())
    return replace(load_policy(data, {}, settings), phrases=_phrases())


@cache
def _phrases() -> Phrasebook:
    files = sorted((resources.folder("config") / "lexicon").glob("*.toml"))
    return phrasebook({file.stem: tomllib.loads(file.read_text()) for file in files})


def headers(text: str) -> tuple[tuple[str, str], ...]:
    """Split raw header lines into fields, folding kept. A line that starts no field belongs to the one above."""
    fields: list[tuple[str, str]] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if fields and (line[:1] in {" ", "\t"} or not colon):
            fields[-1] = (fields[-1][0], f"{fields[-1][1]}\n{line}")
        elif colon:
            fields.append((name.strip(" \t"), value))
    return tuple(fields)


def message(text: str, **changes: Any) -> Message:
    """Build a message from a mail as text (indented as a docstring may be): header lines, an empty line, the words."""
    head, _, body = dedent(text).strip("\n").partition("\n\n")
    fields = headers(head)
    subject = next((" ".join(value.split()) for name, value in fields if name.lower() == "subject"), "")
    digest = hashlib.sha256(text.encode()).hexdigest()
    built = Message(
        raw_sha256=digest,
        content_sha256=hashlib.sha256(body.encode()).hexdigest(),
        size=len(text),
        headers=fields,
        subject=subject,
        sources=(Source("subject", subject), Source("text", body)),
        content_types=("text/plain",),
    )
    return replace(built, **changes)


def mail(body: str = "", *, sender: str = ADDRESS, subject: str = "", more: str = "", **changes: Any) -> Message:
    """Build a message that the trusted server vouches for: its author, subject, further header lines and words."""
    domain = re.split("@", sender)[-1].rstrip(">")
    lines = [
        f"Authentication-Results: mx.billing.example; dmarc=pass header.from={domain}",
        f"From: {sender}",
        "To: allocations@billing.example",
        f"Subject: {subject}",
        *([more] if more else []),
    ]
    return message("\n".join(lines) + "\n\n" + body, **changes)


def contact(email: str = ADDRESS, partner_id: str = PARTNER.partner_id, role: str = "billing_admin") -> Contact:
    """Build a contact on file."""
    return Contact(email, partner_id, role)


def payment(number: str = "1400000001", amount: int = 100_000, left: int | None = None, **changes: Any) -> Payment:
    """Build a payment with all of its amount left (minor units), unless `left` says otherwise."""
    built = Payment(
        payment_number=number,
        partner_id=PARTNER.partner_id,
        currency="EUR",
        amount=amount,
        unallocated=amount if left is None else left,
        received_on=date(2026, 11, 2),
    )
    return replace(built, **changes)


def invoice(number: str = "G000000001", total: int = 100_000, still_open: int | None = None, **changes: Any) -> Invoice:
    """Build an open invoice with all of its total open (minor units), unless `still_open` says otherwise."""
    built = Invoice(
        invoice_number=number,
        partner_id=PARTNER.partner_id,
        document_type=DocumentType.INVOICE,
        currency="EUR",
        total=total,
        open_amount=total if still_open is None else still_open,
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
        status=InvoiceStatus.PAID if still_open == 0 else InvoiceStatus.OPEN,
    )
    return replace(built, **changes)


def snapshot(*items: Payment | Invoice | Contact | Partner, **changes: Any) -> Snapshot:
    """Build what the ledger holds: these items, and one partner with one contact where none is given."""
    built = Snapshot(
        today=TODAY,
        contacts=tuple(item for item in items if isinstance(item, Contact)) or (contact(),),
        partners=tuple(item for item in items if isinstance(item, Partner)) or (PARTNER,),
        payments=tuple(item for item in items if isinstance(item, Payment)),
        invoices=tuple(item for item in items if isinstance(item, Invoice)),
    )
    return replace(built, **changes)
