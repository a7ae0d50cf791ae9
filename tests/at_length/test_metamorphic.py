"""What happens to a mail on its way changes no decision; what changes its meaning always does."""

from __future__ import annotations

import pytest

from tests.core.metamorphic import Varied, fault, sample


@pytest.mark.parametrize("varied", sample(240), ids=lambda varied: f"{varied.case.name}-{varied.name}")
def test_a_decision_depends_on_what_is_said(varied: Varied) -> None:
    assert fault(varied) is None
