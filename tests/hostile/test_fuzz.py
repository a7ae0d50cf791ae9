"""A short turn of every fuzzer. `make fuzz SECONDS=3600` is the long one."""

import pytest

from tests.hostile.fuzz import TARGETS, play

ROUNDS = {"identity": 400, "message": 300, "request": 60, "amounts": 150, "results": 1_000}


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found_in_a_short_turn(name: str) -> None:
    assert [wrong for number in range(ROUNDS[name]) if (wrong := play(TARGETS[name], number))] == []
