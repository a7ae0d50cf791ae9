"""The way to the database: durable, serial where it must be, and plain about what is wrong."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg.errors import SerializationFailure
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import OperationalError

from processor.adapters.columns import moment_text
from processor.adapters.engine import (
    ATTEMPTS,
    DatabaseAddressError,
    DatabaseUnavailableError,
    open_engine,
    reading,
    transact,
)
from processor.adapters.ledger_import import import_ledger
from processor.adapters.schema import upgrade
from processor.adapters.tables import payment
from tests.adapters.samples import NOON, fill, write_ledger


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)]
)
def test_every_sqlite_connection_is_durable_and_checks_keys(tmp_path: Path, pragma: str, value: object) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.db'}")

    with reading(engine) as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "ledger.db", "", "oracle://x/y"])
def test_an_address_of_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(DatabaseAddressError):
        open_engine(url)


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/ledger.db", "postgresql://nobody@127.0.0.1:9/ledger?connect_timeout=2"]
)
def test_a_database_that_is_not_there_is_trouble_outside(url: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"ledger.*: "), reading(open_engine(url)):
        pass


def test_a_password_is_not_told() -> None:
    engine = open_engine("postgresql://mia:hunter2@127.0.0.1:9/ledger?connect_timeout=2")

    with pytest.raises(DatabaseUnavailableError) as caught, reading(engine):
        pass

    assert "127.0.0.1" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database at all, but long enough to look at" * 100)

    with pytest.raises(DatabaseUnavailableError, match="file is not a database"):
        upgrade(open_engine(f"sqlite:///{tmp_path / 'ledger.db'}"))


def test_a_full_disk_leaves_nothing_half_done(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    upgrade(engine)
    row = "G{:09d},4000001,invoice,EUR,10.00,10.00,2026-09-01,,open,\r\n"
    many = (
        "invoice_number,partner_id,document_type,currency,total,open_amount,issued_on,due_on,status,replaced_by\r\n"
        + "".join(row.format(number) for number in range(20_000))
    )
    folder = write_ledger(tmp_path / "files", invoices=many)
    with reading(engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")

    with pytest.raises(DatabaseUnavailableError, match="full"):
        import_ledger(engine, folder, NOON)

    with reading(engine) as connection:
        assert connection.execute(select(payment)).all() == []


def test_two_who_take_from_one_balance_never_take_more_than_it_has(engine: Engine, ledger_folder: Path) -> None:
    fill(engine, ledger_folder)
    this = payment.c.payment_number == "1400000002"

    def take_ten(connection: Connection) -> int:
        left = connection.execute(select(payment.c.unallocated).where(this).with_for_update()).scalar_one()
        if left >= 1000:
            connection.execute(update(payment).where(this).values(unallocated=left - 1000))
        return 1000 if left >= 1000 else 0

    with ThreadPoolExecutor(6) as pool:
        taken = sum(pool.map(lambda _: transact(engine, take_ten), range(60)))

    with reading(engine) as connection:
        assert connection.scalar(select(payment.c.unallocated).where(this)) == 0
    assert taken == 30_000


def test_work_that_lost_a_race_is_done_again(engine: Engine, ledger_folder: Path) -> None:
    """Two take the same two locks in opposite order: PostgreSQL ends one of them, which then starts anew."""
    fill(engine, ledger_folder)
    both_hold_one = threading.Barrier(2, timeout=5)
    if engine.dialect.name == "sqlite":
        both_hold_one = threading.Barrier(1)  # here the second isn't let in before the first is done
    starts: list[str] = []

    def work(first: str, second: str) -> None:
        waited = False

        def lock_both(connection: Connection) -> None:
            nonlocal waited
            starts.append(first)
            for number in (first, second):
                connection.execute(update(payment).where(payment.c.payment_number == number).values(method=first))
                if not waited:
                    waited = True
                    both_hold_one.wait()

        transact(engine, lock_both)

    numbers = ("1400000001", "1400000002")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, numbers, reversed(numbers)))

    assert len(starts) == (3 if engine.dialect.name == "postgresql" else 2)


def test_a_reader_sees_one_moment_while_others_write(engine: Engine, ledger_folder: Path) -> None:
    fill(engine, ledger_folder)
    methods = select(payment.c.method).distinct()

    with reading(engine) as connection:
        before = connection.scalars(methods).all()
        transact(engine, lambda writer: writer.execute(update(payment).values(method="changed")))
        assert connection.scalars(methods).all() == before
    with reading(engine) as connection:
        assert connection.scalars(methods).all() == ["changed"]


def test_a_fault_of_ours_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        transact(engine, lambda _: 1 // 0)


def test_one_who_loses_every_race_gives_up_in_the_end(engine: Engine) -> None:
    tries: list[int] = []

    def lose(_: Connection) -> None:
        tries.append(1)
        raise OperationalError("UPDATE", {}, SerializationFailure("could not serialize access"))

    with pytest.raises(DatabaseUnavailableError, match="could not serialize access"):
        transact(engine, lose)

    assert len(tries) == ATTEMPTS


def test_a_moment_without_its_zone_is_not_stored() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        moment_text(NOON.replace(tzinfo=None))
