"""A campaign against a cluster: `python -m tests.cluster --mails 5000 --kill-every 20`; ends with 1 where it broke."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Annotated

import typer

from tests.cluster.campaign import cluster, work_through


def main(
    mails: Annotated[int, typer.Option(help="Mails in the inbox.")] = 5000,
    processes: Annotated[int, typer.Option(help="Processes that work at the same time.")] = 3,
    kill_every: Annotated[float, typer.Option(help="Seconds between kills; 0 for none.")] = 20.0,
    again: Annotated[float, typer.Option(help="Share of the mails that come twice.")] = 0.0,
    most_seconds: Annotated[float, typer.Option(help="Until it counts as stuck.")] = 3600.0,
    seed: Annotated[int, typer.Option(help="Draws whom to kill.")] = 1,
) -> None:
    """Fill an inbox, let processes work and die, and print one line of JSON."""
    load = os.getloadavg()[0]
    with cluster(mails, again=again) as one:
        begin = time.monotonic()
        broken = work_through(one, processes, kill_every, most_seconds, seed)
        seconds = time.monotonic() - begin
    told = {"mails": mails, "again": one.again, "processes": processes, "kills": one.kills}
    typer.echo(json.dumps({**told, "seconds": round(seconds, 1), "load": round(load, 1)} | _told(broken)))
    sys.exit(bool(broken))


def _told(broken: list[str]) -> dict[str, object]:
    return {"violations": len(broken), "broken": broken[:5]}


if __name__ == "__main__":
    typer.run(main)
