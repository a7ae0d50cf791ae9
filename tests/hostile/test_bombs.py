"""A bomb costs a second at most and takes nobody with it: refused by its bytes, or by the child that opened it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from processor.adapters.child import ChildReader
from processor.core.message import AttachmentState
from tests.hostile.bombs import BOMBS
from tests.hostile.spent import spent

SECOND = 1.0 if sys.gettrace() is None else 6.0  # of processor time; measuring coverage slows every line


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    one = ChildReader()
    one.start()
    yield one
    one.close()


def test_there_are_twenty_two() -> None:
    assert len(BOMBS) == 22


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_a_second(reader: ChildReader, name: str) -> None:
    raw = BOMBS[name]()
    begin = spent()

    message = reader.read(raw)

    assert spent() - begin < SECOND
    assert message.subject in {"bomb", ""}
    assert message.over_limit or any(one.state is AttachmentState.UNREADABLE for one in message.attachments)
