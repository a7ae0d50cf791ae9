"""A pool of warm, disposable child processes that parse mail, so that no mail can take the worker with it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from processor.adapters.child_process import LENGTH
from processor.adapters.limits import ReadingLimits
from processor.adapters.message_json import loads
from processor.adapters.mime import headers_only

if TYPE_CHECKING:
    from processor.core.message import Message

_ANSWER = 64_000_000  # bytes; far above what the limit on text lets a message hold
_CHUNK = 1 << 18
_KEPT = ("PATH", "LANG", "LC_", "TZ", "COVERAGE_")  # of the environment: a child that parses mail needs no secret


class ChildReader:
    """Reads mail in children (`ports.Reader`). Safe to share between threads; a dead child costs only its mail."""

    def __init__(self, limits: ReadingLimits | None = None, *, children: int = 2) -> None:
        self._limits = limits or ReadingLimits()
        self._idle: list[_Child] = []
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
        child = self._take()
        answer, failure = child.ask(raw, self._limits.child_wall_seconds)
        try:
            message = loads(answer) if answer else headers_only(raw, failure)
        except (ValueError, TypeError, KeyError):
            message = headers_only(raw, "child answered nonsense")
        self._give_back(child, fit=bool(answer) and message.over_limit != "memory")
        return message

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _take(self) -> _Child:
        with self._lock:
            self._fill()
            return self._idle.pop(0)

    def _fill(self) -> None:
        self._idle = [child for child in self._idle if child.is_alive()]
        while len(self._idle) < self._children:
            self._idle.append(_Child(self._limits))

    def _give_back(self, child: _Child, *, fit: bool) -> None:
        with self._lock:
            if fit and not self._closed and child.mails < self._limits.child_mails and len(self._idle) < self._children:
                self._idle.insert(0, child)
                return
        child.end(at_once=not fit)


class _Child:
    """One child process and its two pipes."""

    def __init__(self, limits: ReadingLimits) -> None:
        self.mails = 0
        environment = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "processor.adapters.child_process", json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
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

    def ask(self, raw: bytes, seconds: float) -> tuple[bytes, str]:
        """Hand over a mail; return the answer, or nothing and what happened."""
        self.mails += 1
        try:
            answer = self._exchange(memoryview(LENGTH.pack(len(raw)) + raw), time.monotonic() + seconds)
        except TimeoutError:
            return b"", "time"
        except OSError:
            answer = b""
        return answer, "" if answer else self._cause()

    def _exchange(self, frame: memoryview, deadline: float) -> bytes:
        answer = bytearray()
        wanted = LENGTH.size
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_WRITE)
            selector.register(self._out, selectors.EVENT_READ)
            while len(answer) < wanted:
                for key, _ in _ready(selector, deadline):
                    if key.fd == self._in:
                        frame = frame[os.write(self._in, frame[:_CHUNK]) :]
                        if not frame:
                            selector.unregister(self._in)
                        continue
                    chunk = os.read(self._out, _CHUNK)
                    if not chunk:
                        return b""
                    answer += chunk
                if wanted == LENGTH.size <= len(answer):
                    wanted += LENGTH.unpack_from(answer)[0]
                    if wanted > _ANSWER:
                        return b""
        return bytes(answer[LENGTH.size :])

    def _cause(self) -> str:
        """Say how the child ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        code = self._process.returncode
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
