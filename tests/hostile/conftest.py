"""An installation for one test, on the embedded mail servers alone: what Dovecot makes of mail is tested elsewhere."""

from pathlib import Path

import pytest

from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from tests.scenarios.world import World
from tests.servers.fixtures import plain


@pytest.fixture
def place(tmp_path: Path, imap_server: ImapServer, smtp_sink: SmtpSink) -> World:
    """An installation without a ledger."""
    return World(tmp_path, plain(imap_server), smtp_sink)
