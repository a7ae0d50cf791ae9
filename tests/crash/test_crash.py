"""Killed once at every failpoint, stopped at any moment: nothing is lost, nothing happens twice.

`make crash` and `make stops` do it for longer.
"""

from tests.crash.campaign import sqlite_houses, walk
from tests.crash.stopping import stop_often


def test_killed_once_at_every_failpoint() -> None:
    with sqlite_houses() as fresh:
        one = fresh()

        assert walk(one) == []
        assert one.kills == 25


def test_stopped_with_mails_in_hand_it_ends_well_and_goes_on() -> None:
    with sqlite_houses() as fresh:
        tally = stop_often(2, 1, fresh)

    assert tally.broken == []
    assert len(tally.took) == 2
