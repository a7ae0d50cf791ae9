"""When things run: polling and delivery at intervals in UTC, never twice at once, and sooner when there is cause.

A tick and a wake-up are only occasions to look; what there is to do, the mailbox and the database say.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from processor import events
from processor.heart import DELIVERED, PROGRESS, Heart
from processor.ports import Mailbox
from processor.rounds import Rounds
from processor.settings import ScheduleSettings

IDLE_SECONDS = 60.0  # of one wait for a sign from the mail server


class Turn:
    """Something to be done now and then, never twice at once. Asked for while it runs, it runs once more."""

    def __init__(self, name: str, act: Callable[[], object], heart: Heart | None = None) -> None:
        self.name = name
        self._act = act
        self._heart = heart
        self._wanted = threading.Event()
        self._running = threading.Lock()

    def take(self) -> None:
        """Run now; where it is running already, leave word and return."""
        self._wanted.set()
        while self._wanted.is_set() and self._running.acquire(blocking=False):
            try:
                self._wanted.clear()
                self._moves()
                self._act()
                self._moves()
            except Exception as error:  # noqa: BLE001 the next tick tries again; a scheduler that died would do nothing
                events.broke(self.name, error)
            finally:
                self._running.release()

    def _moves(self) -> None:
        if self._heart is not None:
            self._heart.touch(self.name)


class Scheduler:
    """Runs the rounds until it is told to stop; `watch` looks every so many seconds at whether work is stuck."""

    def __init__(
        self,
        rounds: Rounds,
        mailbox: Mailbox,
        schedule: ScheduleSettings,
        follow_up: Callable[[], object],
        watch: tuple[Callable[[], object], float] | None = None,
    ) -> None:
        heart = rounds.heart
        self._stopping = rounds.stopping
        self._mailbox = mailbox
        self._schedule = schedule
        self._rounds = rounds
        self._heart = heart
        self._poll = Turn("turn poll", self._poll_then_deliver, heart)
        self._deliver = Turn("turn deliver", rounds.deliver, heart)
        self._follow_up = Turn("turn follow up", follow_up, heart)
        self._watch_turn = None if watch is None else (Turn("turn watch", watch[0], heart), watch[1])
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._threads = ThreadPoolExecutor()
        self._clock = BackgroundScheduler(timezone=UTC, job_defaults=defaults, executors={"default": self._threads})

    def run(self) -> bool:
        """Work until the rounds are told to stop, then let them finish the message in hand.

        Returns False when that took longer than `stop_seconds`.
        """
        events.started(self._mailbox.name)
        self._repeat(self._deliver, self._schedule.deliver_seconds)
        self._repeat(self._poll, self._schedule.poll_seconds)
        self._repeat(self._follow_up, self._schedule.follow_up_seconds)
        if self._watch_turn is not None:
            self._repeat(*self._watch_turn)
        self._clock.start()
        if self._schedule.idle:
            threading.Thread(target=self._watch, name="idle", daemon=True).start()
        self._stopping.wait()
        finished = self._finish()
        events.stopped(self._mailbox.name, finished=finished)
        return finished

    def repeat(self, name: str, act: Callable[[], object], seconds: float) -> None:
        """Do something else at an interval, too; to be said before `run`."""
        self._repeat(Turn(name, act), seconds)

    def loop_age(self) -> timedelta | None:
        """Return how long ago polling, delivery or the clock's work moved, whichever stands longest."""
        if self._heart is None:
            return None
        moved = (
            self._heart.age(self._poll.name, PROGRESS),
            self._heart.age(self._deliver.name, DELIVERED),
            self._heart.age(self._follow_up.name),
        )
        return max((age for age in moved if age is not None), default=None)

    def _repeat(self, turn: Turn, seconds: float) -> None:
        self._clock.add_job(turn.take, "interval", seconds=seconds, id=turn.name, next_run_time=datetime.now(UTC))

    def _poll_then_deliver(self) -> None:
        self._rounds.poll(self._soon_deliver)
        self._soon_deliver()

    def _soon_deliver(self) -> None:
        self._clock.add_job(self._deliver.take)

    def _watch(self) -> None:
        """Poll at once when the server says that mail came (IDLE)."""
        while not self._stopping.is_set():
            if self._mailbox.wait(IDLE_SECONDS):
                events.woken()
                self._poll.take()

    def _finish(self) -> bool:
        ending = threading.Thread(target=self._end, name="ending", daemon=True)
        ending.start()
        ending.join(self._schedule.stop_seconds)
        return not ending.is_alive()

    def _end(self) -> None:
        """Begin nothing more, then wait for what runs. A clock that waits itself leaves a turn that asks it hanging."""
        self._clock.shutdown(wait=False)
        self._threads.shutdown(wait=True)


def stop_on_signals(stopping: threading.Event) -> None:
    """Let SIGTERM and SIGINT end the work in good order; a second one ends the program at once."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 the signature is the system's
        stopping.set()
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
