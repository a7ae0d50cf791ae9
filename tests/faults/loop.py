"""The n-th call to anything outside fails, for every n until a run meets no fault: before its effect, or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from processor.adapters.engine import DatabaseUnavailableError
from processor.delivery import Delivery
from processor.outgoing import LetterState, OutgoingLetter
from processor.ports import PermanentError
from tests.simulation.checker import violations
from tests.simulation.mails import Kind, write
from tests.simulation.outside import ServerGoneError
from tests.simulation.run import open_world
from tests.simulation.world import World

PORTS = ("mailbox", "mailer", "intake", "books", "outbox")


class When(StrEnum):
    """Which part of a call fails."""

    BEFORE = "before its effect"
    AFTER = "after its effect"  # only the answer is lost


class Extent(StrEnum):
    """How long it goes on."""

    ONCE = "once"
    FOR_EVER = "for ever"  # until somebody mends it, after the run
    RECOVERING = "once, and once more in the next run"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, at the n-th call of all."""

    nth: int
    error: type[Exception]
    when: When
    extent: Extent


ERRORS = (ServerGoneError, DatabaseUnavailableError, PermanentError, OSError)


@dataclass
class Gauge:
    """Counts the calls to all ports, and fails those that the fault names."""

    fault: Fault | None = None
    calls: int = 0
    met: list[str] = field(default_factory=list)

    def strike(self, name: str, number: int, when: When) -> None:
        """Raise where the call of this number is to fail; calls made inside it have later numbers."""
        fault = self.fault
        if fault is None or fault.when is not when:
            return
        if number == fault.nth or (fault.extent is Extent.FOR_EVER and number > fault.nth):
            self.met.append(name)
            raise fault.error(name)


class Failing:
    """A port whose calls are counted and may fail. A mailer's own failures are values, as its port promises."""

    def __init__(self, inner: object, name: str, gauge: Gauge) -> None:
        self._inner, self._name, self._gauge = inner, name, gauge

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the port has
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        call = cast("Callable[..., Any]", found)

        def counted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            self._gauge.calls += 1
            number = self._gauge.calls
            told = f"{self._name}.{name}"
            self._gauge.strike(told, number, When.BEFORE)
            result = call(*arguments, **named)
            whole = list(result) if name == "fetch" else result
            self._gauge.strike(told, number, When.AFTER)
            return whole

        return counted


class FailingMailer:
    """`Mailer` that reports what struck it: nothing had left before, nobody knows after."""

    def __init__(self, inner: object, gauge: Gauge) -> None:
        self._port = Failing(inner, "mailer", gauge)

    def send(self, letter: OutgoingLetter, before_data: Callable[[], None]) -> tuple[LetterState, str]:
        begun = list[bool]()

        def begin() -> None:
            before_data()
            begun.append(True)

        try:
            state, words = self._port.send(letter, begin)
        except DatabaseUnavailableError:
            if not begun:
                raise
            return LetterState.UNCERTAIN, "the line went dead"
        except Exception as error:  # noqa: BLE001 any trouble of the line
            return LetterState.UNCERTAIN if begun else LetterState.DEFERRED, str(error)
        return state, words

    def close(self) -> None:
        """Nothing is open."""


def scene() -> World:
    """One mail of each kind, waiting in the inbox; the vague one is answered later."""
    world = open_world(1)
    for number, kind in enumerate((Kind.WHOLE, Kind.VAGUE, Kind.FORGED, Kind.PART, Kind.ROBOT, Kind.POISON), 1):
        world.arrive(write(kind, number, number))
    return world


def trial(fault: Fault | None) -> tuple[Gauge, list[str]]:
    """Run the scene under a fault, then mend everything; return what was met and every promise that is broken."""
    world, gauge = scene(), Gauge(fault)
    ports: dict[str, Any] = {name: getattr(world, name) for name in PORTS}
    world.mailbox, world.intake = Failing(ports["mailbox"], "mailbox", gauge), Failing(ports["intake"], "intake", gauge)  # type: ignore[assignment]
    world.books, world.outbox = Failing(ports["books"], "books", gauge), Failing(ports["outbox"], "outbox", gauge)  # type: ignore[assignment]
    world.delivery = lambda outbox, mailer, *rest: Delivery(outbox, FailingMailer(mailer, gauge), *rest)
    for _ in range(2 if fault and fault.extent is Extent.RECOVERING else 1):
        met, gauge.calls = gauge.calls, 0
        with suppress(Exception):  # the scheduler's turn takes it, and comes again
            world.live(crash=False)
        gauge.calls = max(met, gauge.calls)
    for name, port in ports.items():
        setattr(world, name, port)
    world.delivery = Delivery
    ended = world.settle()
    world.seen.folders, world.seen.accepted = world.office.standing(), world.mailer.accepted
    found = violations(world.engine, world.seen)
    return gauge, found if ended else [*found, "P8 work did not end"]


def faults(step: int = 1) -> Iterator[Fault]:
    """Every `step`-th of all faults: each call of a run, each error, each time, each extent."""
    calls = trial(None)[0].calls
    every = [
        Fault(nth, error, when, extent)
        for nth in range(1, calls + 1)
        for error in ERRORS
        for when in When
        for extent in Extent
    ]
    yield from every[::step]
