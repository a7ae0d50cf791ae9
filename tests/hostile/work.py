"""The whole worker as a process of its own: for each line of input it drains the mailbox and tells what that cost.

A line is a JSON list of files: mails that the test's mail server would not take, stored as if they had been fetched.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from processor import events
from processor.adapters.fields import header_block
from processor.follow_up import follow_up_in
from processor.ports import FetchedMail, StoredMail
from processor.settings_load import load_settings
from processor.wiring import open_work
from processor.worker import Considered, Worker


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that the worker held one mail in hand; mails are numbered in order of arrival."""

    mail: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Watched(Worker):
    """A worker that notes what each mail costs."""

    costs: list[Cost]

    def handle(self, mail: StoredMail, attempt: int = 1) -> Considered:
        begin = time.perf_counter()
        try:
            return Worker.handle(self, mail, attempt)
        finally:
            self.costs.append(Cost(mail.id, time.perf_counter() - begin))


def main() -> None:
    """Serve until the input ends."""
    settings = load_settings(Path(sys.argv[1]))
    events.configure("json", "info")
    costs: list[Cost] = []
    with open_work(settings) as work:
        plain = work.rounds.worker
        watched = Watched(plain.reader, plain.books, plain.renderer, plain.policy, costs)
        rounds, follow_up = replace(work.rounds, worker=watched, at_once=1), follow_up_in(work, settings)
        taken = count(1)
        for line in sys.stdin:
            for file in json.loads(line):
                fetched = _fetched(next(taken), Path(file).read_bytes(), settings.intake.max_bytes)
                work.rounds.intake.store("refused", "INBOX", 1, [fetched])
            troubles = rounds.drain(follow_up.turn)
            told = {
                "troubles": troubles,
                "costs": [asdict(cost) for cost in costs],
                "parent": _resident(os.getpid(), "VmRSS"),
                "child": max(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, _children()),
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
            costs.clear()


def _fetched(uid: int, raw: bytes, most: int) -> FetchedMail:
    if len(raw) <= most:
        return FetchedMail(uid, datetime.now(UTC), raw)
    return FetchedMail(uid, datetime.now(UTC), header_block(raw)[:1_000_000], headers_only=True, size=len(raw))


def _children() -> int:
    """Return the most that a living child has held so far, in bytes."""
    mine = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii")
    return max((_resident(int(child), "VmHWM") for child in mine.split()), default=0)


def _resident(process: int, figure: str) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{figure}:")), 0)


if __name__ == "__main__":
    main()
