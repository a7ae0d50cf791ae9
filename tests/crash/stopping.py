"""`make stops STOPS=200`: the program as it is shipped, stopped by SIGTERM with mails in hand; the last line is JSON.

Each stop has to end with status 0 within 30 s, and every promise has to hold when the work has been taken up again.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.crash.campaign import postgres_houses, sqlite_houses
from tests.crash.house import House
from tests.scenarios.world import ROOT, environment

STOP_SECONDS = 30.0
STARTS_IN_A_HOUSE = 5
MAILS = 6  # that come before each start
BUSY_SECONDS = 1.2  # from its start, within which it is stopped
START_SECONDS = 120.0


@dataclass
class Stops:
    """What a campaign came to."""

    took: list[float] = field(default_factory=list)  # seconds from the signal to the end
    in_hand: int = 0  # stops that left work undone
    broken: list[str] = field(default_factory=list)


def stop_often(amount: int, seed: int, fresh: Callable[[], House], tell: Callable[[int], object] = int) -> Stops:
    """Start and stop the program so many times, at random moments of its work."""
    tally, chance = Stops(), Random(seed)  # noqa: S311 moments, not secrets
    while len(tally.took) < amount:
        one = fresh()
        for turn in range(min(STARTS_IN_A_HOUSE, amount - len(tally.took))):
            one.fill(chance, MAILS, first=turn * MAILS + 1)
            tally.broken += _stop(one, chance.uniform(0.0, BUSY_SECONDS), tally.took)
            tally.in_hand += one.undone() > 0
            tell(len(tally.took))
        tally.broken += one.finish()
    return tally


def _stop(one: House, moment: float, took: list[float]) -> list[str]:
    """Start it, stop it at a moment of its work, and return what was wrong about its end."""
    log = one.folder / "worker.log"
    command = [sys.executable, "-m", "processor", "run", "--config", str(one.folder / "processor.toml")]
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=told, stderr=told)
    deadline = time.monotonic() + START_SECONDS
    while b"started" not in log.read_bytes() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(moment)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(2 * STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    took.append(time.monotonic() - begin)
    words = log.read_text(encoding="utf-8")
    if status == 0 and took[-1] <= STOP_SECONDS and '"event": "broke"' not in words:
        return []
    return [f"ended with {status} after {took[-1]:.1f} s: {words[-500:]}"]


def main() -> int:
    """Run, tell, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.stopping", description=__doc__)
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    begin = time.monotonic()
    with {"sqlite": sqlite_houses, "postgresql": postgres_houses}[options.database]() as fresh:
        tally = stop_often(options.stops, options.seed, fresh, lambda stops: sys.stderr.write(f"\r{stops} stops"))
    sys.stdout.write("".join(f"BROKEN  {sentence}\n" for sentence in tally.broken))
    told = {
        "database": options.database,
        "stops": len(tally.took),
        "with work left": tally.in_hand,
        "slowest": round(max(tally.took, default=0.0), 2),
        "violations": len(tally.broken),
        "seed": options.seed,
        "seconds": round(time.monotonic() - begin, 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
