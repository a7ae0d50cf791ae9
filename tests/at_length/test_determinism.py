"""The same mails come to the same bytes, whatever the run, the hash seed and the time zone."""

from __future__ import annotations

import os
import subprocess
import sys

SOME = "5"  # conversations of each set


def told(**environment: str) -> bytes:
    run = subprocess.run(
        [sys.executable, "-m", "tests.core.told", "--count", SOME],
        capture_output=True,
        check=True,
        env=os.environ | environment,
        timeout=100,
    )
    return run.stdout


def test_every_run_says_the_same() -> None:
    first = told(PYTHONHASHSEED="0", TZ="UTC")

    assert first.count(b"\n") > 50
    assert told(PYTHONHASHSEED="1", TZ="Asia/Tokyo") == first
    assert told(PYTHONHASHSEED="4711", TZ="America/St_Johns") == first
