"""How fast whole mails go through, beside a naive script and the floor: `python -m tests.benchmarks.throughput`.

From a full INBOX to the last letter accepted and the last mail filed, every safety on. All contestants run in turn, so
that the ratios hold on a busy machine; rates are net of the start, which an empty mailbox measures.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tests.benchmarks import mails
from tests.benchmarks.stage import Stage, open_stage, rows_in
from tests.scenarios.world import ROOT, environment

CONTESTANTS = ("naive", "ours", "floor")


@dataclass(frozen=True, slots=True)
class Run:
    """One contestant's run: seconds of the wall and of the processor, with those of its children."""

    wall: float
    cpu: float
    smtp_round_trips: int
    smtp_connections: int


def command(stage: Stage, contestant: str, kind: str, items: int, amount: int) -> tuple[list[str], str]:
    """Fill a mailbox, and say how the contestant is started on it, and where its database is."""
    account = stage.account()
    stage.deliver(account, mails.mails(amount))
    url = stage.database(kind, items, ours=contestant == "ours")
    if contestant == "ours":
        config = str(stage.settings(account, url))
        return [sys.executable, "-m", "processor", "run", "--once", "--config", config], url
    assert account.login is not None
    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    place = [driver, str(account.port), account.login.user, account.login.password, str(stage.smtp_port)]
    return [sys.executable, "-m", f"tests.benchmarks.{contestant}", *place], url


def run(stage: Stage, contestant: str, kind: str, amount: int, items: int) -> Run:
    """Run a contestant on a mailbox of its own, and see that it did all its work."""
    words, url = command(stage, contestant, kind, items, amount)
    before, used, begin = stage.counted(), os.times(), time.perf_counter()
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    wall, after, spent = time.perf_counter() - begin, stage.counted(), os.times()
    assert done.returncode == 0, done.stderr[-3000:]
    money = rows_in(url, "allocation" if contestant == "ours" else "naive_allocation")
    assert money == sum(map(mails.applies, range(amount))), f"{contestant} applied {money}"
    letters = after.letters - before.letters
    assert letters == sum(map(mails.answered, range(amount))), f"{contestant} sent {letters}"
    _forget(url)
    cpu = sum(spent[2:4]) - sum(used[2:4])
    return Run(wall, cpu, after.round_trips - before.round_trips - 3, after.connections - before.connections - 1)


def _forget(url: str) -> None:
    if url.startswith("sqlite"):
        for suffix in ("", "-wal", "-shm", ".lock"):
            with suppress(FileNotFoundError):
                Path(url.removeprefix("sqlite:///") + suffix).unlink()


def measure(stage: Stage, kind: str, amount: int, repeats: int) -> dict[str, Any]:
    """Run everybody so often, in turn; return rates, ratios and counts of the median run."""
    starts = {name: run(stage, name, kind, 0, amount).wall for name in CONTESTANTS}
    runs: dict[str, list[Run]] = {name: [] for name in CONTESTANTS}
    for _ in range(repeats):
        for name in CONTESTANTS:
            runs[name].append(run(stage, name, kind, amount, amount))
    took = {name: statistics.median(one.wall for one in runs[name]) - starts[name] for name in CONTESTANTS}
    turns = zip(*(runs[name] for name in CONTESTANTS), strict=True)
    ratios = [{name: one.wall - starts[name] for name, one in zip(CONTESTANTS, turn, strict=True)} for turn in turns]
    return {
        "database": kind,
        "mails_a_second": {name: round(amount / took[name], 1) for name in CONTESTANTS},
        "cpu_ms_a_mail": {
            name: round(1000 * statistics.median(one.cpu for one in runs[name]) / amount, 2) for name in CONTESTANTS
        },
        "start_seconds": {name: round(starts[name], 2) for name in CONTESTANTS},
        "times_naive": round(statistics.median(one["naive"] / one["ours"] for one in ratios), 2),
        "of_floor": round(statistics.median(one["floor"] / one["ours"] for one in ratios), 3),
        "floor_times_naive": round(statistics.median(one["naive"] / one["floor"] for one in ratios), 2),
        "smtp_round_trips_a_mail": {
            name: round(statistics.median(one.smtp_round_trips for one in runs[name]) / amount, 2)
            for name in CONTESTANTS
        },
    }


def main(
    mails_each: Annotated[int, typer.Option("--mails", help="Mails in each run.")] = 2000,
    repeats: Annotated[int, typer.Option(help="Runs of each contestant; medians are told.")] = 5,
    database: Annotated[list[str] | None, typer.Option(help="sqlite or postgresql; both where none is named.")] = None,
) -> None:
    """Measure, print a table, and one line of JSON last."""
    kinds, load = database or ["sqlite", "postgresql"], os.getloadavg()[0]
    with open_stage(postgres="postgresql" in kinds) as stage:
        found = [measure(stage, kind, mails_each, repeats) for kind in kinds]
    typer.echo(f"{'':<12}{'naive/s':>9}{'ours/s':>9}{'floor/s':>9}{'x naive':>9}{'of floor':>9}{'CPU ms':>8}")
    for one in found:
        rates = "".join(f"{one['mails_a_second'][name]:>9}" for name in CONTESTANTS)
        told = f"{one['times_naive']:>9}{one['of_floor']:>9}{one['cpu_ms_a_mail']['ours']:>8}"
        typer.echo(f"{one['database']:<12}{rates}{told}")
    typer.echo(json.dumps({"mails": mails_each, "repeats": repeats, "load": round(load, 1), "found": found}))


if __name__ == "__main__":
    typer.run(main)
