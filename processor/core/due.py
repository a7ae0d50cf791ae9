"""What the clock owes a request that waits, and by when (`decisions.md`, After the decision)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.letter import LetterKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from processor.core.office import Office


@dataclass(frozen=True, slots=True)
class Step:
    """One letter that the clock writes: name and number within the question it follows, kind, when it is due (UTC)."""

    name: str
    kind: LetterKind
    due: datetime
    number: int


def steps_after(asked_at: datetime, office: Office) -> tuple[Step, ...]:
    """Return what follows a question that left at `asked_at` (UTC), in order.

    A reminder goes out when the office opens. The request lapses when it closes: an answer may come on the last day.
    """
    profile = office.profile
    reminders = [
        Step(f"reminder {number}", LetterKind.REMINDER, office.opening(office.later(asked_at, days)), number)
        for number, days in enumerate(profile.reminder_days, 1)
    ]
    ends = office.closing(office.later(asked_at, profile.expiry_days))
    end = Step("expiry", LetterKind.EXPIRED, ends, len(reminders) + 1)
    return (*(step for step in reminders if step.due < end.due), end)


def next_step(steps: Iterable[Step], done: Iterable[str], now: datetime) -> tuple[Step | None, tuple[Step, ...]]:
    """Return the step to take now, and those that it replaces.

    After a standstill several may be due: the last of them is taken, and nobody gets three letters at once.
    """
    taken = set(done)
    due = [step for step in steps if step.due <= now and step.name not in taken]
    return (due[-1], tuple(due[:-1])) if due else (None, ())
