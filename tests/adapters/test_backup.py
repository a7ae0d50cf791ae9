"""Safety copies: whole, as of one moment, and never put in place of anything unless they can be read."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from processor.adapters.backup import BackupError, backup, restore, verify
from processor.adapters.engine import open_engine
from processor.adapters.ledger_check import check_ledger
from tests.adapters.samples import ManualClock, application, applied, arrive, decide, fill, rendered
from tests.adapters.tamper import PAYMENT, rewrite


@pytest.fixture
def ledger(sqlite_template: Path, ledger_folder: Path, tmp_path: Path, clock: ManualClock) -> Engine:
    """A ledger in use, its last change still in the write-ahead log."""
    file = tmp_path / "ledger.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    fill(engine, ledger_folder)
    decide(engine, clock, arrive(engine, clock), applied(application()), letter=rendered())
    return engine


def count_allocations(file: Path) -> int:
    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM allocation").scalar_one()
    engine.dispose()
    return int(found)


def test_a_copy_holds_all_that_was_committed(ledger: Engine, tmp_path: Path) -> None:
    backup(ledger, tmp_path / "copy.db")

    assert count_allocations(tmp_path / "copy.db") == 1
    assert verify(tmp_path / "copy.db") == ()
    assert not list(tmp_path.glob("*.unfinished*"))


def test_a_copy_made_while_others_write_is_of_one_moment(ledger: Engine, tmp_path: Path, clock: ManualClock) -> None:
    stop = threading.Event()

    def write() -> None:
        uid = 2
        while not stop.is_set():
            arrive(ledger, clock, uid)
            uid += 1

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(5):
        backup(ledger, tmp_path / f"copy-{number}.db")
    stop.set()
    writer.join()

    assert [verify(tmp_path / f"copy-{number}.db") for number in range(5)] == [()] * 5


def test_the_ledger_of_yesterday_comes_back_and_todays_is_kept(
    ledger: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    backup(ledger, tmp_path / "copy.db")
    more = application(25_050, "1400000002", "G000000002")
    decide(ledger, clock, arrive(ledger, clock, 2), applied(more, letter=None), reference="AR-BBB")

    aside = restore(tmp_path / "copy.db", ledger)

    assert count_allocations(tmp_path / "ledger.db") == 1
    assert aside is not None
    assert count_allocations(aside) == 2
    assert check_ledger(ledger) == ()


def test_a_second_restore_overwrites_nothing_that_was_put_aside(ledger: Engine, tmp_path: Path) -> None:
    backup(ledger, tmp_path / "copy.db")

    first, second = restore(tmp_path / "copy.db", ledger), restore(tmp_path / "copy.db", ledger)

    assert first != second
    assert [file is not None and file.exists() for file in (first, second)] == [True, True]


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "empty"), (b"not a database at all " * 100, "not a database"), (None, "no such file")]
)
def test_what_is_no_ledger_is_not_restored(ledger: Engine, tmp_path: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / "copy.db").write_bytes(content)

    with pytest.raises(BackupError, match=told):
        restore(tmp_path / "copy.db", ledger)

    assert count_allocations(tmp_path / "ledger.db") == 1


def test_a_copy_cut_short_is_not_restored(ledger: Engine, tmp_path: Path) -> None:
    backup(ledger, tmp_path / "copy.db")
    whole = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "copy.db").write_bytes(whole[: len(whole) // 2])

    assert verify(tmp_path / "copy.db")
    with pytest.raises(BackupError):
        restore(tmp_path / "copy.db", ledger)


def test_a_copy_that_was_tampered_with_is_told(ledger: Engine, tmp_path: Path) -> None:
    backup(ledger, tmp_path / "copy.db")
    rewrite(create_engine(f"sqlite:///{tmp_path / 'copy.db'}"), PAYMENT.update().values(unallocated=1))

    assert any("payment 1400000001: has 0.01 EUR" in words for words in verify(tmp_path / "copy.db"))


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        backup(open_engine("postgresql://127.0.0.1/ledger"), tmp_path / "copy.db")


def test_a_place_that_cannot_be_written_is_named(ledger: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nowhere"):
        backup(ledger, tmp_path / "nowhere" / "copy.db")


def test_a_ledger_whose_file_is_damaged_gives_no_copy(ledger: Engine, tmp_path: Path) -> None:
    ledger.dispose()
    file = tmp_path / "ledger.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    file.write_bytes(content)

    with pytest.raises(BackupError):
        backup(ledger, tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()
