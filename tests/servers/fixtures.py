"""The servers as pytest fixtures. Each test gets a mailbox of its own, empty."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from processor.adapters.mail_server import Login, MailServer, Security
from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from tests.servers.certificates import Certificate, self_signed
from tests.servers.dovecot import PROGRAM, Dovecot

_numbers = count(1)


def need_dovecot() -> None:
    """Skip without Dovecot, or fail where the environment says REQUIRE_DOVECOT=1."""
    if PROGRAM is not None:
        return
    if os.environ.get("REQUIRE_DOVECOT") == "1":
        pytest.fail("REQUIRE_DOVECOT=1, and there is no dovecot program")
    pytest.skip("there is no dovecot program")


def account_on(server: Dovecot) -> MailServer:
    """Make a mailbox that nobody has used: this Dovecot takes any user with its password."""
    login = Login(f"user{next(_numbers)}", server.password)
    return MailServer(server.host, server.port, Security.PLAIN, login, read_seconds=20)


def plain(server: ImapServer) -> MailServer:
    """Say how to reach the embedded IMAP server."""
    return MailServer(server.host, server.port, Security.PLAIN, Login(server.user, server.password), read_seconds=20)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Things that a test opens and that end with it, the last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for localhost and 127.0.0.1."""
    return self_signed(Path(tmp_path_factory.mktemp("certificate")))


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for all tests; folders stand under `INBOX.` and are parted by `.`."""
    need_dovecot()
    with Dovecot() as server:
        yield server


@pytest.fixture
def imap_server() -> Iterator[ImapServer]:
    """An embedded IMAP server."""
    with ImapServer() as server:
        yield server


@pytest.fixture(params=["embedded", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def account(request: pytest.FixtureRequest) -> MailServer:
    """An empty mailbox, once on the embedded server and once on Dovecot."""
    if request.param == "dovecot":
        return account_on(request.getfixturevalue("dovecot"))
    return plain(request.getfixturevalue("imap_server"))


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """An SMTP server that keeps every letter."""
    with SmtpSink() as server:
        yield server
