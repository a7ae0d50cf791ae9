"""One person alone against the second pair of eyes: every way past it at once, from several windows, again and again.

`python -m tests.console.races --rounds 1000` says how the tries were answered; nothing may move.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

from sqlalchemy import func, select
from starlette.testclient import TestClient

from processor import events
from processor.adapters.accounts_sql import Person, add_account
from processor.adapters.approval_sql import pending
from processor.adapters.engine import reading
from processor.adapters.tables import allocation
from tests.console.house import PASSWORD, House, build, open_house, open_reader
from tests.console.test_acts import BANK, LINE, hidden, show, token_of

WINDOWS = 4  # of the same person
SECOND = "second"


def race(house: House, rounds: int) -> Counter[str]:
    """Let an approver try alone so often to carry out what they proposed; return how the tries were answered.

    Raises `AssertionError` when anything moved, or when a second person can't do it in the end.
    """
    house = with_four_eyes(house)
    windows = [house.client("approver") for _ in range(WINDOWS)]
    tokens = [token_of(one) for one in windows]
    answers: Counter[str] = Counter()
    before = allocated(house)
    with ThreadPoolExecutor(WINDOWS) as pool:
        for _ in range(rounds):
            answers.update(_round(house, windows, tokens, pool))
            assert allocated(house) == before, "one person alone moved money"
    _by_two(house)
    assert allocated(house) == before + 1
    return answers


def with_four_eyes(house: House) -> House:
    """Let everything above 500 pounds need a second person."""
    safety = house.room.settings.safety.model_copy(update={"four_eyes": {"GBP": "500"}})
    return replace(house, room=replace(house.room, settings=house.room.settings.model_copy(update={"safety": safety})))


def allocated(house: House) -> int:
    """Return how many allocations there are."""
    with reading(house.room.engine) as connection:
        return connection.scalar(select(func.count()).select_from(allocation)) or 0


def _round(house: House, windows: list[TestClient], tokens: list[str], pool: ThreadPoolExecutor) -> list[str]:
    """Propose, then at once: approve it twice, propose it again, and approve what that would become."""
    sealed = hidden(show(windows[0], BANK, "apply", **LINE))
    apply = f"/item/{BANK}/decide/apply"
    assert windows[0].post(apply, data=sealed).status_code == 303
    number = pending(house.room.engine)[-1].id
    seal = sealed["seal"]
    start = Barrier(WINDOWS)

    def approving(window: int, approval: int) -> Callable[[], str]:
        form = {"form_token": tokens[window], "seal": seal}
        return lambda: _told(windows[window].post(f"/approval/{approval}", data=form).text)

    def proposing() -> str:
        again = windows[2].post(apply, data=sealed | {"form_token": tokens[2]})
        return "proposed" if again.status_code == 303 else "shown again"

    tries = (approving(0, number), approving(1, number), proposing, approving(3, number + 1))

    def at_once(act: Callable[[], str]) -> str:
        start.wait(30)
        return act()

    return list(pool.map(at_once, tries))


def _told(text: str) -> str:
    """Name an answer to an approval."""
    known = {"a second person must do this": "refused", "doesn&#39;t wait any more": "too late"}
    return next((name for words, name in known.items() if words in text), "shown again")


def _by_two(house: House) -> None:
    """Carry out what waits by somebody else, as it must be possible."""
    add_account(house.room.engine, Person(SECOND, "Robin Second", "approver", PASSWORD), "tests", house.clock.now())
    client = house.client(SECOND)
    waiting = pending(house.room.engine)[-1]
    seen = client.post(f"/approval/{waiting.id}", data={"form_token": token_of(client)})
    assert client.post(f"/approval/{waiting.id}", data=hidden(seen.text)).status_code == 303


def main() -> None:
    """Race."""
    parser = argparse.ArgumentParser(prog="races")
    parser.add_argument("--rounds", type=int, default=1000)
    rounds = parser.parse_args().rounds
    events.configure("console", "error")
    with TemporaryDirectory() as folder, open_reader() as reader:
        build(Path(folder) / "built.db", reader, history=False)
        with open_house(Path(folder) / "built.db", Path(folder) / "console.db", reader) as house:
            answers = race(house, rounds)
    sys.stdout.write(f"{rounds} races of one person in {WINDOWS} windows, nothing moved: {dict(answers)}\n")


if __name__ == "__main__":
    main()
