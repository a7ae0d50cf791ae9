"""Nothing is said to an IMAP server that others could hear or that another could answer."""

import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from processor.adapters.imap import ImapMailbox
from processor.adapters.mail_errors import (
    CertificateRefusedError,
    NotEncryptedError,
    ServerAwayError,
)
from processor.adapters.mail_server import Login, MailServer, Security
from processor.servers.imap_server import ImapServer
from tests.adapters.mailboxes import MAILS, at, open_box
from tests.servers.certificates import Certificate
from tests.servers.deliver import deliver
from tests.servers.dovecot import Dovecot
from tests.servers.faulty_imap import HANG_UP, FaultyImap
from tests.servers.fixtures import account_on, plain


def test_nothing_leaves_this_machine_in_the_clear(stack: ExitStack) -> None:
    started = time.monotonic()

    with pytest.raises(NotEncryptedError, match=r"192\.0\.2\.1:143"):
        open_box(stack, MailServer("192.0.2.1", 143, Security.PLAIN)).status("INBOX")

    assert time.monotonic() - started < 1


@pytest.mark.parametrize("authorities", ["nowhere.pem", "empty.pem"])
def test_authorities_that_cannot_be_read_are_named(tmp_path: Path, authorities: str) -> None:
    (tmp_path / "empty.pem").touch()
    server = MailServer("localhost", 993, ca_file=tmp_path / authorities)

    with pytest.raises(CertificateRefusedError, match=authorities):
        ImapMailbox(server).status("INBOX")


def test_this_machine_may_be_called_by_its_name(stack: ExitStack, imap_server: ImapServer) -> None:
    assert open_box(stack, replace(plain(imap_server), host="localhost")).status("INBOX").messages == 0
    with pytest.raises(NotEncryptedError, match=r"imap\.example:143"):
        open_box(stack, replace(plain(imap_server), host="imap.example", port=143)).status("INBOX")


def test_a_connection_lost_in_starttls_is_lost(stack: ExitStack) -> None:
    capability = "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"
    server = stack.enter_context(FaultyImap({"CAPABILITY": capability, "STARTTLS": HANG_UP}))

    with pytest.raises(ServerAwayError, match="STARTTLS"):
        open_box(stack, at(server, Security.STARTTLS)).status("INBOX")


@pytest.mark.parametrize(
    ("answers", "greeting"),
    [
        ({}, "* OK no encryption here"),
        ({}, "* PREAUTH you are in"),
        ({"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"}, "* PREAUTH you are in"),
        ({"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done", "STARTTLS": "{tag} NO not today"}, "* OK"),
        ({"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done", "STARTTLS": "{tag} BAD what"}, "* OK"),
    ],
    ids=str,
)
def test_starttls_that_fails_ends_it(stack: ExitStack, answers: dict[str, str], greeting: str) -> None:
    server = stack.enter_context(FaultyImap(answers, greeting))

    with pytest.raises(NotEncryptedError, match="nothing was sent"):
        open_box(stack, at(server, Security.STARTTLS)).status("INBOX")

    assert {command.partition(" ")[0] for command in server.commands} <= {"CAPABILITY", "STARTTLS"}


def test_words_slipped_in_before_encryption_are_not_believed(stack: ExitStack) -> None:
    """The answer to STARTTLS carries more than one line; the rest must not count as said under TLS."""
    capability = "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"
    slipped = "{tag} OK begin\r\n* PREAUTH you are in\r\nXXXX1 OK done"
    server = stack.enter_context(FaultyImap({"CAPABILITY": capability, "STARTTLS": slipped}))

    with pytest.raises((ServerAwayError, NotEncryptedError)):
        open_box(stack, at(server, Security.STARTTLS, patience=1)).status("INBOX")

    assert not any(command.startswith("LOGIN") for command in server.commands)


def encrypted(server: ImapServer, certificate: Certificate | None) -> MailServer:
    file = certificate.file if certificate else None
    return MailServer(server.host, server.port, Security.STARTTLS, Login(server.user, server.password), file)


def test_starttls_with_the_embedded_server(stack: ExitStack, certificate: Certificate) -> None:
    server = stack.enter_context(ImapServer(tls=certificate.server_context()))

    assert open_box(stack, encrypted(server, certificate)).status("INBOX").messages == 0
    with pytest.raises(CertificateRefusedError, match="STARTTLS: self-signed certificate"):
        open_box(stack, encrypted(server, None)).status("INBOX")


@pytest.mark.dovecot
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_encryption_with_dovecot(stack: ExitStack, dovecot: Dovecot, security: Security) -> None:
    port = dovecot.tls_port if security is Security.TLS else dovecot.port
    trusting = replace(account_on(dovecot), port=port, security=security, ca_file=dovecot.certificate.file)
    deliver(trusting, MAILS)
    box = open_box(stack, trusting)

    assert len(list(box.fetch("INBOX", box.envelopes_after("INBOX", 0)))) == 3
    box.wait(0.1)
    threading.Timer(0.2, deliver, [trusting, MAILS]).start()
    assert box.wait(20)
    with pytest.raises(CertificateRefusedError):
        open_box(stack, replace(trusting, ca_file=None)).status("INBOX")
