"""What a child costs beside reading in the process, on the same mails in turn."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from processor.adapters.child import ChildReader
from processor.adapters.limits import ReadingLimits
from processor.adapters.mime import read_message
from processor.core.message import Message

AT_MOST = 300  # mails
SMALL = 200_000  # bytes; what a large mail costs to hand over is little beside reading it


def overhead(mails: Sequence[bytes]) -> float:
    """Return by how many seconds, in the median, a child takes longer; each mail is read both ways."""
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    small = [raw for raw in mails if len(raw) <= SMALL]
    chosen = small[:: max(1, len(small) // AT_MOST)][:AT_MOST]
    limits = ReadingLimits()
    with closing(ChildReader(limits)) as reader:
        reader.start()
        for raw in chosen[:20]:
            reader.read(raw)
        differences = [
            _seconds(reader.read, raw) - _seconds(lambda one: read_message(one, limits), raw) for raw in chosen
        ]
    return statistics.median(differences) if differences else 0.0


def _seconds(read: Callable[[bytes], Message], raw: bytes) -> float:
    begin = time.perf_counter()
    read(raw)
    return time.perf_counter() - begin
