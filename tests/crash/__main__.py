"""`make crash KILLS=200`: every failpoint once, then so many kills, on SQLite or PostgreSQL; the last line is JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from math import inf

from tests.crash.campaign import campaign, postgres_houses, sqlite_houses, stops, walk

STOP_SECONDS = 30.0


def main() -> int:
    """Run, tell, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=inf, help="at most, of killing")
    parser.add_argument("--stops", type=int, default=20, help="by SIGTERM, at random moments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    begin = time.monotonic()
    houses = {"sqlite": sqlite_houses, "postgresql": postgres_houses}[options.database]
    with houses() as fresh:
        broken = walk(fresh())
        tally = campaign(options.kills, options.seed, fresh, _tell, 60 * options.minutes)
        took, left = stops(options.stops, options.seed, fresh)
    broken += [*tally.broken, *left, *(f"a stop took {seconds:.0f} s" for seconds in took if seconds > STOP_SECONDS)]
    sys.stdout.write("".join(f"BROKEN  {sentence}\n" for sentence in broken))
    told = {
        "database": options.database,
        "kills": tally.kills,
        "houses": tally.houses,
        "mails": tally.mails,
        "uncertain": tally.uncertain,
        "stops": len(took),
        "slowest stop": round(max(took, default=0.0), 1),
        "failpoints": len(tally.points),
        "violations": len(broken),
        "seed": options.seed,
        "seconds": round(time.monotonic() - begin, 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if broken else 0


def _tell(kills: int) -> None:
    sys.stderr.write(f"\r{kills} kills")


if __name__ == "__main__":
    sys.exit(main())
