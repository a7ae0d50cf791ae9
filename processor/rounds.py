"""The rounds: take mail in, decide it, file it; and, on a turn of their own, deliver letters.

Every step goes on where the last one stopped, however it stopped. Nothing is remembered here: the database knows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from processor import events
from processor.delivery import Delivery
from processor.failpoints import Failpoint, reached
from processor.heart import DELIVERED, PROGRESS, Heart
from processor.intake import Arrivals
from processor.ports import HeldBackError, Intake, LetterState, OutsideError, StoredMail, TransientError
from processor.worker import Worker

MAILS_IN_HAND = 20  # read from the database at once; each may be large
CUT_SHORT_IN_A_ROW = (
    3  # mails that trouble outside kept from a decision: then it is no mail's fault, and the round ends
)


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the scheduler calls, and `run --once`."""

    arrivals: Arrivals
    intake: Intake
    worker: Worker
    delivery: Delivery
    attempts: int
    stopping: threading.Event
    heart: Heart | None = None
    reconcile: Callable[[], object] | None = None  # after a poll that went well; it knows itself when it is due

    def poll(self) -> list[str]:
        """Take in, decide and file what is there; return what needs a person, one sentence each."""
        troubles: list[str] = []
        last = 0
        began = self.delivery.clock.now()
        with outside("take in mail", troubles):
            for _ in self.arrivals.take_in():
                self._progress()
                last = self.decide_stored(last, troubles)
                self.arrivals.file_away()
                if self.stopping.is_set():
                    return troubles
            self.intake.polled(self.arrivals.mailbox.name, began)
            if self.reconcile is not None:
                self.reconcile()
        with outside("decide", troubles):
            self.decide_stored(last, troubles)
        with outside("file mail", troubles):
            self.arrivals.file_away()
        return troubles

    def _progress(self) -> None:
        if self.heart is not None:
            self.heart.beat(PROGRESS)

    def deliver(self) -> list[str]:
        """Send the letters whose turn it is; return what needs a person."""
        troubles: list[str] = []
        with outside("deliver letters", troubles):
            ended = self.delivery.deliver()
            if self.heart is not None:
                self.heart.beat(DELIVERED)
            troubles += [f"letters {state}: {count}" for state, count in ended.items() if state is not LetterState.SENT]
        return troubles

    def drain(self, follow_up: Callable[[], list[str]] = list) -> list[str]:
        """Do once all there is to do, between the rounds what the clock decides; return what needs a person."""
        return list(dict.fromkeys([*self.poll(), *follow_up(), *self.deliver()]))

    def decide_stored(self, last: int, troubles: list[str]) -> int:
        """Decide the stored mails behind the mail `last`, each once, in order of arrival; return the new last."""
        cut_short = 0
        while not self.stopping.is_set() and (mails := self.intake.to_decide(MAILS_IN_HAND, last)):
            for mail in mails:
                if self.stopping.is_set():
                    break
                last = mail.id
                try:
                    troubles += self._attempt(mail)
                    self._progress()
                    cut_short = 0
                except HeldBackError as pause:
                    troubles.append(f"mail {mail.id} waits: {pause}")
                except TransientError as error:
                    cut_short += 1
                    if cut_short == CUT_SHORT_IN_A_ROW:
                        raise
                    troubles.append(f"mail {mail.id} waits: {events.told(error)}")
        return last

    def _attempt(self, mail: StoredMail) -> list[str]:
        """Handle a mail; one that fails again and again, or kills the program, is set aside for a person."""
        attempt = self.intake.begin_attempt(mail.id)
        reached(Failpoint.COUNTED)
        if attempt > self.attempts:
            return self._set_aside(mail)
        try:
            self.worker.handle(mail, attempt)
        except TransientError:  # not this mail's fault: it keeps its attempts
            self.intake.take_back_attempt(mail.id)
            raise
        except Exception as error:  # noqa: BLE001 whatever a mail does to us, the next one is not held up
            words = events.attempt_failed(mail, attempt, error)
            return self._set_aside(mail) if attempt == self.attempts else [f"mail {mail.id} waits: {words}"]
        return []

    def _set_aside(self, mail: StoredMail) -> list[str]:
        """Quarantine a mail that could not be handled."""
        self.worker.books.quarantine(mail, f"could not be handled in {self.attempts} attempts")
        events.mail_quarantined(mail, self.attempts)
        return [f"mail {mail.id} could not be handled in {self.attempts} attempts and is quarantined"]


@contextmanager
def outside(doing: str, troubles: list[str]) -> Iterator[None]:
    """Let trouble outside end a step, not the worker: the same is tried again at the next turn."""
    try:
        yield
    except OutsideError as error:
        events.outside_failed(doing, error)
        troubles.append(f"can't {doing}: {events.told(error)}")
