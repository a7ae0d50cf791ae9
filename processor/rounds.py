"""The rounds: take mail in, decide it, file it; and, on a turn of their own, deliver letters.

Every step goes on where the last one stopped, however it stopped. Nothing is remembered here: the database knows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from processor import events
from processor.delivery import Delivery
from processor.intake import Arrivals
from processor.ports import Clock, Intake, OutsideError, StoredMail, TransientError
from processor.worker import Worker

MAILS_IN_HAND = 20  # read from the database at once; each may be large


@dataclass(slots=True)
class Rounds:
    """What the scheduler calls, and `run --once`."""

    arrivals: Arrivals
    intake: Intake
    worker: Worker
    delivery: Delivery
    clock: Clock
    attempts: int
    stopping: threading.Event = field(default_factory=threading.Event)

    def poll(self) -> list[str]:
        """Take in, decide and file what is there; return what failed outside, one sentence each."""
        troubles: list[str] = []
        with outside("take in mail", troubles):
            for _ in self.arrivals.take_in():
                self.decide_stored()
                self.arrivals.file_away()
                if self.stopping.is_set():
                    return troubles
        with outside("decide", troubles):
            self.decide_stored()
        with outside("file mail", troubles):
            self.arrivals.file_away()
        return troubles

    def deliver(self) -> list[str]:
        """Send the letters whose turn it is; return what failed outside."""
        troubles: list[str] = []
        with outside("deliver letters", troubles):
            self.delivery.deliver()
        return troubles

    def decide_stored(self) -> None:
        """Decide every stored mail whose turn it is, in order of arrival, each once."""
        tried: set[int] = set()
        while mails := [
            mail for mail in self.intake.to_decide(MAILS_IN_HAND, self.clock.now()) if mail.id not in tried
        ]:
            for mail in mails:
                if self.stopping.is_set():
                    return
                tried.add(mail.id)
                self.attempt(mail)

    def attempt(self, mail: StoredMail) -> None:
        """Handle a mail; one that fails again and again, or kills the program, is set aside for a person."""
        attempt = self.intake.begin_attempt(mail.id)
        if attempt > self.attempts:
            self.set_aside(mail, attempt - 1)
            return
        try:
            self.worker.handle(mail, attempt)
        except TransientError:  # not this mail's fault: it keeps its attempts
            self.intake.take_back_attempt(mail.id)
            raise
        except Exception as error:  # noqa: BLE001 whatever a mail does to us, the next one is not held up
            events.attempt_failed(mail, attempt, error)
            if attempt == self.attempts:
                self.set_aside(mail, attempt)

    def set_aside(self, mail: StoredMail, attempts: int) -> None:
        """Quarantine a mail that could not be handled."""
        self.worker.books.quarantine(mail, f"could not be handled in {attempts} attempts")
        events.mail_quarantined(mail, attempts)


@contextmanager
def outside(doing: str, troubles: list[str]) -> Iterator[None]:
    """Let trouble outside end a step, not the worker: the same is tried again at the next turn."""
    try:
        yield
    except OutsideError as error:
        events.outside_failed(doing, error)
        troubles.append(f"{doing}: {error}")
