"""Does a mail cost more where there is more: `python -m tests.benchmarks.flatness`.

Twice the same work, beside a little and beside a lot: payments and invoices of other partners in the ledger, and mails
in the folder where mails are filed, less what the bare server needs for the same FETCH and MOVE.
"""

from __future__ import annotations

import imaplib
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import Engine, create_engine, insert, make_url, text, update

from processor import events
from processor.adapters.books_sql import SqlBooks
from processor.adapters.engine import open_engine, transact
from processor.adapters.imap import ImapMailbox
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import mail as mail_table
from processor.adapters.mail_server import MailServer
from processor.adapters.tables import invoice, partner, payment
from processor.core.identity import identify
from processor.intake import Arrivals, Limits
from processor.ports import FetchedMail, Phase, StoredMail
from processor.settings import FolderSettings
from processor.wiring import SystemClock
from processor.worker import Worker
from tests.benchmarks import mails
from tests.benchmarks.stage import Stage, open_stage
from tests.deciding import InProcess, sample_policy, worker_on

CHUNK = 20_000  # rows inserted at once
FILED = FolderSettings().applied


def fill(url: str, items: int) -> None:
    """Put so many payments and invoices of others into a ledger."""
    address = make_url(url)
    engine = create_engine(address if url.startswith("sqlite") else address.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(insert(partner), [_partner(one) for one in range(max(1, items // mails.ITEMS))])
        for first in range(0, items, CHUNK):
            numbers = range(first, min(first + CHUNK, items))
            connection.execute(insert(payment), [_payment(one) for one in numbers])
            connection.execute(insert(invoice), [_invoice(one) for one in numbers])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        # Else the database would be at work on that while we measure.
        connection.execute(
            text("CHECKPOINT" if engine.dialect.name == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")
        )
    engine.dispose()


def _partner(number: int) -> dict[str, object]:
    return {"partner_id": f"B{number}", "name": f"Other {number}", "language": "en", "group": ""}


def _payment(number: int) -> dict[str, object]:
    return {
        "payment_number": f"15{number:08}", "partner_id": f"B{number // mails.ITEMS}", "currency": "EUR",
        "amount": 10_000, "unallocated": 10_000,
        "opening_unallocated": 10_000, "received_on": datetime(2026, 11, 2, tzinfo=UTC).date(),
        "method": "wire", "bank_reference": "",
    }  # fmt: skip


def _invoice(number: int) -> dict[str, object]:
    return {
        "invoice_number": f"H{number:09}", "partner_id": f"B{number // mails.ITEMS}", "document_type": "invoice",
        "currency": "EUR", "total": 10_000, "open_amount": 10_000,
        "opening_open": 10_000, "status": "open", "replaced_by": "",
        "issued_on": datetime(2026, 10, 1, tzinfo=UTC).date(), "due_on": datetime(2026, 10, 31, tzinfo=UTC).date(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Ledger:
    engine: Engine
    worker: Worker
    stored: Sequence[StoredMail]


def in_ledgers(stage: Stage, kind: str, sizes: Sequence[int], amount: int) -> dict[str, float]:
    """Return milliseconds of the database's part of a mail, the median, beside so many items of others.

    Each mail is worked on beside a little and beside a lot at once, so that a busy moment meets both.
    """
    ledgers = {size: _ledger(stage, kind, size, amount) for size in sizes}
    took: dict[int, list[float]] = {size: [] for size in sizes}
    for turn in range(amount):
        for size in sizes if turn % 2 else reversed(sizes):
            one = ledgers[size]
            took[size].append(_database_part(one.worker, one.stored[turn]))
    for one in ledgers.values():
        one.engine.dispose()
    return {str(size): round(statistics.median(some[amount // 10 :]), 3) for size, some in took.items()}


def _ledger(stage: Stage, kind: str, others: int, amount: int) -> _Ledger:
    url = stage.database(kind, amount, ours=True)
    fill(url, others)
    engine = open_engine(url)
    return _Ledger(engine, worker_on(SqlBooks(engine, SystemClock())), _arrived(engine, amount))


def _arrived(engine: Engine, amount: int) -> Sequence[StoredMail]:
    intake = SqlIntake(engine, SystemClock())
    fetched = [FetchedMail(number + 1, datetime.now(UTC), raw) for number, raw in enumerate(mails.mails(amount))]
    intake.store(mails.MAILBOX, "INBOX", 1, fetched)
    return list(_waiting(intake))


def _waiting(intake: SqlIntake) -> Iterator[StoredMail]:
    last = 0
    while some := intake.to_decide(100, last):
        yield from some
        last = some[-1].id


def _database_part(worker: Worker, stored: StoredMail) -> float:
    message = InProcess().read(stored.raw)
    begin = time.perf_counter()
    worker.gather(stored, message, identify(message, worker.policy).address)
    gathered = time.perf_counter() - begin
    done = worker.consider(stored, message)
    begin = time.perf_counter()
    worker.write(stored, done)
    return 1000 * (gathered + time.perf_counter() - begin)


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Two accounts with as many filed mails: one that we work on, and one for the bare server."""

    ours: MailServer
    bare: MailServer
    box: ImapMailbox
    engine: Engine


def in_mailboxes(stage: Stage, sizes: Sequence[int], amount: int, rounds: int) -> dict[str, float]:
    """Return milliseconds a mail of taking in and filing beside so many filed mails, less the bare server's part.

    Medians of rounds in turn, on the same accounts; the first one is not counted.
    """
    with ExitStack() as stack:
        boxes = {size: _boxes(stage, stack, size) for size in sizes}
        took: dict[int, list[float]] = {size: [] for size in sizes}
        for turn in range(rounds + 1):
            for size in sizes if turn % 2 else reversed(sizes):
                took[size].append(_round(stage, boxes[size], range(turn * amount, (turn + 1) * amount)))
    return {str(size): round(1000 * statistics.median(some[1:]) / amount, 3) for size, some in took.items()}


def _boxes(stage: Stage, stack: ExitStack, filed: int) -> _Boxes:
    ours, bare = stage.account(), stage.account()
    for account in (ours, bare):
        stage.deliver(account, (mails.written(number) for number in range(filed)), FILED)
    engine = open_engine(stage.database("sqlite", 1, ours=True))
    stack.callback(engine.dispose)
    return _Boxes(ours, bare, stack.enter_context(closing(ImapMailbox(ours, name=mails.MAILBOX))), engine)


def _round(stage: Stage, boxes: _Boxes, numbers: range) -> float:
    """Return by how many seconds we need longer than the bare server."""
    for account in (boxes.ours, boxes.bare):
        stage.deliver(account, map(mails.written, numbers))
    ours = _ours(boxes, len(numbers))
    return ours - _bare(boxes.bare, len(numbers))


def _ours(boxes: _Boxes, amount: int) -> float:
    limits = Limits(100, 32_000_000, 25_000_000)
    intake = SqlIntake(boxes.engine, SystemClock())
    arrivals = Arrivals(boxes.box, intake, "INBOX", FolderSettings().model_dump(), limits)
    begin = time.perf_counter()
    assert sum(arrivals.take_in()) == amount
    took = time.perf_counter() - begin
    decided = update(mail_table).where(mail_table.c.phase == Phase.STORED)
    change = decided.values(phase=Phase.DECIDED, outcome="applied")
    transact(boxes.engine, lambda connection: connection.execute(change))
    begin = time.perf_counter()
    assert arrivals.file_away() == amount
    return took + time.perf_counter() - begin


def _bare(account: MailServer, amount: int) -> float:
    """Return the seconds that the server itself needs for the same FETCH and MOVE."""
    assert account.login is not None
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.login.user, account.login.password)
        begin = time.perf_counter()
        client.select("INBOX")
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        assert len(uids) == amount
        for at in range(0, amount, 100):
            client.uid("FETCH", b",".join(uids[at : at + 100]).decode(), "(UID BODY.PEEK[])")
        moved = client.uid("MOVE", b",".join(uids).decode(), f'"INBOX.{FILED}"')
        assert moved[0] == "OK", moved
        return time.perf_counter() - begin


def main(
    amount: Annotated[int, typer.Option("--mails", help="Mails that are worked on.")] = 200,
    few: Annotated[int, typer.Option(help="Items of others, the little.")] = 10_000,
    many: Annotated[int, typer.Option(help="Items of others, the lot; 0 leaves ledgers out.")] = 1_000_000,
    filed: Annotated[int, typer.Option(help="Filed mails, the lot; the little is a thousand; 0 leaves out.")] = 100_000,
    repeats: Annotated[int, typer.Option(help="Rounds of taking in and filing; medians are told.")] = 5,
    database: Annotated[list[str] | None, typer.Option(help="sqlite or postgresql; both where none is named.")] = None,
) -> None:
    """Measure, and print one line of JSON."""
    events.configure(level="error")
    sample_policy()
    kinds = database or ["sqlite", "postgresql"]
    with open_stage(postgres="postgresql" in kinds) as stage:
        ledgers = {kind: in_ledgers(stage, kind, (few, many), amount) for kind in kinds if many}
        mailbox = in_mailboxes(stage, (1000, filed), amount, repeats) if filed else {}
    ratios = {kind: round(found[str(many)] / found[str(few)], 2) for kind, found in ledgers.items()}
    if filed:
        ratios["mailbox"] = round(mailbox[str(filed)] / mailbox["1000"], 2)
    typer.echo(
        json.dumps({"ms": {**ledgers, "mailbox": mailbox}, "ratios": ratios, "load": round(os.getloadavg()[0], 1)})
    )


if __name__ == "__main__":
    typer.run(main)
