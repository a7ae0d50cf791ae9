"""Stuck work is loud: each part is frozen in turn and is told of in time; while all goes well nothing is told."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from processor.adapters.engine import transact
from processor.adapters.journal_tables import letter
from processor.adapters.pause_sql import Pause, begin
from processor.adapters.pulse_sql import BACKED_UP, beat
from processor.adapters.review_items import open_review
from processor.core.decision import ReviewItem
from processor.outgoing import LetterState
from tests.adapters.samples import NOON, arrive
from tests.follow_up.world import apply, ask
from tests.health.installation import Installation

QUIET_HOURS = int(os.environ.get("HEALTH_QUIET_HOURS", "72"))  # 168, seven days, is the long form
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def stuck_mail(house: Installation) -> None:
    arrive(house.engine, house.clock, 1)


def stuck_letter(house: Installation) -> None:
    house.frozen.add("smtp")
    apply(house.engine, house.clock)


def uncertain_letter(house: Installation) -> None:
    apply(house.engine, house.clock)
    unsure = update(letter).values(state=LetterState.UNCERTAIN)
    transact(house.engine, lambda connection: connection.execute(unsure))


def unwritable_feed(house: Installation) -> None:
    assert house.follow_up.feed_folder is not None
    house.follow_up.feed_folder.write_text("in the way")
    apply(house.engine, house.clock)
    house.skip(7 * DAY)


def forgotten_item(house: Installation) -> None:
    transact(house.engine, lambda connection: open_review(connection, ReviewItem("spam"), house.clock.now()))
    house.skip(5 * DAY)


def failed_mail(house: Installation) -> None:
    transact(house.engine, lambda connection: open_review(connection, ReviewItem("failed"), house.clock.now()))


def forgotten_pause(house: Installation) -> None:
    begin(house.engine, Pause("all", "", "applying", "an audit", "mia", house.clock.now()))


def lost_mail(house: Installation) -> None:
    house.lost = 2


def old_backup(house: Installation) -> None:
    beat(house.engine, BACKED_UP, house.clock.now())
    house.watch = replace(house.watch, limits=replace(house.watch.limits, backup=26 * HOUR))


def full_disk(house: Installation) -> None:
    limits = replace(house.watch.limits, disk_free=10**18)
    house.watch = replace(house.watch, limits=limits, folders=(house.folder,))


def frozen(part: str) -> Callable[[Installation], None]:
    return lambda house: house.frozen.add(part)


# What is frozen, how it is told, and its threshold; two intervals and a minute later it is told at the latest.
FREEZES: list[tuple[Callable[[Installation], None], str, timedelta]] = [
    (frozen("poll"), "poll", timedelta()),
    (frozen("deliver"), "deliver", timedelta()),
    (frozen("follow_up"), "follow_up", timedelta()),
    (stuck_mail, "undecided", 15 * MINUTE),
    (stuck_letter, "outbox", HOUR),
    (uncertain_letter, "uncertain", HOUR),
    (unwritable_feed, "feeds", HOUR),
    (forgotten_item, "review", 21 * HOUR - 4 * MINUTE),
    (failed_mail, "failed", timedelta()),
    (forgotten_pause, "pauses", 8 * HOUR),
    (lost_mail, "reconcile_difference", timedelta()),
    (old_backup, "backup", 26 * HOUR),
    (full_disk, "disk", timedelta()),
]


@pytest.mark.parametrize(("freeze", "alert", "threshold"), FREEZES, ids=[alert for _, alert, _ in FREEZES])
def test_each_freeze_is_told_in_time_and_not_before(
    installation: Installation, freeze: Callable[[Installation], None], alert: str, threshold: timedelta
) -> None:
    installation.run(2 * MINUTE)
    freeze(installation)
    if threshold:
        installation.skip(threshold - 3 * MINUTE)
    assert (alert, "begins") not in installation.told.alerts

    if alert == "reconcile_difference":
        installation.skip(timedelta())
    installation.run(6 * MINUTE)

    assert (alert, "begins") in installation.told.alerts


def test_a_frozen_comparison_is_told(installation: Installation) -> None:
    installation.clock.moment = datetime(2026, 11, 21, 2, 59, tzinfo=UTC)
    installation.run(2 * MINUTE)
    installation.frozen.add("reconcile")
    installation.clock.moment += 51 * HOUR

    installation.run(MINUTE)

    assert ("reconcile", "begins") in installation.told.alerts


def test_a_database_that_is_gone_is_told_and_nothing_is_called_well_meanwhile(installation: Installation) -> None:
    if installation.engine.dialect.name == "postgresql":
        pytest.skip("a file is what can be taken away")
    installation.frozen.add("poll")
    installation.run(4 * MINUTE)
    installation.engine.dispose()
    file = Path(str(installation.engine.url.database))
    file.rename(file.with_suffix(".aside"))
    file.mkdir()

    installation.watch.turn()

    assert installation.told.alerts[-1] == ("database", "begins")
    assert ("poll", "ends") not in installation.told.alerts


def test_quiet_days_are_quiet(installation: Installation) -> None:
    """Mails come and are applied or asked about, letters leave, a weekend and nights pass."""
    installation.run(2 * MINUTE)  # the first poll and the first delivery
    installation.told.alerts.clear()
    for hour in range(QUIET_HOURS):
        if hour % 5 == 0:
            ask(installation.engine, installation.clock, 2 * hour + 1)
        installation.run(2 * MINUTE)
        installation.skip(58 * MINUTE - timedelta(seconds=30))

    assert installation.told.alerts == []


def test_a_start_after_a_long_rest_is_no_alarm(installation: Installation) -> None:
    installation.run(2 * MINUTE)
    installation.clock.moment += 30 * DAY
    again = Installation(installation.engine, installation.clock, installation.folder / "again")

    again.run(5 * MINUTE)

    assert again.told.alerts == []


def test_an_alert_begins_lasts_and_ends(installation: Installation) -> None:
    installation.run(2 * MINUTE)
    installation.told.alerts.clear()

    installation.frozen.add("poll")
    installation.run(4 * MINUTE)
    installation.skip(HOUR)
    installation.frozen.clear()
    installation.run(2 * MINUTE)

    assert [alert for alert in installation.told.alerts if alert[0] == "poll"] == [
        ("poll", "begins"),
        ("poll", "lasts"),
        ("poll", "ends"),
    ]


def test_a_clock_that_was_put_back_is_said_so(installation: Installation) -> None:
    installation.run(2 * MINUTE)

    installation.clock.moment = NOON.replace(year=2016)
    look = installation.watch.look()

    (poll_check,) = [check for check in look.wrong if check.name == "poll"]
    assert poll_check.wrong.startswith("a clock was put back")
