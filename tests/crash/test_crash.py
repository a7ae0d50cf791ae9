"""Killed once at every failpoint: nothing is lost, nothing happens twice. `make crash` does it for longer."""

from tests.crash.campaign import sqlite_houses, walk


def test_killed_once_at_every_failpoint() -> None:
    with sqlite_houses() as fresh:
        one = fresh()

        assert walk(one) == []
        assert one.kills == 25
