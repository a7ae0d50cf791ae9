"""All that runs in an installation, half minute by half minute; each part can be frozen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from processor.adapters.alerts import AlertChannel
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.pulse_sql import RECONCILED, beat
from processor.heart import DELIVERED
from processor.outgoing import LetterState
from processor.settings import Settings
from processor.watch import Watch, watch_for
from tests.adapters.samples import MAILBOX, ManualClock
from tests.follow_up.conftest import work_of_the_clock
from tests.follow_up.world import deliver

STEP = timedelta(seconds=30)


class Told(AlertChannel):
    """A channel that remembers."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.alerts: list[tuple[str, str]] = []

    def tell(self, alert: Mapping[str, str]) -> None:
        self.alerts.append((alert["alert"], alert["state"]))


class Installation:
    """A mailbox polled each minute, an outbox delivered each quarter, the clock's work, the daily comparison."""

    def __init__(self, engine: Engine, clock: ManualClock, folder: Path) -> None:
        self.engine = engine
        self.clock = clock
        self.folder = folder
        self.told = Told()
        self.frozen: set[str] = set()
        self.lost = 0
        self.follow_up = work_of_the_clock(engine, clock, folder)
        self.watch: Watch = replace(
            watch_for(Settings.model_construct(), engine, clock, working=True), channel=self.told
        )

    def run(self, span: timedelta) -> None:
        """Let so much time pass."""
        for _ in range(span // STEP):
            self.step()

    def skip(self, span: timedelta) -> None:
        """Let much time pass in which every part that isn't frozen did its work to the end."""
        self.clock.moment += span
        self.step(whole=True)

    def step(self, *, whole: bool = False) -> None:
        """Half a minute; a whole one does what is not done every half."""
        self.clock.moment += STEP
        now = self.clock.moment
        minute = whole or now.second == 0
        if "poll" not in self.frozen and minute:
            SqlIntake(self.engine, self.clock).polled(MAILBOX, now)
        if "reconcile" not in self.frozen and (whole or (now.hour, now.minute, now.second) == (3, 0, 0)):
            beat(self.engine, f"{RECONCILED}{MAILBOX}", now, self.lost)
        if "follow_up" not in self.frozen and minute:
            self.follow_up.turn()
        if "deliver" not in self.frozen:
            if "smtp" not in self.frozen:
                deliver(self.engine, self.clock, LetterState.SENT)
            beat(self.engine, DELIVERED, now)
        self.watch.turn()
