"""Whole installations under seeds: no promise is broken, the same seed is the same run, and planted bugs are found."""

import pytest

from processor.failpoints import Failpoint
from tests.simulation.bugs import BUGS
from tests.simulation.redelivery import redeliver
from tests.simulation.run import simulate

SEEDS = 10
PATIENCE = 20  # seeds within which a planted bug must show


def test_no_seed_breaks_a_promise_and_every_failpoint_is_reached() -> None:
    results = [simulate(seed) for seed in range(SEEDS)]

    assert {result.seed: result.violations for result in results if result.violations} == {}
    assert set(Failpoint) == set().union(*(result.points for result in results))
    assert sum(result.crashes for result in results) > SEEDS


def test_a_seed_replays_exactly() -> None:
    first, second, other = simulate(7), simulate(7), simulate(8)

    assert first.trace == second.trace
    assert first.digest == second.digest != other.digest


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str) -> None:
    plant, promises = BUGS[bug]

    found = next((result for seed in range(PATIENCE) if (result := simulate(seed, plant)).violations), None)

    assert found is not None
    assert any(sentence.startswith(promises) for sentence in found.violations), found.violations
    assert simulate(found.seed, plant).violations == found.violations
    assert simulate(found.seed).violations == []


def test_the_whole_mailbox_again_and_again_brings_nothing_new() -> None:
    assert redeliver(20) == []
