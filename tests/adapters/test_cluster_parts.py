"""The lease and the queue of cluster mode, on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from processor.adapters import jobs
from processor.adapters.engine import open_engine, transact
from processor.adapters.jobs import Jobs, NoQueueError, lock_of
from processor.adapters.lease_sql import Lease, LeaseLostError
from tests.adapters.conftest import PostgresServer
from tests.adapters.samples import ANNA, BOOKS, FILES, fill, write_ledger

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(postgresql: PostgresServer) -> Iterator[Engine]:
    """A database of its own, with the tables of cluster mode."""
    engine = open_engine(postgresql.fresh())
    jobs.prepare(engine)
    yield engine
    engine.dispose()
    postgresql.clear()


def test_only_one_holds_a_lease(engine: Engine) -> None:
    first, second = Lease(engine, "mailbox a", "one"), Lease(engine, "mailbox a", "two")

    assert first.renew()
    assert not second.renew()
    assert Lease(engine, "mailbox b", "two").renew()
    assert first.renew()


def test_who_lost_the_lease_writes_nothing(engine: Engine) -> None:
    first, second = Lease(engine, "mailbox a", "one", seconds=-1), Lease(engine, "mailbox a", "two")
    first.renew()  # it has ended already
    transact(engine, first.check)

    assert second.renew()

    with pytest.raises(LeaseLostError):
        transact(engine, first.check)
    assert not first.held
    transact(engine, second.check)


def test_a_lease_that_was_lost_and_won_again_has_another_number(engine: Engine) -> None:
    stale, other, again = (Lease(engine, "mailbox a", name, seconds=-1) for name in ("one", "two", "one"))
    stale.renew()
    other.renew()
    again.renew()

    with pytest.raises(LeaseLostError):
        transact(engine, stale.check)


def test_who_leaves_is_followed_at_once(engine: Engine) -> None:
    first, second = Lease(engine, "mailbox a", "one"), Lease(engine, "mailbox a", "two")
    first.renew()
    first.leave()

    assert second.renew()


def test_a_job_is_there_when_its_mail_is_and_not_before(engine: Engine) -> None:
    queue = Jobs(engine, "box", int)

    def broken_off() -> None:
        with engine.begin() as connection:
            queue.defer(connection, [(7, "partner A")])
            raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    with engine.begin() as connection:
        assert queue.queued(connection) == set()
        queue.defer(connection, [(8, "partner A"), (9, "partner B")])
    with engine.begin() as connection:
        assert queue.queued(connection) == {8, 9}


def test_partners_that_share_a_contact_share_a_lock(engine: Engine, tmp_path: Path) -> None:
    more = FILES["contacts.csv"] + "eva@polder.example,4000002,billing_admin,Eva\r\n"
    fill(engine, write_ledger(tmp_path / "files", contacts=more))
    with engine.connect() as connection:
        names = {lock_of(connection, one, 1) for one in (ANNA, BOOKS, "Eva@polder.example")}
        strangers = {lock_of(connection, "x@nowhere.example", 1), lock_of(connection, None, 2)}

    assert names == {"partner 4000001"}
    assert strangers == {"address x@nowhere.example", "mail 2"}


def test_without_its_tables_a_cluster_does_not_start(postgresql: PostgresServer) -> None:
    engine = open_engine(postgresql.fresh())
    try:
        with pytest.raises(NoQueueError, match="database upgrade"):
            jobs.check(engine)
    finally:
        engine.dispose()
