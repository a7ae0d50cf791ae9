"""A pure call that takes too long is given up, so that no text, however it is made, holds up the mails behind it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class TooLongError(Exception):
    """A call was given up because it took too long."""


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns. Raises `TooLongError` inside the call once the seconds are over.

    Only for calls that touch nothing outside themselves: they end at any line. Library code in C is not interrupted.
    """
    thread, guard, fired = threading.get_ident(), threading.Lock(), threading.Event()
    done = threading.Event()

    def give_up() -> None:
        with guard:
            if not done.is_set():
                fired.set()
                _raise_in(thread, TooLongError)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        return call()
    finally:
        timer.cancel()
        with guard:
            done.set()
            if fired.is_set():
                _raise_in(thread, None)  # what has not been raised yet must not be raised later


def _raise_in(thread: int, error: type[Exception] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
