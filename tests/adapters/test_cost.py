"""What a mail costs the database, counted in statements: the same however large the ledger, never quietly more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from processor.adapters.books_sql import SqlBooks
from processor.adapters.journal_sql import SqlIntake
from processor.core.threading import ThreadKeys
from tests.adapters.samples import (
    ANNA,
    FILES,
    MAILBOX,
    ManualClock,
    application,
    applied,
    arrive,
    fetched,
    fill,
    message_of,
    rendered,
    write_ledger,
)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile, but for those that begin and end a transaction."""
    sent: list[str] = []

    def count(*args: object) -> None:
        if not str(args[2]).startswith("BEGIN"):
            sent.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


def many_invoices(number: int) -> str:
    row = "H{:09d},4000001,invoice,EUR,10.00,10.00,2026-09-01,,open,\r\n"
    return FILES["invoices.csv"] + "".join(row.format(one) for one in range(number))


@pytest.mark.parametrize("invoices", [0, 2000])
def test_a_mail_that_applies_asks_seven_things_and_writes_fourteen(
    engine: Engine, clock: ManualClock, tmp_path: Path, invoices: int
) -> None:
    fill(engine, write_ledger(tmp_path / "files", invoices=many_invoices(invoices)))
    mail, books = arrive(engine, clock), SqlBooks(engine, clock)
    message = message_of(mail)

    with counted(engine) as asked:
        snapshot = books.snapshot_for(mail, message, ANNA, ThreadKeys(("AR-ZZZ",), ("<x@y>",), ()))
    with counted(engine) as written:
        books.commit(mail, message, snapshot, applied(application()), rendered(), "AR-AAA")

    locks = 1 if engine.dialect.name == "postgresql" else 0  # of the audit chain
    assert len(snapshot.invoices) == invoices + 3
    assert len(asked) <= 7, asked
    assert len(written) - locks <= 14, written


def test_a_batch_is_stored_with_as_many_statements_as_a_single_mail(engine: Engine, clock: ManualClock) -> None:
    intake = SqlIntake(engine, clock)
    with counted(engine) as for_one:
        intake.store(MAILBOX, "INBOX", 1, [fetched(1)])
    with counted(engine) as for_many:
        intake.store(MAILBOX, "INBOX", 1, [fetched(uid) for uid in range(2, 102)])

    assert len(set(for_many)) == len(for_one)  # SQLite gives one number at a time, within the process
