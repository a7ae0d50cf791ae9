"""What every test may ask for, and the ground that all stand on."""

import pytest
from hypothesis import settings

from tests.servers.fixtures import account, certificate, dovecot, imap_server, smtp_sink, stack

__all__ = ["account", "certificate", "dovecot", "imap_server", "smtp_sink", "stack"]

# How long one example takes depends on who else works on the machine.
settings.register_profile("shared machine", deadline=None, max_examples=50)
settings.load_profile("shared machine")


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables have room wherever the tests run: a pipe has no width of its own."""
    monkeypatch.setenv("COLUMNS", "120")
