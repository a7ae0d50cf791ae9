"""Logging in with what Microsoft, Google and older servers want, asked of Dovecot."""

from collections.abc import Iterator

import pytest

from processor.adapters.imap import ImapMailbox
from processor.adapters.mail_errors import LoginRefusedError, ServerAwayError
from processor.adapters.mail_server import Login, MailServer, Mechanism, Security
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import need_dovecot
from tests.servers.tokens import TokenEndpoint

pytestmark = pytest.mark.dovecot

OWNERS = {"a-token": "allocations@billing.example"}
PASSWORD = "pâß\\wörd"


@pytest.fixture(scope="module")
def provider() -> Iterator[Dovecot]:
    need_dovecot()
    with TokenEndpoint(OWNERS) as endpoint, Dovecot(token_url=endpoint.url, password=PASSWORD) as server:
        yield server


def log_in(server: Dovecot, login: Login) -> int:
    box = ImapMailbox(MailServer(server.host, server.port, Security.PLAIN, login))
    try:
        return box.status("INBOX").uidvalidity
    finally:
        box.close()


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_a_token_opens_the_mailbox(provider: Dovecot, mechanism: Mechanism) -> None:
    login = Login("allocations@billing.example", token=lambda: "a-token", mechanism=mechanism)

    assert log_in(provider, login) > 0


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_a_token_that_nobody_knows_does_not(provider: Dovecot, mechanism: Mechanism) -> None:
    login = Login("allocations@billing.example", token=lambda: "another-token", mechanism=mechanism)

    with pytest.raises(LoginRefusedError) as caught:
        log_in(provider, login)

    assert "another-token" not in str(caught.value)


def test_a_token_is_asked_for_at_each_connection(provider: Dovecot) -> None:
    asked: list[int] = []

    def token() -> str:
        asked.append(1)
        return "a-token"

    for _ in range(2):
        log_in(provider, Login("allocations@billing.example", token=token))

    assert len(asked) == 2


def test_a_token_that_cannot_be_had_is_the_providers_trouble(provider: Dovecot) -> None:
    def unreachable() -> str:
        raise ServerAwayError("login.example", "get a token", "no route to host")

    with pytest.raises(ServerAwayError, match=r"login\.example"):
        log_in(provider, Login("allocations@billing.example", token=unreachable))


def test_a_password_may_hold_any_letters(provider: Dovecot) -> None:
    assert log_in(provider, Login("anna", PASSWORD)) > 0
    with pytest.raises(LoginRefusedError):
        log_in(provider, Login("anna", PASSWORD + "é"))
