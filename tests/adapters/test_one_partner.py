"""No transaction holds rows of two partners, judged by the values that are really sent to the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, event

from processor.adapters.books_sql import SqlBooks
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.ledger_import import import_ledger
from processor.adapters.outbox_sql import SqlOutbox
from processor.outgoing import EndedLetter, LetterState
from processor.ports import FetchedMail
from tests.adapters.samples import ManualClock
from tests.benchmarks.mails import ITEMS, MAILBOX, mails, write_ledger
from tests.deciding import worker_on

PARTNERS = 4
PARTNER_ID = re.compile(r"100000\d")


@contextmanager
def transactions(engine: Engine) -> Iterator[list[set[str]]]:
    """Collect the partners that each transaction names in what it writes or asks for."""
    found: list[set[str]] = []

    def begin(connection: object) -> None:
        found.append(set())

    def statement(*args: object) -> None:
        if found:
            found[-1] |= set(PARTNER_ID.findall(repr(args[3])))

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", statement)
    yield found
    event.remove(engine, "begin", begin)
    event.remove(engine, "before_cursor_execute", statement)


def test_what_a_job_of_the_cluster_writes_belongs_to_one_partner(
    engine: Engine, clock: ManualClock, tmp_path: Path
) -> None:
    amount = PARTNERS * ITEMS
    assert import_ledger(engine, write_ledger(tmp_path / "books", amount), datetime.now(UTC)).problems == ()
    intake, outbox = SqlIntake(engine, clock), SqlOutbox(engine)
    fetched = [FetchedMail(uid, clock.now(), raw) for uid, raw in enumerate(mails(amount), 1)]
    intake.store(MAILBOX, "INBOX", 1, fetched)

    with transactions(engine) as seen:
        for stored in intake.to_decide(amount):
            intake.begin_attempts([stored.id])
            worker_on(SqlBooks(engine, clock)).handle(stored)
        for letter in outbox.due(clock.now(), amount):
            outbox.sending([letter.id], clock.now())
            outbox.data_begins(letter.id)
            outbox.settle([EndedLetter(letter.id, LetterState.SENT, clock.now())])

    assert set().union(*seen) == {f"100000{number}" for number in range(PARTNERS)}
    assert [named for named in seen if len(named) > 1] == []
