"""Help answers at once: nothing that works is imported for it."""

import os
import subprocess
import sys

from tests.scenarios.world import ROOT, environment

HEAVY = ("sqlalchemy", "imapclient", "jinja2", "apscheduler", "pydantic", "procrastinate", "processor.core.decide")


def test_help_takes_less_than_a_third_of_a_second_of_the_processor() -> None:
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "processor", "--help"], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    after = os.times()

    assert done.returncode == 0
    assert sum(after[2:4]) - sum(before[2:4]) < 0.3  # a wall clock would measure the neighbours


def test_help_imports_nothing_heavy() -> None:
    asked = f"import sys, processor.cli.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=environment(), capture_output=True, check=False)

    assert done.stdout.decode().strip() == "[]"
