"""A ledger in which every good mail has a partner, a payment and an invoice of its own, so that none hides another."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from processor.adapters.mime import headers_only
from processor.core.identity import identify
from processor.core.policy import Policy

SERVER = "mx.billing.example"
STRANGERS = "9999999"  # the partner of strangers' addresses, where they are put on file

_HEADERS = {
    "partners": "partner_id,name,language,group",
    "contacts": "email,partner_id,role,name",
    "invoices": "invoice_number,partner_id,document_type,currency,total,open_amount,issued_on,due_on,status"
    ",replaced_by",
    "payments": "payment_number,partner_id,currency,amount,unallocated_amount,received_on,method,bank_reference",
}


@dataclass(frozen=True, slots=True)
class Good:
    """A request that has to be applied, whatever came before it."""

    number: int

    @property
    def address(self) -> str:
        return f"ap@partner{self.number}.example"

    @property
    def invoice(self) -> str:
        return f"G{self.number:09}"

    @property
    def mail(self) -> bytes:
        """The mail as the receiving server hands it on."""
        domain = self.address.partition("@")[2]
        return (
            f"Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\r\n"
            f"Received: from mail.{domain} (mail.{domain} [192.0.2.7]) by {SERVER} with ESMTPS id {self.number}; x\r\n"
            f"From: Accounts <{self.address}>\r\nTo: allocations@billing.example\r\n"
            f"Subject: Payment {1_400_000_000 + self.number}\r\nDate: Mon, 16 Nov 2026 09:00:00 +0000\r\n"
            f"Message-ID: <{self.number}@{domain}>\r\n\r\n"
            f"Hello,\r\n\r\nPlease apply payment {1_400_000_000 + self.number} to invoice {self.invoice}.\r\n\r\n"
            "Kind regards,\r\nAccounts\r\n"
        ).encode()

    def rows(self) -> dict[str, list[str]]:
        """Return its row in each file of the ledger."""
        partner, payment = str(1_000_000 + self.number), str(1_400_000_000 + self.number)
        return {
            "partners": [partner, f"Partner {self.number}", "en", ""],
            "contacts": [self.address, partner, "billing_admin", "Accounts"],
            "invoices": [
                self.invoice, partner, "invoice", "EUR", "100.00", "100.00", "2026-10-01", "2026-10-31", "open", "",
            ],
            "payments": [payment, partner, "EUR", "100.00", "100.00", "2026-11-02", "wire", ""],
        }  # fmt: skip


def write_books(folder: Path, goods: list[Good], strangers: set[str]) -> Path:
    """Write the ledger's files; addresses of strangers are contacts of a partner without anything."""
    rows: dict[str, list[list[str]]] = {name: [] for name in _HEADERS}
    for good in goods:
        for name, row in good.rows().items():
            rows[name].append(row)
    if strangers:
        rows["partners"].append([STRANGERS, "Strangers", "en", ""])
        rows["contacts"] += [[address, STRANGERS, "billing_admin", ""] for address in sorted(strangers)]
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in _HEADERS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(rows[name])
    return folder


def vouched(raw: bytes, policy: Policy) -> tuple[bytes, str]:
    """Put our own server's proof above a mail; return it and its author's address, empty where it has none."""
    address = identify(headers_only(raw, ""), policy).address
    if not address:
        return raw, ""
    domain = address.partition("@")[2]
    proof = (
        f"Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\r\n"
        f"Received: from mail.out.example (mail.out.example [192.0.2.7]) by {SERVER} with ESMTPS id 1; x\r\n"
    )
    return proof.encode() + raw, address
