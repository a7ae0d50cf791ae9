"""Large mails pass through the database in pieces, and come out byte for byte."""

import pytest
from sqlalchemy import Connection, Engine, func, select

from processor.adapters.engine import reading, transact
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import raw_message
from processor.adapters.raw_sql import LARGE, keep_raw, read_raw
from processor.ports import FetchedMail
from tests.adapters.samples import ManualClock

SIZES = (0, 1, LARGE, LARGE + 1, 2 * LARGE, 2 * LARGE + 7)


def content(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_out_as_they_went_in(engine: Engine, size: int) -> None:
    transact(engine, lambda connection: keep_raw(connection, [("small", b"other"), (f"{size}", content(size))]))

    with reading(engine) as connection:
        assert read_raw(connection, f"{size}") == content(size)
        assert read_raw(connection, "small") == b"other"


def test_bytes_that_are_there_stay(engine: Engine) -> None:
    first, second = content(LARGE + 1), bytes(LARGE + 1)
    transact(engine, lambda connection: keep_raw(connection, [("same", first)]))
    transact(engine, lambda connection: keep_raw(connection, [("same", second)]))

    with reading(engine) as connection:
        assert read_raw(connection, "same") == first
        assert connection.scalar(select(func.count()).select_from(raw_message)) == 1


def test_bytes_of_a_transaction_that_failed_are_not_there(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        keep_raw(connection, [("large", content(LARGE + 1))])
        raise KeyError

    with pytest.raises(KeyError):
        transact(engine, work)

    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(raw_message)) == 0


def test_a_large_mail_is_decided_on_with_all_its_bytes(engine: Engine, clock: ManualClock) -> None:
    intake, raw = SqlIntake(engine, clock), content(LARGE + 1)
    intake.store("box", "INBOX", 1, [FetchedMail(1, clock.now(), b"small"), FetchedMail(2, clock.now(), raw)])

    found = intake.to_decide(10)
    one = intake.mail(found[1].id)

    assert [mail.raw for mail in found] == [b"small", raw]
    assert one is not None
    assert one.raw == raw
