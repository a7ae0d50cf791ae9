"""Something that is done beside the work at hand, each time it is asked for: at once, or on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Act = Callable[[], object]
Aside = Callable[
    [Act], AbstractContextManager[Act]
]  # gives what asks for the act; it has been done when the block ends


@contextmanager
def in_place(act: Act) -> Iterator[Act]:
    """Let whoever asks do it."""
    yield act


@contextmanager
def on_a_thread(act: Act) -> Iterator[Act]:
    """Let a thread do it. Asked for while it runs, it runs once more; what it raises is raised when the block ends."""
    errand = _Errand(act)
    try:
        yield errand.ask
    finally:
        errand.finish()
    if errand.error is not None:
        raise errand.error


class _Errand:
    def __init__(self, act: Act) -> None:
        self.error: BaseException | None = None
        self._act = act
        self._change = threading.Condition()
        self._wanted = self._over = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        with self._change:
            self._wanted = True
            self._change.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="aside")
            self._thread.start()

    def finish(self) -> None:
        with self._change:
            self._over = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self.error is None and self._next():
            try:
                self._act()
            except BaseException as error:  # noqa: BLE001 it is raised where the act was asked for
                self.error = error

    def _next(self) -> bool:
        """Wait until it is wanted again; False at the end."""
        with self._change:
            self._change.wait_for(lambda: self._wanted or self._over)
            wanted, self._wanted = self._wanted, False
            return wanted
