"""`make simulate SEEDS=2000`: so many seeds, on several processes; the last line is JSON, and any violation fails."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from math import inf

from processor.failpoints import Failpoint
from tests.simulation.outside import quiet
from tests.simulation.run import Result, simulate


def main() -> int:
    """Run, tell, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--minutes", type=float, default=inf, help="at most")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--trace", action="store_true", help="tell everything that happens")
    options = parser.parse_args()
    begin = time.monotonic()
    seeds = range(options.first, options.first + options.seeds)
    points, failing, crashes, number = set[Failpoint](), list[Result](), 0, 0
    with ProcessPoolExecutor(options.jobs, initializer=quiet) as pool:
        for number, result in enumerate(pool.map(simulate, seeds, chunksize=10), 1):
            crashes += result.crashes
            points |= result.points
            if result.violations:
                failing.append(result)
                sys.stdout.write(f"seed {result.seed}: {'; '.join(result.violations[:5])}\n")
            if options.trace:
                sys.stdout.write("\n".join(result.trace) + "\n")
            if number % 100 == 0:
                sys.stderr.write(f"\r{number}/{options.seeds}")
            if time.monotonic() > begin + 60 * options.minutes:
                pool.shutdown(cancel_futures=True)
                break
    told = {
        "seeds": number,
        "first": options.first,
        "violations": len(failing),
        "promises": Counter(sentence.split()[0] for one in failing for sentence in one.violations),
        "crashes": crashes,
        "failpoints": f"{len(points)}/{len(Failpoint)}",
        "seconds": round(time.monotonic() - begin, 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
