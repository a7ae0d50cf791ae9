"""What reading and deciding costs in the core: `python -m tests.benchmarks.reading` prints it, in milliseconds.

From the parsed mail to the decision: the labelled mails of about 5 KB, one of 1 MB, and one sender's mail in ledgers of
10 to 10,000 items of others (then from the database on).
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import typer

from processor import events
from processor.adapters.memory_ledger import LedgerCopy
from processor.core.decide import decide
from processor.core.decision import Snapshot
from processor.core.identity import identify
from processor.core.message import Message, Source
from processor.core.threading import thread_keys
from processor.mail_files import stored_mail
from tests import builders
from tests.deciding import MAILBOX, considered, sample_policy
from tests.labels import read_cases, sets

SMALL = range(3_000, 8_000)  # bytes of a mail "of about 5 KB"
ROUNDS = 5
MAIL = builders.mail("Please apply EUR 500.00 from payment 1400000001 to invoice G000000001.")


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median of a few rounds, without the first where there are several."""
    times = []
    if rounds > 1:
        work()
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def small() -> Iterator[tuple[Message, Snapshot]]:
    """Yield the labelled mails of about 5 KB with what their sender has."""
    for folder in sets():
        ledger = LedgerCopy(folder / "ledger")
        for case in read_cases(folder):
            if len(case.mails[0]) in SMALL:
                done = considered(ledger.fresh(), case.mails[0])
                yield done.message, done.snapshot


def large() -> tuple[Message, Snapshot]:
    """Return a request above 1 MB of earlier mail, and what its sender has."""
    line = "> On 3 November you wrote that invoice G000000077 over EUR 1.250,00 was still open by your books.\n"
    body = "Please apply payment 1400000001 to invoice G000000001.\n\nOn 3 Nov 2026 AR wrote:\n" + line * 10_300
    mail = builders.mail("", subject="Payment")
    sources = (Source("subject", "Payment"), Source("text", body))
    return replace(mail, sources=sources), builders.snapshot(builders.payment(), builders.invoice())


def in_a_ledger_of(others: int) -> float:
    """Return the time from the database to the decision, beside so many items of others."""
    with tempfile.TemporaryDirectory() as folder:
        _write_ledger(Path(folder), others)
        books = LedgerCopy(Path(folder)).fresh()
        policy, stored = sample_policy(), stored_mail(b"", 1, MAILBOX)
        address, keys = identify(MAIL, policy).address, thread_keys(MAIL, policy)
        return milliseconds(lambda: decide(MAIL, books.snapshot_for(stored, MAIL, address, keys), policy), 50)


def _write_ledger(folder: Path, others: int) -> None:
    """Write one sender with a payment and an invoice, and so many items of fifty others."""
    owners = ["1000001", *(f"20000{index % 50:02}" for index in range(max(1, others // 2)))]
    tables = {
        "partners.csv": [
            "partner_id,name,language,group",
            *(f"{owner},{owner},en," for owner in dict.fromkeys(owners)),
        ],
        "contacts.csv": ["email,partner_id,role,name", f"{builders.ADDRESS},1000001,billing_admin,"],
        "invoices.csv": [
            "invoice_number,partner_id,document_type,currency,total,open_amount,issued_on,due_on,status,replaced_by",
            *(
                f"G{at:09},{one},invoice,EUR,1000.00,1000.00,2026-10-01,2026-10-31,open,"
                for at, one in enumerate(owners, 1)
            ),
        ],
        "payments.csv": [
            "payment_number,partner_id,currency,amount,unallocated_amount,received_on,method,bank_reference",
            *(f"14{at:08},{one},EUR,1000.00,1000.00,2026-11-02,," for at, one in enumerate(owners, 1)),
        ],
    }
    for name, rows in tables.items():
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, and print one line of JSON."""
    events.configure(level="error")
    policy = sample_policy()
    times = [milliseconds(lambda: decide(mail, account, policy)) for mail, account in small()]  # noqa: B023
    mail, account = large()
    found = {
        "mails of 5 KB": len(times),
        "median": round(statistics.median(times), 2),
        "slowest": round(max(times), 2),
        "1 MB": round(milliseconds(lambda: decide(mail, account, policy), 1), 1),
        "beside items of others": {
            str(others): round(in_a_ledger_of(others), 2) for others in (10, 100, 1_000, 10_000)
        },
    }
    typer.echo(json.dumps(found))


if __name__ == "__main__":
    main()
