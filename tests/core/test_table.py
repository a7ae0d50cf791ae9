"""The table of `decisions.md`: each gate and each row has a mail that fires it and a near twin that doesn't."""

from __future__ import annotations

import re

import pytest

from processor.core.gates import GATES
from processor.core.rules.table import ALONE, RULES
from tests.core.scenes import SCENES, Scene, amounts, in_words, invoices, machines, payments, senders, wishes

__all__ = ["amounts", "invoices", "machines", "payments", "senders", "wishes"]  # each fills SCENES

BY_ROW = {number: {gate.__name__} for number, gate in GATES}
for row, rule in (*ALONE, *RULES):
    BY_ROW.setdefault(str(row) if row else rule.__name__, set()).add(rule.__name__)
BY_ROW |= {"31": {"is_repeated"}, "46": {"everything_agrees"}}
ROWS = {number for number, _ in GATES} | {str(row) for row in range(20, 47)} | set(BY_ROW)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.row}-{scene.given.__name__}")
def test_a_mail_comes_to_what_its_scene_says(scene: Scene) -> None:
    decision = scene.decide()
    looked_at = [step.hit for step in decision.trail if step.rule in BY_ROW.get(scene.row, ())]

    assert in_words(decision) == scene.comes_to
    assert scene.row not in BY_ROW or any(looked_at) == scene.fires


def test_each_row_has_a_mail_that_fires_it_and_one_that_does_not() -> None:
    told = {(scene.row, scene.fires) for scene in SCENES}

    assert sorted(told) == sorted((row, hit) for row in ROWS for hit in (True, False))


@pytest.mark.parametrize(("number", "gate"), GATES)
def test_a_gate_says_which_one_it_is(number: str, gate: object) -> None:
    assert re.match(rf"(?:Gate {number}:|Limits)", gate.__doc__ or "")
