"""A pure call that takes too long is given up, so that no text, however it is made, holds up the mails behind it.

One thread looks after every call that runs, and ends when it has seen none for a while: one for each call would
cost more than a short call itself.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Result = TypeVar("Result")


class TooLongError(Exception):
    """A call was given up because it took too long."""


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns. Raises `TooLongError` inside the call once the seconds are over.

    Only for calls that touch nothing outside themselves: they end at any line. Library code in C is not interrupted.
    """
    running = _Running(threading.get_ident(), time.monotonic() + seconds)
    _WATCH.begin(running)
    try:
        return call()
    finally:
        _WATCH.end(running)


@dataclass(slots=True, eq=False)
class _Running:
    """A call that runs in a thread until it is given up at a moment of the monotonic clock."""

    thread: int
    until: float
    given_up: bool = False


@dataclass(slots=True)
class _Watch:
    """Gives up the calls whose time is over. A plain lock, since a call may be given up at any line, also in here."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sooner: threading.Event = field(default_factory=threading.Event)
    calls: set[_Running] = field(default_factory=set)
    wakes: float | None = None  # when the thread looks again; None while there is no thread

    def begin(self, one: _Running) -> None:
        with self.lock:
            self.calls.add(one)
            looks, self.wakes = self.wakes, one.until if self.wakes is None else self.wakes
        if looks is None:
            threading.Thread(target=self._look, name="deadlines", daemon=True).start()
        elif one.until < looks:
            self.sooner.set()

    def end(self, one: _Running) -> None:
        with self.lock:
            self.calls.discard(one)
            if one.given_up:
                _raise_in(one.thread, None)  # what has not been raised yet must not be raised later

    def _look(self) -> None:
        while (pause := self._pause()) is not None:
            self.sooner.wait(pause)
            self.sooner.clear()

    def _pause(self) -> float | None:
        """Give up what has run too long; return for how many seconds nothing more is due, or None for no calls."""
        with self.lock:
            now = time.monotonic()
            for one in [one for one in self.calls if one.until <= now]:
                self.calls.discard(one)
                one.given_up = True
                _raise_in(one.thread, TooLongError)
            self.wakes = min((one.until for one in self.calls), default=None)
            return None if self.wakes is None else self.wakes - now


_WATCH = _Watch()


def _raise_in(thread: int, error: type[Exception] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
