"""What a person wants done, on a page or through the API alike: first its effect, and only then exactly that.

Whoever shows an effect hands its seal on. Where that comes back and anything has changed since, nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Engine

from processor import reversing
from processor.adapters import pause_sql
from processor.adapters.approval_sql import Pending
from processor.core.by_person import Chosen
from processor.core.currencies import to_minor
from processor.core.outcomes import Missing, Reason
from processor.events import told
from processor.ports import HeldBackError, LedgerMovedError, PermanentError
from processor.review import Desk, Proposal, Refused, Shown

LONGEST_NOTE = 2000  # characters
_PAUSED: tuple[pause_sql.Action, ...] = ("applying", "replying")


class Came(StrEnum):
    """What came of it."""

    SHOWN = "shown"  # nothing was done: this is what would be
    DONE = "done"
    PROPOSED = "proposed"  # so much needs a second person
    CHANGED = "changed"  # since it was shown: nothing was done, this is how it stands now
    REFUSED = "refused"
    HELD_BACK = "held_back"  # paused, rehearsing, or above a limit


class Sealed(Protocol):
    """An effect that can be shown. `seal` names what was shown: another one means that something has changed."""

    @property
    def seal(self) -> str:
        """Sixteen characters."""


P = TypeVar("P", bound=Sealed)


@dataclass(frozen=True, slots=True)
class Effect(Generic[P]):
    """What came of a wish: the effect itself, unless it was refused, and why not, where it wasn't done."""

    came: Came
    proposal: P | None = None
    problems: tuple[str, ...] = ()
    waiting: Pending | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line to apply; the amount as a decimal in the payment's currency, empty for as much as fits."""

    payment: str
    invoice: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision that a person wants; each act uses what it needs of it."""

    act: str
    partner: str = ""  # where the item names none
    to: str = ""  # another contact on file to write to
    note: str = ""
    lines: tuple[Line, ...] = ()
    missing: tuple[Missing, ...] = ()
    reason: Reason | None = None
    tell: bool = False


def decide(desk: Desk, item: int, wish: Wish, seal: str) -> Effect[Proposal]:
    """Show what a decision would do; with the seal of what was shown, do it."""

    def find() -> Proposal | Refused:
        shown = desk.look(item, wish.partner or None, wish.to)
        return shown if isinstance(shown, Refused) else _propose(desk, shown, wish)

    return _bound(find, desk.carry_out, seal)


def approve(desk: Desk, waiting: Pending, seal: str) -> Effect[Proposal]:
    """Show a second person what the first proposed; with the seal of what was shown, do it."""
    if waiting.proposed_by == desk.actor:
        return Effect(Came.REFUSED, problems=("you proposed it yourself: a second person must do this",))
    return _bound(lambda: desk.reconsider(waiting), desk.carry_out, seal)


def take_back(desk: Desk, name: str, why: str, seal: str) -> Effect[reversing.TakingBack]:
    """Show what taking an allocation back would do; with its seal and a reason, do it."""
    return _bound(
        lambda: reversing.propose(desk, name, why),
        lambda proposal: _without_second(reversing.take_back(desk, proposal)),
        seal if why else "",
    )


def pause(engine: Engine, partner: str, why: str, by: str, now: datetime) -> None:
    """Stop applying and writing for a partner."""
    for action in _PAUSED:
        pause_sql.begin(engine, pause_sql.Pause("partner", partner, action, why, by, now))


def resume(engine: Engine, partner: str, by: str, now: datetime) -> None:
    """Apply and write for a partner again."""
    for action in _PAUSED:
        pause_sql.end(engine, "partner", partner, action, by, now)


def one_line(note: str) -> str:
    """Return a note as it is kept: one line, not too long."""
    return " ".join(note.split())[:LONGEST_NOTE]


def _bound(find: Callable[[], P | Refused], do: Callable[[P], Pending | None], seal: str) -> Effect[P]:
    found = find()
    if isinstance(found, Refused):
        return Effect(Came.REFUSED, problems=found.problems)
    if seal != found.seal:
        return Effect(Came.CHANGED if seal else Came.SHOWN, found)
    try:
        waiting = do(found)
    except LedgerMovedError:  # or another person was faster
        again = find()
        return (
            Effect(Came.CHANGED, problems=again.problems) if isinstance(again, Refused) else Effect(Came.CHANGED, again)
        )
    except (HeldBackError, PermanentError) as error:
        return Effect(Came.HELD_BACK, found, (told(error),))
    return Effect(Came.PROPOSED if waiting else Came.DONE, found, waiting=waiting)


def _without_second(_: object) -> None:
    """Money that is taken back needs no second person."""


def _propose(desk: Desk, shown: Shown, wish: Wish) -> Proposal | Refused:
    note = one_line(wish.note)
    match wish.act:
        case "apply":
            lines, problems = _chosen(wish.lines, shown)
            return Refused(problems) if problems else desk.apply(shown, lines, note)
        case "ask":
            return desk.ask(shown, wish.missing, note)
        case "reject" if wish.reason is not None:
            return desk.reject(shown, wish.reason, note, tell=wish.tell)
        case "release":
            return desk.release(shown, note)
    return Refused(("choose a reason",))


def _chosen(lines: Sequence[Line], shown: Shown) -> tuple[tuple[Chosen, ...], tuple[str, ...]]:
    """Read the amounts; return the lines, and one sentence for each amount that is none."""
    currencies = {one.payment_number: one.currency for one in shown.held.account.payments}
    chosen: list[Chosen] = []
    problems: list[str] = []
    for line in lines:
        minor = _minor(line.amount, currencies.get(line.payment, "")) if line.amount else None
        if line.amount and minor is None:
            currency = currencies.get(line.payment, "a currency")
            problems.append(f"{line.amount}: is no amount in {currency}, such as 1250.00")
        chosen.append(Chosen(line.payment, line.invoice, minor))
    return tuple(chosen), tuple(problems)


def _minor(text: str, currency: str) -> int | None:
    try:
        return to_minor(Decimal(text), currency) if currency else None
    except InvalidOperation:
        return None
