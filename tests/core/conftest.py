"""What the tests of the core may ask for."""

from __future__ import annotations

import pytest

from processor.core.message import Message
from processor.core.policy import Policy
from tests import builders
from tests.core.docstrings import mail_of


@pytest.fixture
def message(request: pytest.FixtureRequest) -> Message:
    """Return the mail in the test's docstring."""
    return mail_of(request.function)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Return what decides by the shipped profile and lexicons."""
    return builders.policy()
