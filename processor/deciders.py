"""Decisions side by side: this process decides, and so does one child for each further processor of the machine.

A child gets a case whole and gives back what came of it. It has no database and no mailbox, so that however it ends,
nothing has happened. Without children all is decided here.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from processor.core.policy import Policy
from processor.deciding_child import Concluded, DecidingChild, DecidingInterruptedError, Make
from processor.ports import Renderer
from processor.worker import Case, conclude

AT_ONCE = 4  # cases that a child gets together: with fewer it would wait for us between them
WORTH_IT = 8  # cases for which a child is started

_Queue = deque[tuple[int, Case]]


class Deciders:
    """Decides cases that don't bear on each other. Not for several threads at once."""

    def __init__(self, policy: Policy, renderer: Renderer, make: Make | None = None, children: int = 0) -> None:
        self._policy = policy
        self._renderer = renderer
        self._make = make
        self._children = children
        self._running: list[DecidingChild] = []

    def conclude(self, cases: Sequence[Case]) -> list[Concluded]:
        """Decide each case; what one raises stands in its place."""
        if len(cases) >= WORTH_IT:
            self._start()
        found: list[Concluded] = [DecidingInterruptedError() for _ in cases]
        queue = deque(enumerate(cases))
        ready = [child for child in self._running if len(cases) > 1 and child.is_ready()]
        helpers = [threading.Thread(target=_feed, args=(child, queue, found)) for child in ready]
        for helper in helpers:
            helper.start()
        while taken := _take(queue, 1):
            number, case = taken[0]
            found[number] = self._here(case)
        for helper in helpers:
            helper.join()
        self._running = [child for child in self._running if child.fit]
        return found

    def close(self) -> None:
        """End the children."""
        for child in self._running:
            child.end()
        self._running = []

    def _start(self) -> None:
        while self._make is not None and len(self._running) < self._children:
            self._running.append(DecidingChild(self._make))

    def _here(self, case: Case) -> Concluded:
        try:
            return conclude(case, self._policy, self._renderer)
        except Exception as error:  # noqa: BLE001 it is the case's own
            return error


def spare_processors() -> int:
    """Return how many processors this process may use beside the one that it runs on."""
    return len(os.sched_getaffinity(0)) - 1


def _take(queue: _Queue, most: int) -> list[tuple[int, Case]]:
    taken: list[tuple[int, Case]] = []
    with suppress(IndexError):
        while len(taken) < most:
            taken.append(queue.popleft())
    return taken


def _feed(child: DecidingChild, queue: _Queue, found: list[Concluded]) -> None:
    """Let a child work on what is left, until nothing is, or it fails."""
    while child.fit and (taken := _take(queue, AT_ONCE)):
        for (number, _), answer in zip(taken, child.ask([case for _, case in taken]), strict=True):
            found[number] = answer
