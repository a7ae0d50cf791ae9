"""Named places between two steps. At each of them the program may end at any time; tests make it end there.

Nothing happens at a failpoint unless a test has armed them, and only code that runs in the same process can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class Failpoint(StrEnum):
    """Every failpoint there is. "Inside" means that its transaction is still open."""

    FETCHED = "mails fetched"
    BYTES_STORED = "inside: bytes stored"
    PLACED = "inside: places stored"
    STORED = "mails stored"
    COUNTED = "attempt counted"
    READ = "mail read"
    DECIDED = "mail decided"
    REQUEST_WRITTEN = "inside: request written"
    MONEY_MOVED = "inside: money moved"
    DECISION_WRITTEN = "inside: decision written"
    LETTER_QUEUED = "inside: letter queued"
    SEALED = "inside: decision sealed"
    COMMITTED = "decision committed"
    MOVED = "mails moved to their folder"
    FILED = "mails noted as filed"
    RECOVERED = "letters recovered"
    ANNOUNCED = "letter noted as in hand"
    DATA_BEGINS = "letter noted as at DATA"
    ANSWERED = "server answered the letter"
    SETTLED = "letter settled"
    FOLLOWED_UP = "reminder queued"
    FEED_OPENED = "feed opened"
    FEED_FILLED = "some allocations published"
    FEED_CLOSED = "feed closed"
    FEED_IN_FILE = "feed written to its file"
    TAKEN_BACK = "inside: allocation taken back"


@dataclass(slots=True)
class _Arms:
    act: Callable[[Failpoint], object] | None = None


_ARMS = _Arms()


def reached(point: Failpoint) -> None:
    """Say that a step has ended here."""
    if _ARMS.act is not None:
        _ARMS.act(point)


@contextmanager
def armed(act: Callable[[Failpoint], object]) -> Iterator[None]:
    """Let `act` happen at every failpoint that is reached inside the block, in any thread."""
    before, _ARMS.act = _ARMS.act, act
    try:
        yield
    finally:
        _ARMS.act = before
