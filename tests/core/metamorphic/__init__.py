"""Labelled mails varied: what changes nothing must change no decision, what changes something must change it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from processor.worker import Considered
from tests.core.metamorphic.harmful import HARMFUL
from tests.core.metamorphic.harmless import HARMLESS
from tests.core.metamorphic.original import Original, Variation
from tests.deciding import Desk
from tests.labels import LabelledCase, read_cases, sets

SEED = 20261116


@dataclass(frozen=True, slots=True)
class Varied:
    """A labelled mail, the name of a variation, and whether its decision must stay the same."""

    case: LabelledCase
    name: str
    same: bool

    @property
    def variation(self) -> Variation:
        return (HARMLESS if self.same else HARMFUL)[self.name]


def every() -> list[Varied]:
    """Return every variation of every applied mail that begins a conversation."""
    applied = [case for folder in sets() for case in read_cases(folder) if case.labels[0].outcome == "applied"]
    harmless = [Varied(case, name, same=True) for case in applied for name in HARMLESS]
    return harmless + [Varied(case, name, same=False) for case in applied for name in HARMFUL]


def sample(size: int) -> list[Varied]:
    """Return some of them, always the same."""
    population = every()
    return Random(SEED).sample(population, min(size, len(population)))  # noqa: S311  # chance by number


def fault(varied: Varied) -> str | None:
    """Tell what is wrong with the decision on a varied mail; nothing if it is right, or the variation doesn't apply."""
    before = _original(varied.case)
    changed = varied.variation(before, Random(f"{SEED}{varied.case.name}{varied.name}"))  # noqa: S311
    if changed is None or not before.decision.applications:
        return None
    after = _desk(varied.case.folder.parent.parent).consider(changed)
    same = _told(after) == _told(before.done)
    return None if same is varied.same else f"{varied.case.name}: {varied.name}: {_told(before.done)} -> {_told(after)}"


def _told(done: Considered) -> tuple[object, ...]:
    decision = done.decision
    applied = sorted((one.payment, one.invoice, one.amount, one.currency) for one in decision.applications)
    return decision.outcome.value, applied, sorted(decision.missing), sorted(decision.reasons)


@cache
def _original(case: LabelledCase) -> Original:
    return Original(case.mails[0], _desk(case.folder.parent.parent).consider(case.mails[0]))


@cache
def _desk(folder: Path) -> Desk:
    return Desk(folder / "ledger")
