"""The rounds: take mail in, decide it, file it; and, on a turn of their own, deliver letters.

Every step goes on where the last one stopped, however it stopped. Nothing is remembered here: the database knows.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from processor import events
from processor.aside import Act, Aside, in_place
from processor.batch import Batch, Ended
from processor.deciders import Deciders
from processor.delivery import Delivery
from processor.failpoints import Failpoint, reached
from processor.heart import DELIVERED, PROGRESS, Heart
from processor.intake import Arrivals
from processor.outgoing import LetterState
from processor.ports import HeldBackError, Intake, OutsideError, StoredMail, TransientError
from processor.worker import Worker

MAILS_IN_HAND = 100  # read from the database at once, unless they are large
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
    at_once: int = MAILS_IN_HAND  # mails that are handled together
    beside: Deciders | None = None  # who decides them side by side
    aside: Aside = in_place  # how deciding goes beside taking in, and sending beside both

    @property
    def deciders(self) -> Deciders:
        """Who decides, where several mails are in hand."""
        return self.beside or Deciders(self.worker.policy, self.worker.renderer)

    def poll(self, decided: Act = list) -> list[str]:
        """Take in, decide and file what is there; return what needs a person, one sentence each.

        `decided` is called whenever some mails have been. Mails are decided aside, while others are taken in and filed.
        """
        troubles: list[str] = []
        with self.aside(_Deciding(self, troubles, decided)) as decide:
            all_in = self._take_in(decide, troubles)
            decide()
        with outside("file mail", troubles):
            self.arrivals.file_away()
        if all_in and self.reconcile is not None:
            with outside("reconcile", troubles):
                self.reconcile()
        return troubles

    def _take_in(self, taken: Act, troubles: list[str]) -> bool:
        """Take in what is there, and file what is decided meanwhile; tell whether that was all."""
        began = self.delivery.clock.now()
        mine: list[str] = []
        with outside("take in mail", mine):
            for _ in self.arrivals.take_in():
                self._progress()
                taken()
                self.arrivals.file_away()
                if self.stopping.is_set():
                    return False
            self.intake.polled(self.arrivals.mailbox.name, began)
        troubles += mine
        return not mine

    def _progress(self) -> None:
        if self.heart is not None:
            self.heart.beat(PROGRESS)

    def deliver(self) -> list[str]:
        """Send the letters whose turn it is; return what needs a person."""
        sending = _Sending(self)
        sending.turn()
        return sending.told()

    def drain(self, follow_up: Callable[[], list[str]] = list) -> list[str]:
        """Do once all there is to do, what the clock decides behind the mails; return what needs a person.

        Letters are sent aside from when the first mails are decided.
        """
        sending = _Sending(self)
        with self.aside(sending) as send:
            troubles = self.poll(send)
        troubles += follow_up()
        sending.turn()
        return list(dict.fromkeys([*troubles, *sending.told()]))

    def decide_stored(self, last: int, troubles: list[str], decided: Act = list) -> int:
        """Decide the stored mails behind the mail `last`, each once, in order of arrival; return the new last."""
        cut_short = 0
        while not self.stopping.is_set() and (mails := self.intake.to_decide(MAILS_IN_HAND, last)):
            for some in _hands(mails, self.at_once):
                if self.stopping.is_set():
                    break
                last = some[-1].id
                cut_short = self._decide(some, cut_short, troubles)
                self._progress()
                decided()
        return last

    def _decide(self, some: Sequence[StoredMail], cut_short: int, troubles: list[str]) -> int:
        """Decide some mails; return how many in a row trouble outside has kept from a decision, raising at too many."""
        spared: list[int] = []
        trouble: Exception | None = None
        for mail, error in self._attempt(some, troubles):
            cut_short = cut_short + 1 if _is_outside(error) else 0
            if isinstance(error, TransientError):  # not this mail's fault: it keeps its attempts
                spared.append(mail.id)
                trouble = error if _is_outside(error) else trouble
                troubles.append(f"mail {mail.id} waits: {events.told(error) if _is_outside(error) else error}")
        if spared:
            self.intake.take_back_attempts(spared)
        if trouble is not None and cut_short >= CUT_SHORT_IN_A_ROW:
            raise trouble
        return cut_short

    def _attempt(self, some: Sequence[StoredMail], troubles: list[str]) -> Iterator[Ended]:
        """Handle mails; one that fails again and again, or kills the program, is set aside for a person."""
        counts = dict(
            zip((mail.id for mail in some), self.intake.begin_attempts([one.id for one in some]), strict=True)
        )
        reached(Failpoint.COUNTED)
        trying = [mail for mail in some if counts[mail.id] <= self.attempts]
        for mail in some:
            if counts[mail.id] > self.attempts:
                troubles.append(self._set_aside(mail))
                yield mail, None
        for mail, error in self._handled(trying, counts):
            if error is not None and not isinstance(error, TransientError):
                words = events.attempt_failed(mail, counts[mail.id], error)
                last = counts[mail.id] == self.attempts
                troubles.append(self._set_aside(mail) if last else f"mail {mail.id} waits: {words}")
            yield mail, error

    def _handled(self, mails: Sequence[StoredMail], counts: Mapping[int, int]) -> Iterator[Ended]:
        if len(mails) > 1:
            yield from Batch(self.worker, self.deciders).handle(mails, [counts[mail.id] for mail in mails])
            return
        for mail in mails:
            try:
                self.worker.handle(mail, counts[mail.id])
            except Exception as error:  # noqa: BLE001 whatever a mail does to us, the next one is not held up
                yield mail, error
            else:
                yield mail, None

    def _set_aside(self, mail: StoredMail) -> str:
        """Quarantine a mail that could not be handled."""
        self.worker.books.quarantine(mail, f"could not be handled in {self.attempts} attempts")
        events.mail_quarantined(mail, self.attempts)
        return f"mail {mail.id} could not be handled in {self.attempts} attempts and is quarantined"


@dataclass(slots=True)
class _Deciding:
    """Decides, each time it is called, what has been stored since; not again in a round that trouble outside ended."""

    rounds: Rounds
    troubles: list[str]
    decided: Act
    last: int = 0
    ended: bool = False

    def __call__(self) -> None:
        if self.ended:
            return
        self.ended = True
        with outside("decide", self.troubles):
            self.last = self.rounds.decide_stored(self.last, self.troubles, self.decided)
            self.ended = False


@dataclass(slots=True)
class _Sending:
    """Turns of delivery, told of together. Called, it takes one unless there was trouble before."""

    rounds: Rounds
    ended: Counter[LetterState] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        if not self.told():
            self.turn()

    def turn(self) -> None:
        """Send the letters whose turn it is."""
        with outside("deliver letters", self.troubles):
            self.ended += self.rounds.delivery.deliver()
            if self.rounds.heart is not None:
                self.rounds.heart.beat(DELIVERED)

    def told(self) -> list[str]:
        """Return what needs a person."""
        held = [f"letters {state}: {count}" for state, count in self.ended.items() if state is not LetterState.SENT]
        return [*self.troubles, *held]


def _hands(mails: Sequence[StoredMail], at_once: int) -> Iterator[Sequence[StoredMail]]:
    """Part mails into what is handled together: one that was tried before goes alone, so that it takes none along."""
    some: list[StoredMail] = []
    for mail in mails:
        if some and (mail.attempts or len(some) == at_once):
            yield some
            some = []
        some.append(mail)
        if mail.attempts:
            yield some
            some = []
    if some:
        yield some


def _is_outside(error: Exception | None) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, HeldBackError)


@contextmanager
def outside(doing: str, troubles: list[str]) -> Iterator[None]:
    """Let trouble outside end a step, not the worker: the same is tried again at the next turn."""
    try:
        yield
    except OutsideError as error:
        events.outside_failed(doing, error)
        troubles.append(f"can't {doing}: {events.told(error)}")
