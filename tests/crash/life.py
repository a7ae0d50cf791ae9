"""Lives of the worker: for each line of input a fork of this warm process opens everything and works until killed.

The program's own parts run, as `run --once` puts them together; but mails are read in the process itself, since
starting children would take longer than a life lasts.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from processor import events, wiring
from processor.adapters import books_sql, journal_sql, outbox_sql, render, smtp  # noqa: F401 a fork imports nothing more
from processor.adapters.memory_ledger import LedgerCopy
from processor.failpoints import Failpoint, armed
from processor.follow_up import follow_up_in
from processor.mail_files import stored_mail
from processor.policy_files import policy_from
from processor.scheduler import stop_on_signals
from processor.settings_load import load_settings
from processor.wiring import open_work
from processor.worker import Worker
from tests.deciding import InProcess
from tests.simulation.mails import MAILBOX, Kind, write


@dataclass(frozen=True, slots=True)
class Order:
    """How a life shall end: at the n-th failpoint (0: never) or after so many seconds (0: never); `days` lie ahead."""

    nth: int = 0
    only: str = ""  # count this failpoint alone
    seconds: float = 0.0
    days: int = 0
    politely: bool = False  # by SIGTERM


class LaterClock:
    """A clock (port `Clock`) some days ahead, at noon of a day; or the machine's own."""

    days = 0

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return (now + timedelta(days=self.days)).replace(hour=12) if self.days else now


def main() -> None:
    """Serve until the input ends. Each answer is the exit status: -9 for a life that was killed."""
    events.configure("json", "warning")
    config, points = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    clock = _warm(config)
    for line in sys.stdin:
        order = Order(**json.loads(line))
        child = os.fork()
        if not child:
            clock.days = order.days
            _live(config, order, points)
        if order.seconds:
            time.sleep(order.seconds)
            os.kill(child, signal.SIGTERM if order.politely else signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _warm(config: Path) -> LaterClock:
    """Read the lexicons and compile the templates once for all lives; no file and no connection stays open."""
    settings, clock = load_settings(config), LaterClock()
    policy, renderer = policy_from(settings), wiring.renderer_for(settings, clock)
    renderer.check()
    ready = {"SystemClock": lambda: clock, "policy_from": lambda _: policy, "renderer_for": lambda *_: renderer}
    vars(wiring).update(ready)
    with closing(LedgerCopy(config.parent / "books")) as copy:
        worker = Worker(InProcess(), copy.fresh(), renderer, policy)
        worker.handle(stored_mail(write(Kind.WHOLE, 1, 1).raw, 1, MAILBOX))
    return clock


def _live(config: Path, order: Order, points: int) -> None:
    """Work as the program does, and end this process in any case."""
    status = 1
    try:
        settings = load_settings(config)
        with armed(_fuse(order, points)), open_work(settings) as work:
            stop_on_signals(work.rounds.stopping)
            follow_up = follow_up_in(work, settings)
            rounds = replace(work.rounds, worker=replace(work.rounds.worker, reader=InProcess()))
            troubles = rounds.drain(follow_up.turn)
            sys.stderr.write("".join(f"{trouble}\n" for trouble in troubles))
            status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def _fuse(order: Order, points: int) -> Callable[[Failpoint], None]:
    left = [order.nth]

    def reached(point: Failpoint) -> None:
        os.write(points, f"{point.name}\n".encode())
        if order.only in ("", point.name):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


if __name__ == "__main__":
    main()
