"""`make faults`: every call to every port, every error, once, for ever and while recovering; the last line is JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.faults.loop import faults, trial
from tests.simulation.outside import quiet


def main() -> int:
    """Run, tell, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--step", type=int, default=1, help="take every so-many-th fault")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    begin = time.monotonic()
    quiet()
    every, met, broken = list(faults(options.step)), Counter[str](), 0
    with ProcessPoolExecutor(options.jobs, initializer=quiet) as pool:
        for fault, (gauge, found) in zip(every, pool.map(trial, every, chunksize=10), strict=True):
            met.update(set(gauge.met))
            broken += bool(found)
            if found:
                sys.stdout.write(f"BROKEN  {fault} at {gauge.met}: {'; '.join(found[:3])}\n")
    told = {"faults": len(every), "violations": broken, "calls": met, "seconds": round(time.monotonic() - begin, 1)}
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
