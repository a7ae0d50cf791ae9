"""One seed, from its first mail to the checker's verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from processor.failpoints import Failpoint
from tests.simulation.checker import books_violations, violations
from tests.simulation.database import fresh
from tests.simulation.outside import START
from tests.simulation.world import CLOCK, QUIET, World

STEPS = 24


@dataclass
class Result:
    """What a seed came to. `trace` is everything that happened, in order; `digest` stands for all of it."""

    seed: int
    violations: list[str]
    trace: list[str]
    points: set[Failpoint]
    crashes: int
    digest: str


Plant = Callable[["World"], None]


def open_world(seed: int) -> World:
    """Return a world in which nothing has happened yet. The one before it ends."""
    CLOCK.moment = START
    return World(Random(seed), fresh(), CLOCK)  # noqa: S311 a seed, not a secret


def simulate(seed: int, plant: Plant | None = None) -> Result:
    """Run one seed, with a bug planted where one is given."""
    world = open_world(seed)
    if plant is not None:
        plant(world)
    found: list[str] = []
    for _ in range(STEPS):
        world.step()
        if found := books_violations(world.engine):
            break
    if not found and seed % 2:
        world.days_pass()
    if not found and not world.settle():
        found.append(f"P8 work did not end within {QUIET} turns")
    world.seen.folders = world.office.standing()
    world.seen.accepted = world.mailer.accepted
    found = found or violations(world.engine, world.seen)
    return Result(seed, found, world.trace, world.points, world.seen.crashes, world.fingerprint())
