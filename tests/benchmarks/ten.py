"""What many machines do together, simulated from what one was measured to do: `python -m tests.benchmarks.ten`.

Each machine takes mails of a full queue. A mail computes on one of the machine's processors, and visits the database in
turns, where each statement waits for one of the database's processors and each commit for the disk. Letters leave one
by one from the machine that holds the lease.
"""

from __future__ import annotations

import heapq
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

import typer

VISITS = 6  # of a mail to the database: count the attempt, gather twice, commit twice, end the job


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured of a mail: milliseconds, and counts."""

    cpu: float
    statements: int
    statement: float  # of the database's processor
    round_trip: float
    commit: float  # of the disk; commits that wait at the same time share one
    letter: float


@dataclass(slots=True)
class Pool:
    """Servers of one kind, each busy until a moment; who comes takes the one that is free first."""

    size: int
    free: list[float] = field(default_factory=list)
    busy: float = 0.0

    def serve(self, at: float, needs: float) -> float:
        """Return when somebody who comes at a moment has been served."""
        start = max(at, heapq.heappop(self.free) if len(self.free) == self.size else 0.0)
        heapq.heappush(self.free, start + needs)
        self.busy += needs
        return start + needs


@dataclass(slots=True)
class World:
    """Machines, one database, one way out."""

    costs: Costs
    processors: list[Pool]
    database: Pool
    letters: Pool

    def mail(self, machine: int, at: float) -> Iterator[float]:
        """Let a machine handle a mail; yields the moments at which something of it ends."""
        costs = self.costs
        for _ in range(VISITS):
            at = self.processors[machine].serve(at, costs.cpu / VISITS)
            yield at
            asked = costs.statements / VISITS
            at = self.database.serve(at, asked * costs.statement) + asked * costs.round_trip
            yield at
        yield at + costs.commit
        self.letters.serve(at + costs.commit, costs.letter)


def simulate(costs: Costs, machines: int, processors: int, database: int, mails: int) -> dict[str, float]:
    """Return mails and letters a second, and how busy the processors are, of machines and database."""
    world = World(costs, [Pool(processors) for _ in range(machines)], Pool(database), Pool(1))
    chance = random.Random(7)  # noqa: S311 repeatable chance
    left, now = mails, 0.0
    coming: list[tuple[float, int, int, Iterator[float]]] = []
    for number in range(machines * processors * 3):  # more than can compute: others wait
        heapq.heappush(coming, (chance.random(), number, number % machines, iter(())))
    while coming:
        now, number, machine, mail = heapq.heappop(coming)
        after = next(mail, None)
        if after is None and left:
            left -= 1
            mail = world.mail(machine, now)
            after = next(mail)
        if after is not None:
            heapq.heappush(coming, (after, number, machine, mail))
    return {
        "machines": machines,
        "mails_a_second": round(1000 * mails / now, 1),
        "database_busy": round(world.database.busy / now / database, 2),
        "letters_a_second": round(min(mails / now, mails / world.letters.busy) * 1000, 1),
        "processors_busy": round(sum(one.busy for one in world.processors) / now / machines / processors, 2),
    }


def main(
    *,
    cpu: Annotated[float, typer.Option(help="Milliseconds that a mail computes.")] = 12.0,
    statements: Annotated[int, typer.Option(help="Round trips of a mail to the database.")] = 33,
    statement: Annotated[float, typer.Option(help="Milliseconds of the database's processor for one.")] = 0.08,
    round_trip: Annotated[float, typer.Option(help="Milliseconds to the database and back.")] = 0.3,
    commit: Annotated[float, typer.Option(help="Milliseconds of a commit.")] = 2.0,
    letter: Annotated[float, typer.Option(help="Milliseconds of a letter on the way out.")] = 5.0,
    processors: Annotated[int, typer.Option(help="Of each machine.")] = 2,
    database: Annotated[int, typer.Option(help="Processors of the database's machine.")] = 8,
    mails: Annotated[int, typer.Option(help="Mails in the queue.")] = 20_000,
) -> None:
    """Simulate one machine, and more; print a line of JSON for each."""
    costs = Costs(cpu, statements, statement, round_trip, commit, letter)
    for machines in (1, 2, 5, 10, 20, 40):
        typer.echo(json.dumps(simulate(costs, machines, processors, database, mails)))


if __name__ == "__main__":
    typer.run(main)
