"""A call that would never end is given up; one that ends in time is left alone, also afterwards."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from processor import worker
from processor.deadline import TooLongError, within
from tests.deciding import considered
from tests.hostile.properties import books
from tests.scenarios.world import MAILS


def endless() -> int:
    number = 0
    while number >= 0:
        number += 1
    return number


def test_a_call_without_end_is_given_up() -> None:
    begin = time.monotonic()
    with pytest.raises(TooLongError):
        within(0.05, endless)
    assert time.monotonic() - begin < 10


def test_a_call_in_time_is_left_alone_also_when_its_time_ends_just_then() -> None:
    for _ in range(300):
        with suppress(TooLongError):
            assert within(0.0, lambda: 7) == 7
    time.sleep(0.05)

    assert within(60, lambda: 8) == 8


def test_a_call_that_fails_fails_as_it_does() -> None:
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_deciding_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = (MAILS / "shared" / "cases" / "d001-payment-two-paragraphs-before" / "1.eml").read_bytes()
    monkeypatch.setattr(worker, "DECIDING", 0.0)

    with pytest.raises(TooLongError):
        considered(books(), mail)
