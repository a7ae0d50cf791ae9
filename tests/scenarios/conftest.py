"""Worlds with the shared ledger, on the embedded mail server and on Dovecot."""

from pathlib import Path

import pytest

from processor.adapters.mail_server import MailServer
from processor.servers.smtp_sink import SmtpSink
from tests.scenarios.world import MAILS, SETS, World


@pytest.fixture
def world(tmp_path: Path, account: MailServer, smtp_sink: SmtpSink) -> World:
    """A fresh installation whose ledger holds the partners of all labelled mails."""
    world = World(tmp_path, account, smtp_sink)
    world.settle_in(*(MAILS / name / "ledger" for name in SETS))
    return world
