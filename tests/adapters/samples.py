"""A small ledger, and makers of mails and decisions about it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from processor.adapters.books_sql import SqlBooks
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.ledger_import import ImportReport, import_ledger
from processor.core.decision import Application, Decision, RequestState, Snapshot
from processor.core.letter import Letter, LetterKind
from processor.core.message import Message
from processor.core.outcomes import Outcome
from processor.core.threading import ThreadKeys
from processor.ports import FetchedMail, RenderedLetter, StoredMail

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAILBOX = "allocations@billing.example"
ANNA = "anna@polder.example"  # of Polder alone
BOOKS = "books@hands.example"  # keeps the books of both partners
NO_KEYS = ThreadKeys((), (), ())

FILES = {
    "partners.csv": ("partner_id,name,language,group\r\n4000001,Polder Cloud,nl,\r\n4000002,Sakura KK,ja,east\r\n"),
    "contacts.csv": (
        "email,partner_id,role,name\r\n"
        f"Anna@polder.example,4000001,billing_admin,Anna\r\n"
        f"{BOOKS},4000001,account_admin,Hands\r\n"
        f"{BOOKS},4000002,account_admin,Hands\r\n"
    ),
    "invoices.csv": (
        "invoice_number,partner_id,document_type,currency,total,open_amount,issued_on,due_on,status,replaced_by\r\n"
        "G000000001,4000001,invoice,EUR,1000.00,1000.00,2026-09-01,2026-10-01,open,\r\n"
        "G000000002,4000001,invoice,EUR,250.50,250.50,2026-09-02,2026-10-02,open,\r\n"
        "G000000003,4000001,invoice,EUR,90.00,0.00,2026-05-01,2026-06-01,paid,\r\n"
        "J000000001,4000002,invoice,JPY,50000,50000,2026-09-03,,open,\r\n"
    ),
    "payments.csv": (
        "payment_number,partner_id,currency,amount,unallocated_amount,received_on,method,bank_reference\r\n"
        "1400000001,4000001,EUR,1250.50,1250.50,2026-11-02,wire,E2E1\r\n"
        "1400000002,4000001,EUR,300.00,300.00,2026-11-03,wire,\r\n"
        "1400000009,4000002,JPY,60000,60000,2026-11-04,ach,NOTPROVIDED\r\n"
    ),
}


@dataclass
class ManualClock:
    """A clock that only moves when told."""

    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


def write_ledger(folder: Path, **changed: str) -> Path:
    """Write the sample's files, some of them changed: `invoices="…"`."""
    folder.mkdir(exist_ok=True)
    files = FILES | {f"{name}.csv": text for name, text in changed.items()}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def fill(engine: Engine, folder: Path) -> ImportReport:
    """Import the sample ledger."""
    return import_ledger(engine, folder, NOON)


def raw_mail(words: str = "please apply") -> bytes:
    return f"From: {ANNA}\r\nSubject: Payment\r\n\r\n{words}\r\n".encode()


def fetched(uid: int, raw: bytes | None = None) -> FetchedMail:
    return FetchedMail(uid, NOON, raw or raw_mail(f"mail {uid}"))


def arrive(engine: Engine, clock: ManualClock, uid: int = 1, raw: bytes | None = None) -> StoredMail:
    """Let a mail come into INBOX and the database."""
    intake = SqlIntake(engine, clock)
    intake.store(MAILBOX, "INBOX", 1, [fetched(uid, raw)])
    return intake.to_decide(100)[-1]


def message_of(mail: StoredMail, message_id: str = "", content: str = "") -> Message:
    """A mail as read; its content is its bytes' hash, unless said otherwise."""
    headers = (("Message-ID", message_id or f"<{mail.id}@polder.example>"),)
    content = content or hashlib.sha256(mail.raw).hexdigest()
    return Message(mail.sha256, content, mail.size, headers, "Payment", ())


def application(amount: int = 100_000, payment: str = "1400000001", invoice: str = "G000000001") -> Application:
    """Apply so many cents, on balances as the sample has them."""
    left = {"1400000001": 125_050, "1400000002": 30_000}[payment]
    still_open = {"G000000001": 100_000, "G000000002": 25_050}[invoice]
    return Application("4000001", payment, invoice, amount, "EUR", left, still_open)


def applied(*applications: Application, **changed: object) -> Decision:
    """A decision that applies what is given, opens a request and confirms it."""
    letter = Letter(LetterKind.CONFIRMATION, "nl", ANNA, "Anna", "Payment")
    decision = Decision(
        Outcome.APPLIED,
        ANNA,
        partner_id="4000001",
        applications=applications,
        letter=letter,
        language="nl",
        state=RequestState.APPLIED,
        memory='{"lines": []}',
        opens=True,
    )
    return replace(decision, **changed)  # type: ignore[arg-type]


def rendered(message_id: str = "<ar.confirmation.AR-AAA.1.0@billing.example>") -> RenderedLetter:
    return RenderedLetter(message_id, ANNA, b"From: us\r\n\r\nDone.\r\n", "Re: Payment", "Done.", MAILBOX)


def decide(
    engine: Engine,
    clock: ManualClock,
    mail: StoredMail,
    decision: Decision,
    *,
    letter: RenderedLetter | None = None,
    reference: str = "AR-AAA",
    keys: ThreadKeys = NO_KEYS,
) -> Snapshot:
    """Gather for Anna, then write the decision as if it had been made from that; returns what was gathered."""
    books, message = SqlBooks(engine, clock), message_of(mail)
    snapshot = books.snapshot_for(mail, message, ANNA, keys)
    books.commit(mail, message, snapshot, decision, letter, reference)
    return snapshot
