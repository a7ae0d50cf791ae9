"""A turn is never taken twice at once, what was asked for meanwhile is done once more, and a stop waits for no more."""

import threading
import time
from random import Random
from typing import cast

from processor.ports import Mailbox
from processor.rounds import Rounds
from processor.scheduler import Scheduler, Turn
from processor.settings import ScheduleSettings
from tests.simulation.outside import PostOffice, SimulatedClock, SimulatedMailbox, Weather


def test_a_turn_asked_for_while_it_runs_runs_once_more() -> None:
    begun, go_on = threading.Event(), threading.Event()
    runs: list[int] = []

    def act() -> None:
        runs.append(len(runs))
        begun.set()
        go_on.wait(5)

    turn = Turn("poll", act)
    first = threading.Thread(target=turn.take)
    first.start()
    begun.wait(5)

    turn.take()
    turn.take()
    at_once = len(runs)
    go_on.set()
    first.join(5)

    assert (at_once, runs) == (1, [0, 1])


def test_a_turn_that_fails_can_be_taken_again() -> None:
    runs: list[int] = []

    def act() -> None:
        runs.append(1)
        raise ZeroDivisionError

    turn = Turn("poll", act)
    turn.take()
    turn.take()

    assert runs == [1, 1]


class StoppedInAPoll:
    """Rounds that are told to stop while they poll."""

    heart = None

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.polls = 0

    def poll(self, *_: object) -> list[str]:
        self.stopping.set()
        time.sleep(0.3)  # meanwhile the scheduler begins to end
        self.polls += 1
        return []

    def deliver(self) -> list[str]:
        return []


def test_a_stop_waits_for_the_poll_in_hand_and_not_longer() -> None:
    rounds = StoppedInAPoll()
    mailbox: Mailbox = SimulatedMailbox(PostOffice(SimulatedClock()), Weather(Random(1)))  # noqa: S311 no secret
    settings = ScheduleSettings(idle=False, stop_seconds=5)

    finished = Scheduler(cast("Rounds", rounds), mailbox, settings, list).run()

    assert (finished, rounds.polls) == (True, 1)
