"""The result lines of some labelled conversations, without the seconds: `python -m tests.core.told [--count N]`."""

from __future__ import annotations

from random import Random

import typer

from processor import events
from processor.result import result_line
from tests.deciding import Desk
from tests.labels import read_cases, sets

SEED = 20261118


def main(count: int = 1_000_000) -> None:
    """Decide so many conversations of each set, always the same, and print what the world is told."""
    events.configure(level="error")
    for folder in sets():
        desk, cases = Desk(folder / "ledger"), list(read_cases(folder))
        for case in Random(SEED).sample(cases, min(count, len(cases))):  # noqa: S311  # chance by number
            for number, done in enumerate(desk.decide(case.mails), 1):
                typer.echo(result_line(case.name, f"{number}.eml", done, 0))
                typer.echo(repr(done.decision))


if __name__ == "__main__":
    typer.run(main)
