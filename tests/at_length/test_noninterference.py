"""Nothing that other partners have, or have not, shows in an answer."""

from __future__ import annotations

import pytest

from tests.core.noninterference import Pair, difference, difference_unproved, pairs


@pytest.mark.parametrize("pair", pairs(200), ids=lambda pair: pair.case.name)
def test_a_sender_can_not_tell_what_others_have(pair: Pair) -> None:
    assert difference(pair) is None


def test_a_sender_without_proof_can_not_tell_what_anybody_has() -> None:
    assert [told for pair in pairs(150) if (told := difference_unproved(pair))] == []
