"""Letters leave the outbox one by one, and each step of the dialogue is committed before the next."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial

from processor import events
from processor.failpoints import Failpoint, reached
from processor.heart import DELIVERED, Heart
from processor.ports import Clock, HeldBackError, LetterState, Mailer, Outbox, OutgoingLetter

LETTERS_IN_HAND = 20
DEFERRED_IN_A_ROW = 5  # after so many the server is left alone until the next turn


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends what the outbox holds. Not for several threads or processes at once."""

    outbox: Outbox
    mailer: Mailer
    clock: Clock
    stopping: threading.Event
    heart: Heart | None = None

    def deliver(self) -> Counter[LetterState]:
        """Send every letter whose turn it is; return how the dialogues ended.

        A dialogue that an earlier run left open is settled first (`inbound-mail.md` 5.6).
        """
        events.letters_recovered(self.outbox.recover())
        reached(Failpoint.RECOVERED)
        ended: Counter[LetterState] = Counter()
        deferred = 0
        while letters := self.outbox.due(self.clock.now(), LETTERS_IN_HAND):
            for letter in letters:
                if self.stopping.is_set() or deferred == DEFERRED_IN_A_ROW:
                    return ended
                try:
                    state = self._send(letter)
                except HeldBackError as pause:  # it began when these letters were in hand
                    events.letters_held(str(pause))
                    return ended
                ended[state] += 1
                if self.heart is not None:
                    self.heart.beat(DELIVERED)
                deferred = deferred + 1 if state is LetterState.DEFERRED else 0
        return ended

    def _send(self, letter: OutgoingLetter) -> LetterState:
        self.outbox.sending(letter.id, self.clock.now())
        reached(Failpoint.ANNOUNCED)
        state, note = self.mailer.send(letter, partial(self._data_begins, letter.id))
        reached(Failpoint.ANSWERED)
        self.outbox.settle(letter.id, state, self.clock.now(), note)
        reached(Failpoint.SETTLED)
        events.letter_settled(letter, state, note)
        return state

    def _data_begins(self, letter_id: int) -> None:
        self.outbox.data_begins(letter_id)
        reached(Failpoint.DATA_BEGINS)
