"""Wrong tokens are counted like wrong passwords: an address that brings too many is not listened to for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processor.adapters.accounts_sql import LOCKED, TRIES

KEPT = 10_000  # addresses


@dataclass
class Tries:
    """Failures by address. Only what nobody has ever been given counts: a token that ran out is no guess."""

    most: int = TRIES
    _failed: OrderedDict[str, tuple[int, datetime]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def locked(self, address: str, now: datetime) -> timedelta | None:
        """Return how long an address is not listened to any more, None where it is."""
        with self._lock:
            count, last = self._failed.get(address, (0, now))
            left = last + LOCKED - now
            if left <= timedelta():
                self._failed.pop(address, None)
                return None
            return left if count >= self.most else None

    def failed(self, address: str, now: datetime) -> bool:
        """Count a failure; tell whether it was the last that is allowed."""
        with self._lock:
            count = self._failed.pop(address, (0, now))[0] + 1
            self._failed[address] = (count, now)
            while len(self._failed) > KEPT:
                self._failed.popitem(last=False)
            return count == self.most
