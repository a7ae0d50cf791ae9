"""`python -m tests.simulation.redelivery 1000`: all that was filed comes back so many times, and nothing happens."""

from __future__ import annotations

import sys
import time

from sqlalchemy import text

from tests.simulation.checker import violations
from tests.simulation.mails import Kind, write
from tests.simulation.outside import quiet
from tests.simulation.run import open_world
from tests.simulation.world import World

TABLES = ("mail", "decision", "allocation", "letter", "request", "review_item", "audit_entry")


def redeliver(times: int) -> list[str]:
    """Work one mail of each kind, then feed them all again under a new UIDVALIDITY; return what is new or broken."""
    world = open_world(1)
    for number, kind in enumerate((Kind.WHOLE, Kind.PART, Kind.VAGUE, Kind.FORGED, Kind.ROBOT, Kind.POISON), 1):
        world.arrive(write(kind, number, number))
    world.settle()
    before = _counts(world)
    for _ in range(times):
        world.mailbox_is_restored()
        world.live(crash=False)
    world.settle()
    world.seen.folders, world.seen.accepted = world.office.standing(), world.mailer.accepted
    found = violations(world.engine, world.seen)
    return found + [
        f"{name}: {before[name]} became {count}" for name, count in _counts(world).items() if count != before[name]
    ]


def _counts(world: World) -> dict[str, int]:
    with world.engine.connect() as connection:
        counts = {name: int(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0) for name in TABLES}  # noqa: S608
    return counts | {"letters accepted": len(world.mailer.accepted)}


if __name__ == "__main__":
    quiet()
    begin = time.monotonic()
    broken = redeliver(int(sys.argv[1]))
    sys.stdout.write(f"{sys.argv[1]} times, {len(broken)} violations {broken[:5]}, {time.monotonic() - begin:.0f} s\n")
    sys.exit(bool(broken))
