"""`make demo`: what a newcomer sees first."""

import re
import subprocess
import sys

from tests.scenarios.world import ROOT, environment


def test_the_demo_plays_twice_from_a_clean_start() -> None:
    command = [sys.executable, "-m", "processor", "demo"]

    shown = [
        subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        for _ in range(2)
    ]

    assert [(done.returncode, done.stderr) for done in shown] == [(0, ""), (0, "")]
    for done in shown:
        assert "INBOX 0" in done.stdout
        assert "The ledger holds" in done.stdout
        rows = [line for line in done.stdout.splitlines() if re.match(r"[ \d]\d  \S", line)]
        assert len(rows) == 17
        outcomes = ("applied", "needs_details", "rejected", "answered", "ignored", "quarantined")
        assert all(any(f" {outcome} " in row for row in rows) for outcome in outcomes)
        assert all(greeting in done.stdout for greeting in ("Dear ", "Geachte ", "Guten Tag", "Bonjour"))
