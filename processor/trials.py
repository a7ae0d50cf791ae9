"""Trials under way and done, one at a time, each in a process of its own.

A draft may hold a pattern that never ends: it must hold up neither pages nor mails, and be ended at any moment.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from secrets import token_hex

from processor.events import told
from processor.policy_files import policy_from
from processor.ports import OutsideError
from processor.settings import Settings
from processor.trial import Change, Job, Step, Trying
from processor.usage import WrongUsageError
from processor.wiring import open_database, reader_for

KEPT = 8  # trials that are remembered
LISTED = 500  # changes of one trial; all are counted
RUNNING, DONE, CANCELLED, FAILED = "running", "done", "cancelled", "failed"


@dataclass
class Trial:
    """One trial as it stands. `words` say what was tried on what; `moves` counts outcomes before and after."""

    id: str
    by: str
    began_at: datetime
    words: str
    diff: str
    state: str = RUNNING
    number: int = 0
    total: int = 0
    changed: int = 0
    changes: list[Change] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    more: Counter[str] = field(default_factory=Counter)
    less: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    def as_it_stands(self) -> Trial:
        """Return a copy: the trial itself goes on while a page is written."""
        return replace(
            self,
            changes=list(self.changes),
            left_out=Counter(self.left_out),
            moves=Counter(self.moves),
            more=Counter(self.more),
            less=Counter(self.less),
        )

    def take(self, step: Step) -> None:
        """Count one mail."""
        self.number, self.total = step.number, step.total
        if step.left_out:
            self.left_out[step.left_out] += 1
        if step.change is not None:
            self.changed += 1
            self.moves[step.change.before.outcome, step.change.after.outcome] += 1
            self.more.update(step.change.more)
            self.less.update(step.change.less)
            if len(self.changes) < LISTED:
                self.changes.append(step.change)


class Trials:
    """All trials of one console."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Trial] = {}
        self._running: tuple[Trial, BaseProcess] | None = None

    def every(self) -> tuple[Trial, ...]:
        """Return the trials that are remembered, the newest first."""
        with self._lock:
            return tuple(one.as_it_stands() for one in reversed(self._kept.values()))

    def find(self, name: str) -> Trial | None:
        """Return one trial."""
        with self._lock:
            found = self._kept.get(name)
            return found.as_it_stands() if found else None

    def begin(self, settings: Settings, job: Job, by: str, at: datetime, told_as: tuple[str, str]) -> Trial | None:
        """Begin a trial, or return None while another is under way; `told_as` is what was tried, and its difference."""
        words, diff = told_as
        with self._lock:
            if self._running is not None:
                return None
            receiver, sender = get_context("spawn").Pipe(duplex=False)
            process = get_context("spawn").Process(target=work, args=(sender, settings, job), daemon=True)
            trial = Trial(token_hex(8), by, at, words, diff)
            self._running = (trial, process)
            self._kept[trial.id] = trial
            for old in list(self._kept)[:-KEPT]:
                del self._kept[old]
            process.start()  # under the lock, so that whoever cancels finds a process to end
        sender.close()
        threading.Thread(target=self._listen, args=(trial, process, receiver), name="trial", daemon=True).start()
        return trial

    def cancel(self, name: str) -> None:
        """End a trial; what it found until then stays."""
        with self._lock:
            if self._running is not None and self._running[0].id == name:
                trial, process = self._running
                trial.state = CANCELLED
                if process.pid is not None:
                    process.terminate()

    def stop(self) -> None:
        """End whatever is under way."""
        for trial in self.every():
            self.cancel(trial.id)

    def _listen(self, trial: Trial, process: BaseProcess, receiver: Connection) -> None:
        ending = "the process ended"
        with closing(receiver):
            try:
                while isinstance(said := receiver.recv(), Step):
                    with self._lock:
                        trial.take(said)
                ending = str(said)
            except (EOFError, OSError):
                pass
        process.join()
        with self._lock:
            self._running = None
            if trial.state == RUNNING:
                trial.state, trial.problem = (FAILED, ending) if ending else (DONE, "")


def work(sender: Connection, settings: Settings, job: Job) -> None:
    """Try everything, in a process of its own: say each step, then an empty word, or what went wrong."""
    os.nice(10)  # pages and mails come first
    try:
        in_force, draft = policy_from(settings), policy_from(settings, job.draft)
        with open_database(settings) as engine, closing(reader_for(settings)) as reader:
            for step in Trying(engine, reader, in_force, draft).steps(job):
                sender.send(step)
        sender.send("")
    except (OutsideError, WrongUsageError) as error:
        sender.send(told(error) if isinstance(error, OutsideError) else "; ".join(map(str, error.args)))
