"""A desk gives every case back in its order, whoever decides it and however that ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from processor.core.decision import Snapshot
from processor.core.message import Message
from processor.deciders import Desk
from processor.deciding_child import Concluded, DecidingChild, DecidingInterruptedError
from processor.ports import StoredMail
from processor.worker import Case


class DecidedHereError(Exception):
    """What deciding in this process comes to."""


class DecidedThereError(Exception):
    """What deciding in the child comes to."""


class Child:
    """Stands for a child process; `trouble` is raised in place of an answer."""

    def __init__(self, trouble: Exception | None = None, *, boots: bool = True) -> None:
        self.fit = True
        self._trouble = trouble
        self._boots = boots

    def is_ready(self) -> bool:
        return self._boots

    def ask(self, cases: Sequence[Case]) -> list[Concluded]:
        time.sleep(0.001)
        if self._trouble is not None:
            raise self._trouble
        return [DecidedThereError() for _ in cases]

    def end(self) -> None:
        self.fit = False


def case(number: int) -> Case:
    nothing = Message("", "", 0, (), "", ())
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    return Case(StoredMail(number, "box", b"", "", moment, 0), nothing, Snapshot(moment.date()))


def through(*children: Child, amount: int = 40) -> list[tuple[int, Concluded]]:
    """Put cases on a desk, and return what comes back."""

    def here(_: Case) -> Concluded:
        time.sleep(0.001)
        return DecidedHereError()

    desk = Desk(here, [cast("DecidingChild", child) for child in children])
    done = []
    for number in range(amount):
        desk.put(case(number))
        done += desk.finished()
    while not desk.is_empty:
        done += desk.step()
    desk.close()
    return [(one.mail.id, found) for one, found in done]


@pytest.mark.parametrize(
    "children",
    [
        (),
        (Child(),),
        (Child(), Child()),
        (Child(boots=False),),
        (Child(TypeError("no pipe takes this")), Child()),
    ],
    ids=["none", "one", "two", "one that boots", "one that breaks"],
)
def test_every_case_comes_back_in_order(children: tuple[Child, ...]) -> None:
    done = through(*children)

    assert [number for number, _ in done] == list(range(40))
    assert all(isinstance(found, DecidedHereError | DecidedThereError) for _, found in done)


def test_a_child_and_this_process_share_the_work() -> None:
    kinds = {type(found) for _, found in through(Child())}

    assert kinds == {DecidedHereError, DecidedThereError}


def test_cases_of_a_child_that_died_are_told_as_interrupted() -> None:
    class Dead(Child):
        def ask(self, cases: Sequence[Case]) -> list[Concluded]:
            self.fit = False
            return [DecidingInterruptedError() for _ in cases]

    found = [one for _, one in through(Dead())]

    assert sum(isinstance(one, DecidingInterruptedError) for one in found) <= 4
    assert len(found) == 40
