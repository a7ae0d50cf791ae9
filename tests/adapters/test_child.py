"""The pool of children: what a mail can do to one of them, and that it can do nothing to anybody else."""

from __future__ import annotations

import os
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from processor.adapters.child import ChildReader, environment_of
from processor.adapters.limits import ReadingLimits
from processor.adapters.mime import read_message
from processor.core.message import AttachmentState, Message

LIMITS = ReadingLimits()
GOOD = b"From: a@b.example\r\nSubject: Pay\r\n\r\nPay G1 with 1400000001\r\n"
MIXED = (
    b"From: a@b.example\r\nSubject: Pay\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\n\r\nPay G1\r\n--x\r\n"
    b"Content-Type: %s\r\nContent-Disposition: attachment; filename=%s\r\n\r\n%s\r\n--x--\r\n"
)
Maker = Callable[[ReadingLimits], ChildReader]


@pytest.fixture
def reader_with() -> Iterator[Maker]:
    made: list[ChildReader] = []

    def make(limits: ReadingLimits) -> ChildReader:
        made.append(ChildReader(limits))
        return made[-1]

    yield make
    for reader in made:
        reader.close()


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    one = ChildReader(LIMITS)
    one.start()
    yield one
    one.close()


def children() -> set[int]:
    """Process ids of our own children that read mail."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_bytes().rpartition(b")")[2].split()[1])
            ours = b"processor.adapters.child_process" in (process / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and ours:
            found.add(int(process.name))
    return found


def test_a_child_reads_what_we_would_read(reader: ChildReader) -> None:
    for raw in (GOOD, b"", b"\0", MIXED % (b"text/csv", b"x.csv", b"G1;10\nG2;20")):
        assert reader.read(raw) == read_message(raw, LIMITS)


def test_a_message_too_large_is_not_even_handed_over(reader_with: Maker) -> None:
    message = reader_with(replace(LIMITS, message=50)).read(GOOD)
    assert (message.over_limit, message.subject, message.sources) == ("message", "Pay", ())
    assert message.size == len(GOOD)


def test_an_attachment_that_takes_too_long_costs_only_itself(
    reader_with: Maker,
) -> None:
    reader = reader_with(replace(LIMITS, child_wall_seconds=3.0))
    message = reader.read(MIXED % (b"application/rtf", b"x.rtf", b"{\\rtf1 " + b"\\par a" * 1_600_000))
    assert message.over_limit == ""
    assert message.sources[1].text == "Pay G1"
    assert [(one.state, one.why) for one in message.attachments] == [(AttachmentState.UNREADABLE, "too much work")]
    assert reader.read(GOOD).over_limit == ""


def test_a_mail_that_outlasts_its_child_keeps_its_headers(reader_with: Maker) -> None:
    reader = reader_with(replace(LIMITS, child_wall_seconds=0.1))
    slow = b"From: a@b.example\r\nSubject: Pay\r\nContent-Type: text/html\r\n\r\n" + b"<i>G1</i><br>" * 70_000
    message = reader.read(slow)
    assert (message.over_limit, message.subject, message.sources) == ("time", "Pay", ())
    assert message.header("from") == ("a@b.example",)


def test_a_child_without_room_ends_that_mail_and_not_the_next(
    reader_with: Maker,
) -> None:
    reader = reader_with(replace(LIMITS, child_memory=230_000_000))
    assert reader.read(GOOD + b"x" * 24_000_000).over_limit
    assert reader.read(GOOD).over_limit == ""


def test_a_killed_child_is_replaced(reader_with: Maker) -> None:
    before = children()
    reader = reader_with(LIMITS)
    for _ in range(3):
        assert reader.read(GOOD).over_limit == ""
        for pid in children() - before:
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def test_children_are_replaced_after_so_many_mails(reader_with: Maker) -> None:
    before = children()
    reader = reader_with(replace(LIMITS, child_mails=2))
    seen: set[int] = set()
    for _ in range(6):
        assert reader.read(GOOD).over_limit == ""
        seen |= children() - before
    assert len(seen) >= 3


def test_close_leaves_no_child_behind() -> None:
    before = children()
    reader = ChildReader(LIMITS)
    reader.read(GOOD)
    assert children() - before
    reader.close()
    assert children() == before


def test_threads_share_the_pool(reader: ChildReader) -> None:
    found: list[Message] = []
    threads = [threading.Thread(target=lambda: found.extend(reader.read(GOOD) for _ in range(20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [read_message(GOOD, LIMITS)] * 80


def test_no_secret_reaches_a_child() -> None:
    given = environment_of({"PATH": "/bin", "LANG": "C", "PROCESSOR_IMAP_PASSWORD": "canary", "AWS_SECRET": "canary"})
    assert set(given) == {"PATH", "LANG", "PYTHONPATH"}


def test_a_child_costs_at_most_three_milliseconds(reader: ChildReader) -> None:
    raw = GOOD + b"Pay G012345678 with 1400000001, EUR 1.234,56\r\n" * 100

    def median(read: Callable[[], Message]) -> float:
        times = []
        for _ in range(40):
            begin = time.perf_counter()
            read()
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    extra = min(median(lambda: reader.read(raw)) - median(lambda: read_message(raw, LIMITS)) for _ in range(3))
    assert extra < (0.003 if sys.gettrace() is None else 0.03)  # measuring coverage slows every line
