"""The inside of a child that reads mail: it confines itself, answers each mail with a message, and knows no secret."""

from __future__ import annotations

import json
import math
import os
import resource
import struct
import sys
from dataclasses import replace
from typing import BinaryIO

from processor.adapters.dkim_check import holding
from processor.adapters.limits import ReadingLimits
from processor.adapters.message_json import dumps
from processor.adapters.mime import read_message

LENGTH = struct.Struct(">Q")
OPEN, CLOSED, SIGNED = b"+", b"-", b"="
_LIBRARY_SECONDS = 0.4  # of the processor, for all pages of a file; an ordinary page takes a hundredth of that
_WARM_UP = (
    b"MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n"
    b"--x\n\nHello\n--x\nContent-Type: text/html\n\n<table><tr><td>1<td>2</table>\n--x--\n"
)


def main() -> None:
    """Answer each frame on standard input with one on standard output, until the input ends.

    A frame is eight bytes of length and the content. A question is a byte (`OPEN` or `CLOSED`: may attached files be
    opened?) and a mail; the answer is a message as JSON. Behind the byte `SIGNED` stand keys, a line of JSON, and a
    mail; the answer says which signatures hold. An empty answer, sent unasked, says that the child is ready.
    """
    limits = replace(ReadingLimits(**json.loads(sys.argv[1])), library_seconds=_LIBRARY_SECONDS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    _confine(limits)
    read_message(_WARM_UP, limits)
    _send(answers, b"")
    while question := _frame(sys.stdin.buffer):
        _grant_time(limits)
        _send(answers, _answer(question, limits))


def _answer(question: bytes, limits: ReadingLimits) -> bytes:
    if question[:1] != SIGNED:
        return dumps(read_message(question[1:], limits, opens=question[:1] == OPEN))
    keys, _, raw = question[1:].partition(b"\n")
    asked = {int(index): (domain, record) for index, (domain, record) in json.loads(keys).items()}
    return json.dumps(holding(raw, asked)).encode("ascii")


def _send(stream: BinaryIO, content: bytes) -> None:
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def _frame(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    return stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _confine(limits: ReadingLimits) -> None:
    """Bound the address space; leave no core file behind."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = limits.child_memory if hard == resource.RLIM_INFINITY else min(limits.child_memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _grant_time(limits: ReadingLimits) -> None:
    """Move the processor-time limit to a few seconds from now: it counts over the life of a process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime) + limits.child_cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


if __name__ == "__main__":
    main()
