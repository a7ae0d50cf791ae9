"""Letters leave the outbox one by one, and each step of the dialogue is committed before the next."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial

from processor import events
from processor.ports import Clock, LetterState, Mailer, Outbox, OutgoingLetter

LETTERS_IN_HAND = 20
REFUSALS_IN_A_ROW = 5  # deferred letters after which the server is left alone until the next turn


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends what the outbox holds. Not for several threads or processes at once."""

    outbox: Outbox
    mailer: Mailer
    clock: Clock
    stopping: threading.Event

    def deliver(self) -> int:
        """Send every letter whose turn it is; return how many dialogues were held.

        A dialogue that an earlier run left open is settled first (`inbound-mail.md` 5.6).
        """
        events.letters_recovered(self.outbox.recover())
        held = deferred = 0
        while deferred < REFUSALS_IN_A_ROW and (letters := self.outbox.due(self.clock.now(), LETTERS_IN_HAND)):
            for letter in letters:
                if self.stopping.is_set() or deferred == REFUSALS_IN_A_ROW:
                    return held
                deferred = deferred + 1 if self._send(letter) is LetterState.DEFERRED else 0
                held += 1
        return held

    def _send(self, letter: OutgoingLetter) -> LetterState:
        self.outbox.sending(letter.id, self.clock.now())
        state, note = self.mailer.send(letter, partial(self.outbox.data_begins, letter.id))
        self.outbox.settle(letter.id, state, self.clock.now(), note)
        events.letter_settled(letter, state, note)
        return state
