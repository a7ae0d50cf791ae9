"""What the benchmarks work on: mails of 3 to 8 KB as partners write them, and a ledger in which each has one right end.

Of a hundred mails 85 apply a payment to an invoice, five of them below an earlier letter; five name no payment, five an
invoice that isn't there, five are machine mail.
"""

from __future__ import annotations

import csv
import quopri
from collections.abc import Iterator
from pathlib import Path

MAILBOX = "allocations@billing.example"
SERVER = "mx.billing.example"
ITEMS = 5  # payments, and invoices, of one partner

_WORDS = (
    ("Payment {payment}", "Hello,\n\nPlease apply payment {payment} to invoice {invoice}.\n\n"),
    ("Zahlung {payment}", "Hallo,\n\nbitte Zahlung {payment} auf Rechnung {invoice} buchen.\n\n"),
    ("Paiement {payment}", "Bonjour,\n\nMerci d'affecter le paiement {payment} à la facture {invoice}.\n\n"),
    ("Betaling {payment}", "Beste collega's,\n\nGraag betaling {payment} verwerken op factuur {invoice}.\n\n"),
)
_NO_PAYMENT = ("Invoice {invoice}", "Hello,\n\nPlease apply our last payment to invoice {invoice}.\n\n")
_ROBOT = ("Automatic reply: Payment", "I am out of the office until Monday and read my mail after that.\n\n")
_SIGNATURE = (
    "Kind regards,\n\nClaire Bakker\nAccounts Payable\nPartner {partner} Ltd.\n12 Harbour Road, Amsterdam\n\n"
    "This message is meant for the person it is addressed to. If it reached you by mistake, tell us and delete it.\n"
    + "The information in it is confidential, and nobody else may copy it or act upon it.\n" * 12
    + "Think of the trees before you print this.\n" * 12
)
_EARLIER = "On Mon, 2 Nov 2026 at 09:12, Accounts Receivable wrote:\n> " + (
    "The balance of your account is on the billing page. We look forward to hearing from you.\n> " * 14
)


def written(number: int) -> bytes:
    """Return mail `number` (from 0) as the receiving server hands it on."""
    partner, kind = number // ITEMS, number % 20
    subject, words = _NO_PAYMENT if kind == 3 else _ROBOT if kind == 7 else _WORDS[number % len(_WORDS)]
    invoice = f"G9{number:08}" if kind == 11 else f"G0{number:08}"
    names = {"payment": 1_400_000_000 + number, "invoice": invoice, "partner": partner}
    text = (words + _SIGNATURE).format(**names) + (_EARLIER if kind == 15 else "")
    head = _head(number, subject.format(**names), robot=kind == 7)
    return (head + _body(number, text)).replace("\n", "\r\n").encode("ascii")


def applies(number: int) -> bool:
    """Tell whether mail `number` moves money."""
    return number % 20 not in {3, 7, 11}


def answered(number: int) -> bool:
    """Tell whether mail `number` gets a letter."""
    return number % 20 != 7


def mails(count: int) -> Iterator[bytes]:
    """Yield so many mails, no two alike."""
    return map(written, range(count))


def _head(number: int, subject: str, *, robot: bool) -> str:
    domain = f"partner{number // ITEMS}.example"
    automatic = "Auto-Submitted: auto-replied\n" if robot else ""
    return (
        f"Authentication-Results: {SERVER}; spf=pass smtp.mailfrom={domain};\n dkim=pass header.d={domain};"
        f" dmarc=pass header.from={domain}\nReturn-Path: <ap@{domain}>\n"
        f"Received: from mail.{domain} (mail.{domain} [203.0.113.5])\n\tby {SERVER} with ESMTPS id D{number}\n"
        f"\tfor <{MAILBOX}>; Wed, 11 Nov 2026 11:12:16 +0000\n"
        f"Received: from [10.38.65.14] (access.{domain} [203.0.113.32])\n\tby mail.{domain} (Postfix) with ESMTPSA id F"
        f"{number};\n\tWed, 11 Nov 2026 12:12:13 +0100\n"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=3259dfce;\n"
        "\th=from:to:subject:date:message-id:mime-version:content-type;\n"
        f"\tbh=NXjEtIuC9D5b09VEu/Xhcb6otDp9VCGy+XhGFdYmphc=;\n\tb={number:064}\n"
        f"MIME-Version: 1.0\nDate: Wed, 11 Nov 2026 12:12:12 +0100\nFrom: Accounts <ap@{domain}>\nTo: {MAILBOX}\n"
        f"Subject: {subject}\n{automatic}Message-ID: <{number}.1928d29@{domain}>\n"
    )


def _body(number: int, text: str) -> str:
    """Half of the mails have an HTML part beside the text, as mail programs write it."""
    plain = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + _quoted(text)
    if number % 2:
        return plain
    style = "p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt} " * 16
    html = f'<html><head><style>{style}</style></head><body><div class="WordSection1">'
    html += "".join(f'<p class="MsoNormal">{line}</p>' for line in text.splitlines()) + "</div></body></html>"
    boundary = f"=_part{number}"
    other = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + _quoted(html)
    return (
        f'Content-Type: multipart/alternative; boundary="{boundary}"\n\n--{boundary}\n{plain}\n--{boundary}\n{other}\n'
        f"--{boundary}--\n"
    )


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode()).decode("ascii")


_FILES = {
    "partners": "partner_id,name,language,group",
    "contacts": "email,partner_id,role,name",
    "invoices": "invoice_number,partner_id,document_type,currency,total,open_amount,issued_on,due_on,status"
    ",replaced_by",
    "payments": "payment_number,partner_id,currency,amount,unallocated_amount,received_on,method,bank_reference",
}


def write_ledger(folder: Path, items: int) -> Path:
    """Write the ledger's files for mails below `items`; what lies beyond the mails is ballast of other partners."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in _FILES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(_rows(name, items))
    return folder


def _rows(name: str, items: int) -> Iterator[list[str]]:
    partners = -(-items // ITEMS)
    if name == "partners":
        return ([str(1_000_000 + one), f"Partner {one}", "en", ""] for one in range(partners))
    if name == "contacts":
        return (
            [f"ap@partner{one}.example", str(1_000_000 + one), "billing_admin", "Accounts"] for one in range(partners)
        )
    if name == "invoices":
        return (
            [f"G0{one:08}", _owner(one), "invoice", "EUR", "100.00", "100.00", "2026-10-01", "2026-10-31", "open", ""]
            for one in range(items)
        )
    return (
        [str(1_400_000_000 + one), _owner(one), "EUR", "100.00", "100.00", "2026-11-02", "wire", ""]
        for one in range(items)
    )


def _owner(item: int) -> str:
    return str(1_000_000 + item // ITEMS)
