"""Several processes on one database: any of them decides mails; the one that holds the lease works the mailbox itself.

The holder takes mail in, files it, sends letters and does what the clock decides. All of it is today's rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from processor.aside import Act
from processor.rounds import CUT_SHORT_IN_A_ROW, Rounds, outside


class Claim(Protocol):
    """The lease of a mailbox."""

    @property
    def held(self) -> bool:
        """Whether this process works the mailbox."""

    def renew(self) -> bool:
        """Take it, or go on holding it."""


@dataclass(frozen=True, slots=True)
class ClusterRounds(Rounds):
    """Rounds of the lease's holder, which leave deciding to the queue; `refill` puts into it what has no job."""

    claim: Claim | None = None
    refill: Callable[[], object] | None = None

    def renew(self) -> None:
        """Go on holding the lease; trouble with the database ends a turn, not the process."""
        if self.claim is not None:
            with outside("renew the lease", []):
                self.claim.renew()

    def poll(self, decided: Act = list) -> list[str]:  # noqa: ARG002 nothing is decided in here
        """Take in and file what is there."""
        troubles: list[str] = []
        if not self._mine():
            return troubles
        began = self.delivery.clock.now()
        with outside("take in mail", troubles):
            for _ in self.arrivals.take_in():
                self._progress()
                self.arrivals.file_away()
                if self.stopping.is_set():
                    return troubles
            self.intake.polled(self.arrivals.mailbox.name, began)
            if self.refill is not None:
                self.refill()
            if self.reconcile is not None:
                self.reconcile()
        with outside("file mail", troubles):
            self.arrivals.file_away()
        return troubles

    def deliver(self) -> list[str]:
        """Send the letters whose turn it is."""
        return Rounds.deliver(self) if self._mine() else []

    def follow_up(self, turn: Callable[[], list[str]]) -> list[str]:
        """Do what the clock decides."""
        return turn() if self._mine() else []

    def decide_one(self, mail_id: int) -> None:
        """Decide a mail of the queue, if it still has no decision. Raises `TransientError`: it is tried again later."""
        for mail in self.intake.to_decide(1, mail_id - 1):
            if mail.id == mail_id:
                self._decide([mail], CUT_SHORT_IN_A_ROW - 1, [])
                self._progress()

    def _mine(self) -> bool:
        return self.claim is not None and self.claim.held
