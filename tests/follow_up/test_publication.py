"""What was applied is on the billing page on the fifth business day, in exactly one file that never changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from processor.adapters import publication_sql
from processor.adapters.engine import transact
from processor.adapters.ledger_check import check_ledger
from processor.adapters.reversal import reverse
from processor.adapters.review_items import open_review
from processor.core.decision import ReviewItem
from processor.follow_up import FollowUp
from tests.adapters.samples import NOON, ManualClock
from tests.follow_up.world import apply, reviews

DUE = datetime.fromisoformat("2026-11-27T09:00:00+00:00")  # the fifth business day after Friday the 20th


def files(follow_up: FollowUp) -> dict[str, list[str]]:
    """Lines of each file of the billing page."""
    assert follow_up.feed_folder is not None
    return {path.name: path.read_text().splitlines() for path in sorted(follow_up.feed_folder.glob("*"))}


def test_an_allocation_is_published_once_its_day_has_come(follow_up: FollowUp, clock: ManualClock) -> None:
    apply(follow_up.engine, clock)

    clock.moment = DUE - timedelta(minutes=1)
    follow_up.turn()
    assert not follow_up.feed_folder.exists()  # type: ignore[union-attr]
    clock.moment = DUE
    assert follow_up.turn() == []

    assert files(follow_up) == {
        "published-00000001.csv": [
            "partner_id,allocation_id,payment_number,invoice_number,amount,currency,allocated_at,request,reverses,published_at",
            "4000001,AL-A1-1,1400000001,G000000001,1000.00,EUR,2026-11-20T12:00:00Z,AR-A1,,2026-11-27T09:00:00Z",
        ]
    }
    assert check_ledger(follow_up.engine) == ()


def test_however_often_the_clock_strikes_it_stands_in_one_file(follow_up: FollowUp, clock: ManualClock) -> None:
    apply(follow_up.engine, clock)

    for hour in range(0, 24 * 30, 7):
        clock.moment = NOON + timedelta(hours=hour)
        follow_up.turn()

    assert [len(lines) for lines in files(follow_up).values()] == [2]


def test_a_reversal_is_published_like_what_it_takes_back(follow_up: FollowUp, clock: ManualClock) -> None:
    reverse(follow_up.engine, apply(follow_up.engine, clock), "mia", "wrong invoice", NOON)

    clock.moment = DUE
    follow_up.turn()

    (lines,) = files(follow_up).values()
    assert [line.split(",")[4] for line in lines[1:]] == ["1000.00", "-1000.00"]


def test_a_run_cut_off_before_the_file_is_finished_by_the_next(follow_up: FollowUp, clock: ManualClock) -> None:
    engine = follow_up.engine
    apply(engine, clock)
    clock.moment = DUE
    assert publication_sql.sweep(engine) == 1
    number = publication_sql.open_feed(engine, DUE)
    before = follow_up.office.begun_before(DUE, 5)
    assert publication_sql.publish(engine, "4000001", number, before, DUE) == 1

    clock.advance(hours=1)
    follow_up.turn()

    assert [lines[1].rpartition(",")[2] for lines in files(follow_up).values()] == ["2026-11-27T09:00:00Z"]


def test_nothing_joins_a_closed_file(engine: Engine, follow_up: FollowUp, clock: ManualClock) -> None:
    apply(engine, clock)
    number = publication_sql.open_feed(engine, DUE)
    publication_sql.close_feed(engine, number)

    assert publication_sql.publish(engine, "4000001", number, DUE, DUE) == 0
    assert publication_sql.open_feed(engine, DUE) == number + 1


def test_a_file_that_cannot_be_written_is_written_later_and_told_the_day_after(
    follow_up: FollowUp, clock: ManualClock
) -> None:
    folder = follow_up.feed_folder
    assert folder is not None
    folder.write_text("in the way")
    apply(follow_up.engine, clock)

    clock.moment = DUE
    (trouble,) = follow_up.turn()
    assert trouble.startswith("can't publish: The file for the billing page can't be written")
    clock.advance(days=1)
    follow_up.turn()
    follow_up.turn()
    assert reviews(follow_up.engine) == [
        ("promise_in_danger", "the file of feed 1 for the billing page could not be written")
    ]

    folder.unlink()
    assert follow_up.turn() == []
    assert [lines[1].rpartition(",")[2] for lines in files(follow_up).values()] == ["2026-11-27T09:00:00Z"]


def test_what_a_clock_far_ahead_allocated_is_not_kept_back_for_years(follow_up: FollowUp, clock: ManualClock) -> None:
    clock.moment = NOON.replace(year=2036)
    apply(follow_up.engine, clock)

    clock.moment = NOON
    follow_up.turn()

    assert [len(lines) for lines in files(follow_up).values()] == [2]


@pytest.mark.parametrize("kind", ["sender_unknown", "deduction"])
def test_what_waits_for_a_person_too_long_is_told_once(follow_up: FollowUp, clock: ManualClock, kind: str) -> None:
    transact(follow_up.engine, lambda connection: open_review(connection, ReviewItem(kind), NOON, request="AR-1"))

    for days in range(10):
        clock.moment = NOON + timedelta(days=days)
        follow_up.turn()

    assert [kind for kind, _ in reviews(follow_up.engine)] == [kind, "promise_in_danger"]


def test_without_a_folder_the_database_alone_knows(follow_up: FollowUp, clock: ManualClock, tmp_path: Path) -> None:
    apply(follow_up.engine, clock)
    clock.moment = DUE

    assert replace(follow_up, feed_folder=None).turn() == []

    assert publication_sql.unwritten(follow_up.engine) == ()
    assert [one.allocation_id for one, _ in publication_sql.feed_rows(follow_up.engine, 1)] == ["AL-A1-1"]
