"""In rehearsal every mail is decided and nothing is done: no money, no letter, no mail moved, nothing to be undone."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from processor.adapters.engine import reading, transact
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import decision, letter, location, mail
from processor.adapters.ledger_import import import_ledger
from processor.adapters.posting import Cause, post
from processor.adapters.rehearsal_sql import RehearsalBooks, SilentOutbox, rehearsed
from processor.adapters.tables import allocation, invoice, payment
from processor.review import RehearsingError
from tests.adapters.samples import FILES, MAILBOX, NOON, ManualClock, application, write_ledger
from tests.review.test_desk import REQUEST, THREAT
from tests.review.world import House, balances, proposed, seen


def rehearsing(house: House, mode: str) -> House:
    house.books = RehearsalBooks(house.engine, house.clock, mode)  # type: ignore[arg-type]
    return house


def ledger_hash(engine: Engine) -> str:
    with reading(engine) as connection:
        tables = (allocation, invoice, payment, decision, letter)
        rows = [list(map(str, row)) for table in tables for row in connection.execute(select(table))]
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()


@pytest.mark.parametrize("mode", ["dry_run", "shadow"])
def test_what_would_happen_is_on_record_and_nothing_happens(house: House, mode: str) -> None:
    before = ledger_hash(house.engine)

    rehearsing(house, mode).arrives(REQUEST)
    house.arrives(THREAT)

    first, second = rehearsed(house.engine)
    assert (first.outcome, first.applications[0].amount, first.partner_id) == ("applied", 100_000, "4000001")
    assert first.letter.startswith("Dear Anna")
    assert (second.outcome, second.reasons) == ("rejected", ("sensitive_content",))
    assert ledger_hash(house.engine) == before
    assert SilentOutbox(house.engine).due(NOON, 10) == ()


@pytest.mark.parametrize("mode", ["dry_run", "shadow"])
def test_no_mail_is_decided_twice_in_rehearsal_or_moved(house: House, mode: str) -> None:
    rehearsing(house, mode).arrives(REQUEST)

    intake = SqlIntake(house.engine, house.clock, rehearsing=True)

    assert intake.to_decide(10) == ()
    assert intake.to_file(MAILBOX, 10) == ()


def test_after_a_dry_run_everything_is_decided_in_earnest(house: House) -> None:
    rehearsing(house, "dry_run").arrives(REQUEST)

    house.books = None
    (waiting,) = SqlIntake(house.engine, house.clock).to_decide(10)
    house.worker().handle(waiting)

    assert balances(house.engine) == (25_050, 0)


def test_after_a_shadow_people_have_done_it_and_nothing_is_done_again(house: House) -> None:
    rehearsing(house, "shadow").arrives(REQUEST)

    assert SqlIntake(house.engine, house.clock).to_decide(10) == ()
    with reading(house.engine) as connection:
        assert connection.scalars(select(mail.c.phase)).one() == "gone"
        assert connection.scalars(select(location.c.state)).one() == "gone"


def test_what_people_then_did_is_compared(house: House, tmp_path: Path) -> None:
    rehearsing(house, "shadow").arrives(REQUEST)
    assert [one.then for one in rehearsed(house.engine)] == ["not yet"]

    invoices = (
        FILES["invoices.csv"].replace("1000.00,1000.00", "1000.00,0.00").replace("2026-10-01,open", "2026-10-01,paid")
    )
    payments = FILES["payments.csv"].replace("1250.50,1250.50", "1250.50,250.50")
    assert (
        import_ledger(
            house.engine, write_ledger(tmp_path / "later", invoices=invoices, payments=payments), NOON
        ).problems
        == ()
    )

    assert [one.then for one in rehearsed(house.engine)] == ["same"]


@pytest.mark.parametrize(("amount", "then"), [(100_000, "same"), (40_000, "other")])
def test_what_people_did_here_is_compared_too(house: House, amount: int, then: str) -> None:
    rehearsing(house, "shadow").arrives(REQUEST)

    cause = Cause("", "mail" * 4, "mia", NOON)
    transact(house.engine, lambda connection: post(connection, [application(amount)], cause))

    assert [one.then for one in rehearsed(house.engine)] == [then]


def test_a_mail_that_fails_is_on_record_as_quarantined(house: House, clock: ManualClock) -> None:
    rehearsing(house, "dry_run").arrives(REQUEST)
    intake = SqlIntake(house.engine, clock)
    (waiting,) = intake.to_decide(1)
    other = RehearsalBooks(house.engine, clock, "dry_run")

    other.quarantine(waiting, "failed")

    assert [one.outcome for one in rehearsed(house.engine)] == ["applied"]  # what is on record stays


def test_nobody_carries_out_anything_while_the_program_rehearses(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk(rehearsing=True)
    proposal = proposed(desk.apply(seen(desk)))

    with pytest.raises(RehearsingError):
        desk.carry_out(proposal)
