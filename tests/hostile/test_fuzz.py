"""A short turn of every fuzzer. `make fuzz SECONDS=3600` is the long one."""

from time import process_time

import pytest

from tests.hostile.fuzz import TARGETS, play

ROUNDS = {"identity": 400, "message": 300, "request": 60, "amounts": 150, "results": 1_000}


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found_in_a_short_turn(name: str) -> None:
    assert [wrong for number in range(ROUNDS[name]) if (wrong := play(TARGETS[name], number))] == []


# What long turns found: words that took time by the square, or the cube, of their number.
FOUND = [
    b"100,00 and 200,00 EUR\n" + b"-" * 5_000 + b" on G1\n",
    b"Content-Transfer-Encoding: base64\n" * 3_000,
]


@pytest.mark.parametrize("raw", FOUND)
def test_what_was_found_is_mended(raw: bytes) -> None:
    begin = process_time()

    TARGETS["amounts"].check(raw)

    assert process_time() - begin < 5
