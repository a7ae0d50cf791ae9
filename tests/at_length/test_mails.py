"""Every labelled mail comes to what its label says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.deciding import Desk
from tests.labels import LabelledCase, differences, label_of, read_cases, sets

CASES = [case for folder in sets() for case in read_cases(folder)]


@cache
def desk(folder: Path) -> Desk:
    return Desk(folder / "ledger")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_labelled_conversation_ends_as_labelled(case: LabelledCase) -> None:
    decided = map(label_of, desk(case.folder.parent.parent).decide(case.mails))

    assert [differences(want, have) for want, have in zip(case.labels, decided, strict=True)] == [{}] * len(case.labels)
