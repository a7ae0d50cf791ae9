"""Decisions side by side: this process decides, and so does one child for each further processor of the machine.

A child gets a case whole and gives back what came of it. It has no database and no mailbox, so that however it ends,
nothing has happened. Without children all is decided here.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from processor.core.policy import Policy
from processor.deciding_child import Concluded, DecidingChild, Make
from processor.ports import Renderer
from processor.worker import Case, conclude

AT_ONCE = 4  # cases that a child gets together: with fewer it would wait for us between them
WORTH_IT = 8  # cases for which a child is started
_BOOT_LOOK = 0.05  # seconds between two looks at a child that starts

Settled = tuple[Case, Concluded]


@dataclass(slots=True, eq=False)
class _Place:
    case: Case
    found: Concluded | None = None


class Desk:
    """Takes cases that don't bear on each other, and gives them back decided, in the order in which they came.

    One thread puts and takes; children work meanwhile.
    """

    def __init__(self, here: Callable[[Case], Concluded], children: Sequence[DecidingChild]) -> None:
        self._here = here
        self._places: deque[_Place] = deque()  # what was not given back yet
        self._waiting: deque[_Place] = deque()  # what nobody works on yet
        self._change = threading.Condition()
        self._closed = False
        self._feeders = [threading.Thread(target=self._feed, args=(child,)) for child in children]
        for feeder in self._feeders:
            feeder.start()

    def put(self, case: Case) -> None:
        """Hand in a case."""
        place = _Place(case)
        with self._change:
            self._places.append(place)
            self._waiting.append(place)
            self._change.notify()

    def finished(self) -> list[Settled]:
        """Return what has been decided, up to the first that hasn't; what a decision raises stands in its place."""
        done: list[Settled] = []
        with self._change:
            while self._places and (found := self._places[0].found) is not None:
                done.append((self._places.popleft().case, found))
        return done

    @property
    def is_empty(self) -> bool:
        """Whether everything was given back."""
        return not self._places

    @property
    def is_behind(self) -> bool:
        """Whether a case lies here that nobody works on."""
        return bool(self._waiting)

    def step(self) -> list[Settled]:
        """Decide a case here, or wait for one where all are in work; return what is finished."""
        with self._change:
            taken = self._take(1)
            if not taken and self._places:
                self._change.wait_for(lambda: self._places[0].found is not None)
        if taken:
            self._found(taken, [self._here(taken[0].case)])
        return self.finished()

    def close(self) -> None:
        """Leave what nobody works on yet, and wait for the children."""
        with self._change:
            self._closed = True
            self._waiting.clear()
            self._change.notify_all()
        for feeder in self._feeders:
            feeder.join()

    def _take(self, most: int) -> list[_Place]:
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def _found(self, places: Sequence[_Place], answers: Sequence[Concluded]) -> None:
        with self._change:
            for place, answer in zip(places, answers, strict=True):
                place.found = answer
            self._change.notify_all()

    def _feed(self, child: DecidingChild) -> None:
        """Let a child work until the desk closes, or it fails."""
        while child.fit and not child.is_ready():
            with self._change:
                if self._change.wait_for(lambda: self._closed, _BOOT_LOOK):
                    return
        while child.fit and (taken := self._await()):
            cases = [place.case for place in taken]
            try:
                answers = child.ask(cases)
            except Exception:  # noqa: BLE001 something that doesn't pass through a pipe
                child.end()
                child.fit = False
                answers = [self._here(case) for case in cases]
            self._found(taken, answers)

    def _await(self) -> list[_Place]:
        with self._change:
            self._change.wait_for(lambda: self._closed or self._waiting)
            return self._take(AT_ONCE)


class Deciders:
    """Opens desks, one at a time, and keeps the children between them."""

    def __init__(self, policy: Policy, renderer: Renderer, make: Make | None = None, children: int = 0) -> None:
        self._policy = policy
        self._renderer = renderer
        self._make = make
        self._children = children
        self._running: list[DecidingChild] = []

    @contextmanager
    def desk(self, cases: int) -> Iterator[Desk]:
        """Open a desk for about so many cases."""
        if cases >= WORTH_IT:
            self._start()
        desk = Desk(self._decide, self._running if cases > 1 else ())
        try:
            yield desk
        finally:
            desk.close()
            self._running = [child for child in self._running if child.fit]

    def close(self) -> None:
        """End the children."""
        for child in self._running:
            child.end()
        self._running = []

    def _start(self) -> None:
        while self._make is not None and len(self._running) < self._children:
            self._running.append(DecidingChild(self._make))

    def _decide(self, case: Case) -> Concluded:
        try:
            return conclude(case, self._policy, self._renderer)
        except Exception as error:  # noqa: BLE001 it is the case's own
            return error


def spare_processors() -> int:
    """Return how many processors this process may use beside the one that it runs on."""
    return len(os.sched_getaffinity(0)) - 1
