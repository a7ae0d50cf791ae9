"""Letters leave the outbox one by one, and each step of the dialogue is committed before the next."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial

from processor import events
from processor.ports import Clock, LetterState, Mailer, Outbox, OutgoingLetter

LETTERS_IN_HAND = 20
DEFERRED_IN_A_ROW = 5  # after so many the server is left alone until the next turn


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends what the outbox holds. Not for several threads or processes at once."""

    outbox: Outbox
    mailer: Mailer
    clock: Clock
    stopping: threading.Event

    def deliver(self) -> Counter[LetterState]:
        """Send every letter whose turn it is; return how the dialogues ended.

        A dialogue that an earlier run left open is settled first (`inbound-mail.md` 5.6).
        """
        events.letters_recovered(self.outbox.recover())
        ended: Counter[LetterState] = Counter()
        deferred = 0
        while letters := self.outbox.due(self.clock.now(), LETTERS_IN_HAND):
            for letter in letters:
                if self.stopping.is_set() or deferred == DEFERRED_IN_A_ROW:
                    return ended
                state = self._send(letter)
                ended[state] += 1
                deferred = deferred + 1 if state is LetterState.DEFERRED else 0
        return ended

    def _send(self, letter: OutgoingLetter) -> LetterState:
        self.outbox.sending(letter.id, self.clock.now())
        state, note = self.mailer.send(letter, partial(self.outbox.data_begins, letter.id))
        self.outbox.settle(letter.id, state, self.clock.now(), note)
        events.letter_settled(letter, state, note)
        return state
