"""A turn is never taken twice at once, and what was asked for meanwhile is done once more."""

import threading

from processor.scheduler import Turn


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
