"""Whatever the calendar and the clock do, what is due happens, and happens once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from processor.core.due import next_step, steps_after
from processor.core.office import Office
from tests.builders import policy

ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
HOUR, DAY, DECADE = timedelta(hours=1), timedelta(days=1), timedelta(days=3653)


def office(zone: str) -> Office:
    return Office(policy().profile, ZoneInfo(zone), time(9), time(17))


def hours_of_a_year() -> Iterator[datetime]:
    """Every hour of 366 days, both changes of clocks and the turn of the year among them."""
    start = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
    return (start + hours * HOUR for hours in range(366 * 24))


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_a_year_has_its_steps_on_working_days_in_order(zone: str) -> None:
    here = office(zone)
    for asked_at in hours_of_a_year():
        dues = [step.due for step in steps_after(asked_at, here)]

        assert dues == sorted(set(dues))
        assert asked_at < dues[0]
        local = [due.astimezone(here.zone) for due in dues]
        assert [moment.hour for moment in local] == [9, 9, 17]
        assert all(here.is_working(moment.date()) for moment in local)


@pytest.mark.parametrize("zone", ZONES)
def test_what_must_have_begun_is_told_exactly(zone: str) -> None:
    """The moment before which something must have begun agrees with when each single thing is due."""
    here = office(zone)
    for now in list(hours_of_a_year())[::5]:
        before = here.begun_before(now, 5)

        for begun in (before - timedelta(microseconds=1), before):
            is_due = here.opening(here.later(begun, 5)) <= now
            assert is_due == (begun < before)


def struck(asked_at: datetime, here: Office, clock: Iterator[datetime]) -> list[str]:
    """What a clock that shows these moments makes happen."""
    done: dict[str, bool] = {}
    for now in clock:
        step, replaced = next_step(steps_after(asked_at, here), done, now)
        if step is not None:
            done |= {one.name: False for one in replaced} | {step.name: True}
            if step.name == "expiry":
                break
    return [name for name, written in done.items() if written]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("jump", [timedelta(), HOUR, -HOUR, DAY, -DAY])
def test_no_jump_of_the_clock_doubles_or_swallows_a_step(zone: str, jump: timedelta) -> None:
    """The clock jumps at each hour of two weeks: both reminders and the end come, each once."""
    here, asked_at = office(zone), datetime(2026, 10, 19, 12, tzinfo=UTC)
    for hour in range(0, 14 * 24, 5):
        steady = [asked_at + hours * HOUR for hours in range(20 * 24)]
        shown = iter(steady[:hour] + [moment + jump for moment in steady[hour:]])

        assert struck(asked_at, here, shown) == ["reminder 1", "reminder 2", "expiry"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", [0, 60, 110])
def test_a_decade_ahead_all_ends_at_once_and_back_again_nothing_more_comes(zone: str, hours: int) -> None:
    here, asked_at = office(zone), datetime(2026, 10, 19, 12, tzinfo=UTC)
    steady = [asked_at + hour * HOUR for hour in range(hours)]
    shown = iter([*steady, asked_at + DECADE, *(moment + DAY for moment in steady)])

    happened = struck(asked_at, here, shown)

    before = [step.name for step in steps_after(asked_at, here) if steady and step.due <= steady[-1]]
    assert happened == [*before, "expiry"]


def test_holidays_and_weekends_do_not_count() -> None:
    here = office("Europe/Amsterdam")
    before_christmas = datetime(2026, 12, 23, 12, tzinfo=UTC)

    days = [here.day(step.due) for step in steps_after(before_christmas, here)]

    assert days == [date(2026, 12, 28), date(2026, 12, 30), date(2026, 12, 31)]
