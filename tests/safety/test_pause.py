"""Stop means stop: once a pause has begun nothing more is applied, and what waited goes on when it ends."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from processor.adapters.books_sql import SqlBooks
from processor.adapters.engine import open_engine, reading
from processor.adapters.journal_tables import mail
from processor.adapters.ledger_check import check_ledger
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.pause_sql import Pause, begin, end, standing_pauses
from processor.adapters.tables import allocation
from processor.core.by_person import Chosen
from processor.core.threading import ThreadKeys
from processor.ports import HeldBackError, LedgerMovedError
from tests.adapters.samples import (
    ANNA,
    MAILBOX,
    NOON,
    ManualClock,
    application,
    applied,
    arrive,
    fill,
    message_of,
)
from tests.review.test_desk import REQUEST, THREAT
from tests.review.world import House, balances, proposed, seen

RACES = int(os.environ.get("PAUSE_RACES", "6"))  # 1,000 is the long form
ALL = Pause("all", "", "applying", "an audit", "mia", NOON)
SCOPES = [ALL, replace(ALL, scope="mailbox", name=MAILBOX), replace(ALL, scope="partner", name="4000001")]
ELSEWHERE = [replace(ALL, scope="mailbox", name="other@billing.example"), replace(ALL, scope="partner", name="4000002")]


@pytest.mark.parametrize("pause", SCOPES, ids=lambda pause: pause.scope)
def test_a_mail_that_would_apply_waits_and_keeps_its_attempts(house: House, pause: Pause) -> None:
    begin(house.engine, pause)

    with pytest.raises(HeldBackError, match="is paused by mia since 2026-11-20 12:00 UTC: an audit"):
        house.arrives(REQUEST)

    assert balances(house.engine) == (125_050, 100_000)
    with reading(house.engine) as connection:
        assert connection.scalars(select(mail.c.phase)).one() == "stored"


@pytest.mark.parametrize("pause", ELSEWHERE, ids=lambda pause: pause.scope)
def test_a_pause_elsewhere_holds_nothing(house: House, pause: Pause) -> None:
    begin(house.engine, pause)

    house.arrives(REQUEST)

    assert balances(house.engine) == (25_050, 0)


def test_a_mail_that_applies_nothing_is_answered_all_the_same(house: House) -> None:
    begin(house.engine, ALL)

    assert house.arrives("Please apply payment 1400000001 to invoice G000009999.").letter is not None


def test_it_goes_on_where_it_stopped(house: House) -> None:
    begin(house.engine, ALL)
    with pytest.raises(HeldBackError):
        house.arrives(REQUEST)

    assert end(house.engine, "all", "", "applying", "mia", NOON)
    (waiting,) = house.intake().to_decide(10)
    house.worker().handle(waiting)

    assert balances(house.engine) == (25_050, 0)
    assert check_ledger(house.engine) == ()


def test_a_person_is_stopped_too(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk()
    proposal = proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001")]))
    begin(house.engine, ALL)

    with pytest.raises(HeldBackError):
        desk.carry_out(proposal)

    assert balances(house.engine) == (125_050, 100_000)


def test_a_pause_begins_once_and_ends_once(house: House) -> None:
    assert begin(house.engine, ALL)
    assert not begin(house.engine, replace(ALL, reason="another"))
    assert begin(house.engine, replace(ALL, action="replying"))
    assert [str(one) for one in standing_pauses(house.engine)] == [
        "applying is paused by mia since 2026-11-20 12:00 UTC: an audit",
        "replying is paused by mia since 2026-11-20 12:00 UTC: an audit",
    ]

    assert end(house.engine, "all", "", "applying", "tom", NOON)
    assert not end(house.engine, "all", "", "applying", "tom", NOON)
    assert begin(house.engine, ALL)


@pytest.mark.parametrize("pause", SCOPES, ids=lambda pause: pause.scope)
def test_letters_wait_while_replying_is_paused(house: House, pause: Pause) -> None:
    house.arrives(REQUEST)
    house.arrives("Which payments are unallocated?")
    outbox = SqlOutbox(house.engine)
    in_hand = outbox.due(NOON, 10)
    assert len(in_hand) == 2

    begin(house.engine, replace(pause, action="replying"))

    assert outbox.due(NOON, 10) == ()
    for letter in in_hand:
        with pytest.raises(HeldBackError):
            outbox.sending([letter.id], NOON)
    end(house.engine, pause.scope, pause.name, "replying", "mia", NOON)  # type: ignore[arg-type]
    assert len(outbox.due(NOON, 10)) == 2


@pytest.mark.parametrize("round_", range(RACES))
def test_no_allocation_comes_after_a_pause_that_eight_workers_race(
    engine: Engine, database_url: str, ledger_folder: Path, round_: int
) -> None:
    """The pause comes after so many commits, while the workers are at the next ones."""
    fill(engine, ledger_folder)
    mails = [arrive(engine, ManualClock(), uid) for uid in range(1, 17)]
    before = round_ % len(mails)
    start, committed = threading.Barrier(9), threading.Semaphore(0)
    begun: list[float] = []  # when each commit that succeeded had begun

    def work(worker: int) -> None:
        own = open_engine(database_url)
        books = SqlBooks(own, ManualClock())
        start.wait()
        for stored in mails[worker::8]:
            if (began := _apply_a_cent(books, stored)) is not None:
                begun.append(began)
                committed.release()
        own.dispose()

    def stop() -> tuple[float, int]:
        start.wait()
        for _ in range(before):
            committed.acquire(timeout=10)  # a worker that loses race after race gives its mail up
        begin(engine, ALL)
        return time.monotonic(), _allocations(engine)

    with ThreadPoolExecutor(9) as pool:
        done = [pool.submit(work, worker) for worker in range(8)]
        paused_at, count = pool.submit(stop).result()
        for one in done:
            one.result()

    assert _allocations(engine) == count
    assert max(begun, default=0.0) < paused_at
    assert check_ledger(engine) == ()


def _apply_a_cent(books: SqlBooks, stored: object) -> float | None:
    """Decide and commit as the worker does, again while the ledger moves; return when the commit began, or None."""
    message = message_of(stored)  # type: ignore[arg-type]
    for _ in range(40):
        seen_now = books.snapshot_for(stored, message, ANNA, ThreadKeys((), (), ()))  # type: ignore[arg-type]
        left = next(one.unallocated for one in seen_now.payments if one.payment_number == "1400000001")
        still_open = next(one.open_amount for one in seen_now.invoices if one.invoice_number == "G000000001")
        cent = replace(application(1), payment_left_before=left, invoice_open_before=still_open)
        began = time.monotonic()
        try:
            books.commit(stored, message, seen_now, applied(cent, letter=None), None, f"AR-{stored.id}")  # type: ignore[arg-type, attr-defined]
        except LedgerMovedError:
            continue
        except HeldBackError:
            return None
        return began
    return None


def _allocations(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalars(select(func.count()).select_from(allocation)).one()


def test_a_pause_is_told_with_its_age() -> None:
    began = datetime.fromisoformat("2026-11-20T12:00:00+00:00") - timedelta(days=1)

    assert str(replace(ALL, scope="partner", name="4000001", began_at=began)) == (
        "applying for partner 4000001 is paused by mia since 2026-11-19 12:00 UTC: an audit"
    )
