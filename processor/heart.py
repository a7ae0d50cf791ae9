"""Signs of life of what runs: in memory for the process itself, in the database for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from processor.ports import Clock

PROGRESS = "progress"  # a mail was stored or decided: a long poll is no dead one
DELIVERED = "deliver"
PACE = timedelta(seconds=20)  # no sign is written to the database more often


class Heart:
    """Notes what was just seen to work. `record` writes a name and a moment (UTC) to the database."""

    def __init__(self, clock: Clock, record: Callable[[str, datetime], object]) -> None:
        self._clock = clock
        self._record = record
        self._recorded: dict[str, datetime] = {}
        self._seen: dict[str, datetime] = {}

    def touch(self, name: str) -> None:
        """Note in memory alone that something moved, whether or not it got anywhere."""
        self._seen[name] = self._clock.now()

    def beat(self, name: str) -> None:
        """Note that something works. Raises `OutsideError` where the database can't be reached."""
        now = self._clock.now()
        self._seen[name] = now
        last = self._recorded.get(name)
        if last is None or not timedelta() <= now - last < PACE:
            self._record(name, now)
            self._recorded[name] = now

    def age(self, *names: str) -> timedelta | None:
        """Return how long ago the last of these was seen; None before any was."""
        seen = [self._seen[name] for name in names if name in self._seen]
        return self._clock.now() - max(seen) if seen else None
