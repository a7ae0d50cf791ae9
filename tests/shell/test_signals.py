"""Ctrl-C, and a service manager that stops us, reach the children that read mail as well. No mail may pay for that."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from processor.adapters.child import ChildReader, ReadingInterruptedError

MAIL = b"From: anna@poldercloud.example\r\nSubject: Hello\r\n\r\nHello\r\n"


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


@pytest.fixture
def reader() -> Iterator[ChildReader]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
    with closing(ChildReader(children=1)) as reader:
        yield reader
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_mail_whose_reading_was_interrupted_is_not_called_unreadable(
    reader: ChildReader, number: signal.Signals
) -> None:
    before = children()
    reader.start()
    (child,) = children() - before
    os.kill(child, signal.SIGSTOP)  # in the middle of reading

    def interrupt() -> None:
        os.kill(child, number)
        os.kill(child, signal.SIGCONT)

    threading.Timer(0.3, interrupt).start()
    with pytest.raises(ReadingInterruptedError, match=number.name):
        reader.read(MAIL)

    assert reader.read(MAIL).over_limit == ""
