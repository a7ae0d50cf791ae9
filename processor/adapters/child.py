"""A pool of warm, disposable child processes that parse mail, so that no mail can take the worker with it."""

from __future__ import annotations

import errno
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from processor.adapters.child_process import CLOSED, LENGTH, OPEN, SIGNED
from processor.adapters.limits import ReadingLimits
from processor.adapters.message_json import loads
from processor.adapters.mime import headers_only
from processor.ports import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from processor.core.message import Message

_ANSWER = 64_000_000  # bytes; far above what the limit on text lets a message hold
_CHUNK = 1 << 18
_FROM_PEOPLE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # Ctrl-C and a service that stops reach children too
_KEPT = ("PATH", "LANG", "LC_", "TZ", "COVERAGE_")  # of the environment: a child that parses mail needs no secret


class ReadingInterruptedError(TransientError):
    """A child that read mail was told to end, which is no mail's doing."""


class ChildReader:
    """Reads mail in children (`ports.Reader`). Safe to share between threads; a dead child costs only its mail."""

    def __init__(self, limits: ReadingLimits | None = None, *, children: int = 2) -> None:
        self._limits = limits or ReadingLimits()
        self._idle: list[_Child] = []
        self._busy = 0
        self._lock = threading.Lock()
        self._children = children
        self._closed = False

    def start(self) -> None:
        """Start the children now, so that the first mail finds them warm."""
        with self._lock:
            self._fill()

    def read(self, raw: bytes) -> Message:
        if len(raw) > self._limits.message:
            return headers_only(raw, "message")
        answer, failure = self._ask(OPEN, raw)
        if not answer:
            answer, failure = self._ask(CLOSED, raw)
        try:
            return loads(answer) if answer else headers_only(raw, failure)
        except (ValueError, TypeError, KeyError):
            return headers_only(raw, "child answered nonsense")

    def holding(self, raw: bytes, keys: Mapping[int, tuple[str, str]]) -> tuple[int, ...]:
        """Return which of a mail's signatures hold, by their place in it; each key comes with its domain."""
        answer, _ = self._ask(SIGNED, json.dumps(keys).encode("ascii") + b"\n" + raw)
        try:
            return tuple(int(index) for index in json.loads(answer)) if answer else ()
        except (ValueError, TypeError):
            return ()

    def _ask(self, opens: bytes, raw: bytes) -> tuple[bytes, str]:
        child = self._take()
        try:
            answer, failure = child.ask(opens, raw, self._limits)
        except ReadingInterruptedError:
            self._give_back(child, fit=False)
            raise
        self._give_back(child, fit=bool(answer))
        return answer, failure

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _take(self) -> _Child:
        with self._lock:
            self._fill()
            self._busy += 1
            return self._idle.pop(0)

    def _fill(self) -> None:
        for child in [child for child in self._idle if not child.is_alive()]:
            self._idle.remove(child)
            child.end(at_once=True)
        while len(self._idle) + self._busy < self._children or not self._idle:
            self._idle.append(_Child(self._limits))

    def _give_back(self, child: _Child, *, fit: bool) -> None:
        with self._lock:
            self._busy -= 1
            if fit and not self._closed and child.mails < self._limits.child_mails and len(self._idle) < self._children:
                self._idle.insert(0, child)
                return
        child.end(at_once=not fit)


def environment_of(ours: Mapping[str, str]) -> dict[str, str]:
    """Return what a child gets of our environment, and where it finds the same modules as we do."""
    kept = {name: value for name, value in ours.items() if name.startswith(_KEPT)}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class _Child:
    """One child process and its two pipes."""

    def __init__(self, limits: ReadingLimits) -> None:
        self.mails = 0
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
            [sys.executable, "-m", "processor.adapters.child_process", json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment_of(os.environ),
            bufsize=0,
        )
        if self._process.stdin is None or self._process.stdout is None:
            msg = "a child without pipes"
            raise RuntimeError(msg)
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    def is_alive(self) -> bool:
        """Tell whether the process still runs."""
        return self._process.poll() is None

    def ask(self, how: bytes, raw: bytes, limits: ReadingLimits) -> tuple[bytes, str]:
        """Hand over a mail and how to read it; return the answer, or nothing and what happened."""
        try:
            if not self.mails:
                self._exchange((), limits.child_boot_seconds)
            self.mails += 1
            head = LENGTH.pack(len(how) + len(raw)) + how  # the mail itself is not copied: it may be large
            answer = self._exchange((head, raw), limits.child_wall_seconds / 2)
        except TimeoutError:
            return b"", "time"
        except OSError:
            answer = b""
        return answer, "" if answer else self._cause()

    def _exchange(self, question: Sequence[bytes], seconds: float) -> bytes:
        """Write and read at once, so that neither side waits for the other, until one answer is complete."""
        deadline = time.monotonic() + seconds
        frames = deque(memoryview(part) for part in question if part)
        answer = bytearray()
        wanted = LENGTH.size
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if frames:
                selector.register(self._in, selectors.EVENT_WRITE)
            while len(answer) < wanted:
                for key, _ in _ready(selector, deadline):
                    if key.fd == self._out:
                        answer += _chunk(self._out)
                    else:
                        frames[0] = frames[0][os.write(self._in, frames[0][:_CHUNK]) :]
                        if not frames[0]:
                            frames.popleft()
                        if not frames:
                            selector.unregister(self._in)
                if len(answer) >= LENGTH.size:
                    wanted = LENGTH.size + LENGTH.unpack_from(answer)[0]
                    if wanted > _ANSWER:
                        raise OSError(errno.EMSGSIZE, "the answer is too long")
        return bytes(answer[LENGTH.size :])

    def _cause(self) -> str:
        """Say how the child ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        code = self._process.returncode
        if code is not None and -code in _FROM_PEOPLE:
            raise ReadingInterruptedError(signal.Signals(-code).name)
        if code is None or code >= 0:
            return "child ended" if code is None else f"child ended ({code})"
        return "time" if code == -signal.SIGXCPU else f"child ended ({signal.Signals(-code).name})"

    def end(self, *, at_once: bool = False) -> None:
        """End the process: politely by closing its input, or at once."""
        if at_once:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _ready(selector: selectors.BaseSelector, deadline: float) -> list[tuple[selectors.SelectorKey, int]]:
    ready = selector.select(max(0.0, deadline - time.monotonic()))
    if not ready:
        raise TimeoutError
    return ready


def _chunk(pipe: int) -> bytes:
    chunk = os.read(pipe, _CHUNK)
    if not chunk:
        raise BrokenPipeError
    return chunk
