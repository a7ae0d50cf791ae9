"""A child that decides: cases come in by a pipe, what was decided goes back; when the pipe ends, so does the child."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from processor.core.decision import Decision
from processor.core.policy import Policy
from processor.ports import RenderedLetter, Renderer, TransientError
from processor.worker import DECIDING, Case, Considered, conclude

_FROM_PEOPLE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # a stop reaches the children too: the parent decides
_MARGIN = 5.0  # seconds beyond the time that deciding may take

Concluded = Considered | Exception
Make = Callable[[], tuple[Policy, Renderer]]  # what decides, made in the child itself
_READY = b"ready"


class DecidingInterruptedError(TransientError):
    """A child that decides has ended, which is no mail's doing."""


@dataclass(frozen=True, slots=True)
class _Answer:
    decision: Decision
    reference: str
    letter: RenderedLetter | None


class DecidingChild:
    """One child process. It boots for about a second, and is not asked before it is ready."""

    def __init__(self, make: Make) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, make), name="decides", daemon=True)
        self._process.start()
        theirs.close()
        self._booted = False
        self.fit = True

    def is_ready(self) -> bool:
        """Tell whether it can be asked; one that died is not fit any more."""
        try:
            if not self._booted and self._ours.poll():
                self._booted = self._ours.recv() == _READY
        except (OSError, EOFError):
            self.fit = False
        return self._booted and self.fit

    def ask(self, cases: Sequence[Case]) -> list[Concluded]:
        """Let it decide cases; where it dies or hangs over them, none of them is decided."""
        try:
            self._ours.send(cases)
            if self._ours.poll(len(cases) * DECIDING + _MARGIN):
                answers: list[_Answer | Exception] = self._ours.recv()
                return [_considered(case, answer) for case, answer in zip(cases, answers, strict=True)]
        except (OSError, EOFError):
            pass
        self.fit = False
        self.end()
        return [DecidingInterruptedError() for _ in cases]

    def end(self) -> None:
        """End it at once: nothing is lost."""
        self._ours.close()
        self._process.kill()
        self._process.join()


def serve(connection: Connection, make: Make) -> None:
    """Decide what comes, until nothing more can come."""
    for number in _FROM_PEOPLE:
        signal.signal(number, signal.SIG_IGN)
    policy, renderer = make()

    def answer(case: Case) -> _Answer | Exception:
        try:
            done = conclude(case, policy, renderer)
        except Exception as error:  # noqa: BLE001 it is the case's own
            return error
        return _Answer(done.decision, done.reference, done.letter)

    with suppress(EOFError, OSError):
        connection.send(_READY)
        while True:
            connection.send([answer(case) for case in connection.recv()])


def _considered(case: Case, answer: _Answer | Exception) -> Concluded:
    if isinstance(answer, Exception):
        return answer
    return Considered(case.message, case.snapshot, answer.decision, answer.reference, answer.letter)
