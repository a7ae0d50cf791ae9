"""Letters leave the outbox, one by one on each connection.

That DATA begins is committed before it does, with the end of the one before.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat

from processor import events
from processor.failpoints import Failpoint, reached
from processor.heart import DELIVERED, Heart
from processor.outgoing import EndedLetter, LetterState, Mailer, Outbox, OutgoingLetter
from processor.ports import Clock, HeldBackError

LETTERS_IN_HAND = 50
DEFERRED_IN_A_ROW = 5  # after so many the server is left alone until the next turn


@dataclass(slots=True)
class Run:
    """One turn: how letters ended, and those of which that is not on record yet."""

    ended: Counter[LetterState] = field(default_factory=Counter)
    unsettled: list[tuple[OutgoingLetter, EndedLetter]] = field(default_factory=list)
    deferred: int = 0  # in a row

    def take(self, part: Run) -> None:
        """Add what went on beside."""
        self.ended += part.ended
        self.unsettled += part.unsettled
        self.deferred = max(self.deferred, part.deferred)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends what the outbox holds. Not for several threads or processes at once.

    `hurried` lets the end of one letter and the beginning of the next be one commit, where they follow at once.
    `beside` are further connections, on which letters leave at the same time.
    """

    outbox: Outbox
    mailer: Mailer
    clock: Clock
    stopping: threading.Event
    heart: Heart | None = None
    hurried: bool = True
    beside: Sequence[Mailer] = ()

    def deliver(self) -> Counter[LetterState]:
        """Send every letter whose turn it is; return how the dialogues ended.

        A dialogue that an earlier run left open is settled first (`inbound-mail.md` 5.6).
        """
        events.letters_recovered(self.outbox.recover())
        reached(Failpoint.RECOVERED)
        run = Run()
        try:
            while letters := self.outbox.due(self.clock.now(), LETTERS_IN_HAND):
                if not self._send_all(letters, run):
                    break
        except HeldBackError as pause:  # it began when these letters were in hand
            events.letters_held(str(pause))
        self._settle(run)
        return run.ended

    def _send_all(self, letters: Sequence[OutgoingLetter], run: Run) -> bool:
        """Send some letters; False where that was broken off: what is left goes back at the next turn."""
        self.outbox.sending([letter.id for letter in letters], self.clock.now())
        reached(Failpoint.ANNOUNCED)
        waiting = deque(letters)
        if not self.beside or len(letters) == 1:
            return self._send_on(self.mailer, waiting, run)
        mailers = (self.mailer, *self.beside)
        parts = [Run(deferred=run.deferred) for _ in mailers]
        try:
            with ThreadPoolExecutor(len(mailers)) as threads:
                return all(list(threads.map(self._send_on, mailers, repeat(waiting), parts)))
        finally:
            for part in parts:
                run.take(part)

    def _send_on(self, mailer: Mailer, waiting: deque[OutgoingLetter], run: Run) -> bool:
        """Send letters on one connection until none waits; False where that was broken off."""
        while (letter := _next(waiting)) is not None:
            if self.stopping.is_set() or run.deferred == DEFERRED_IN_A_ROW:
                return False
            state = self._send(mailer, letter, run)
            run.ended[state] += 1
            run.deferred = run.deferred + 1 if state is LetterState.DEFERRED else 0
            if not self.hurried:
                self._settle(run)
            if self.heart is not None:
                self.heart.beat(DELIVERED)
        self._settle(run)
        return True

    def _send(self, mailer: Mailer, letter: OutgoingLetter, run: Run) -> LetterState:
        state, note = mailer.send(letter, partial(self._data_begins, letter.id, run))
        reached(Failpoint.ANSWERED)
        run.unsettled.append((letter, EndedLetter(letter.id, state, self.clock.now(), note)))
        return state

    def _data_begins(self, letter_id: int, run: Run) -> None:
        try:
            self.outbox.data_begins(letter_id, _ended(run))
        except HeldBackError:
            self._settled(run)
            raise
        self._settled(run)
        reached(Failpoint.DATA_BEGINS)

    def _settle(self, run: Run) -> None:
        if run.unsettled:
            self.outbox.settle(_ended(run))
            self._settled(run)

    def _settled(self, run: Run) -> None:
        for letter, ended in run.unsettled:
            reached(Failpoint.SETTLED)
            events.letter_settled(letter, ended.state, ended.note)
        run.unsettled.clear()


def _next(waiting: deque[OutgoingLetter]) -> OutgoingLetter | None:
    try:
        return waiting.popleft()
    except IndexError:  # another connection took the last
        return None


def _ended(run: Run) -> list[EndedLetter]:
    return [ended for _, ended in run.unsettled]
