"""Connections to an SMTP server: kept, paced, encrypted, logged in, or left."""

import base64
import re
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from processor.adapters import smtp
from processor.adapters.mail_errors import CommandRefusedError, ServerAwayError
from processor.adapters.mail_server import Login, MailServer, Mechanism, Security
from processor.adapters.smtp import SmtpMailer
from processor.servers.background import BackgroundServer
from processor.servers.smtp_sink import SmtpSink
from tests.adapters.letters import (
    DEFERRED,
    FAILED,
    RAW,
    SENT,
    faulty,
    letter,
    mailer_to,
    nothing,
    reach,
)
from tests.servers.certificates import Certificate
from tests.servers.faulty_smtp import FaultySmtp, Leave, Script


@pytest.mark.parametrize("goodbye", ["421 idle for too long", Leave.CLOSE])
def test_a_kept_connection_that_the_server_left_is_replaced(stack: ExitStack, goodbye: str) -> None:
    server, mailer = faulty(stack, Script(mail_again=goodbye))

    assert [mailer.send(letter(), nothing)[0] for _ in range(2)] == [SENT, SENT]
    assert (len(server.accepted), server.connections) == (2, 2)


def test_a_letter_that_was_refused_spoils_nothing_for_the_next(stack: ExitStack) -> None:
    server, mailer = faulty(stack, Script(rcpt={"c@partner.example": "550 nobody"}))

    states = [mailer.send(letter(who), nothing)[0] for who in ("c@partner.example", "b@partner.example")]

    assert states == [FAILED, SENT]
    assert server.connections == 1


def test_letters_are_paced(stack: ExitStack, smtp_sink: SmtpSink) -> None:
    mailer = SmtpMailer(reach(smtp_sink), letters_per_minute=300)
    stack.callback(mailer.close)
    started = time.monotonic()

    for _ in range(3):
        mailer.send(letter(), nothing)

    assert time.monotonic() - started >= 0.4


def trusting(server: BackgroundServer, security: Security, login: Login | None, certificate: Certificate) -> MailServer:
    return MailServer(server.host, server.port, security, login, certificate.file, read_seconds=10)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_letters_and_passwords_go_encrypted(stack: ExitStack, certificate: Certificate, security: Security) -> None:
    tls, starttls = certificate.server_context(), security is Security.STARTTLS
    sink = stack.enter_context(SmtpSink(user="a", password="geheim", tls=tls, starttls=starttls))
    right = mailer_to(stack, trusting(sink, security, Login("a", "geheim"), certificate))
    wrong = mailer_to(stack, trusting(sink, security, Login("a", "falsch"), certificate))

    assert right.send(letter(), nothing)[0] is SENT
    state, words = wrong.send(letter(), nothing)
    assert state is DEFERRED
    assert words.startswith("The mail server refused the login.")
    assert "falsch" not in words
    assert len(sink.letters) == 1


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_an_unknown_certificate_gets_nothing(stack: ExitStack, certificate: Certificate, security: Security) -> None:
    tls, starttls = certificate.server_context(), security is Security.STARTTLS
    sink = stack.enter_context(SmtpSink(tls=tls, starttls=starttls))
    mailer = mailer_to(stack, MailServer(sink.host, sink.port, security))

    state, words = mailer.send(letter(), nothing)

    assert state is DEFERRED
    assert words.startswith("The mail server's certificate is not to be trusted.")
    assert sink.letters == []


def test_a_server_without_starttls_gets_neither_letter_nor_password(stack: ExitStack) -> None:
    server = stack.enter_context(FaultySmtp(Script(ehlo="250-here\r\n250 AUTH PLAIN LOGIN")))
    mailer = mailer_to(stack, MailServer(server.host, server.port, Security.STARTTLS, Login("a", "geheim")))

    state, words = mailer.send(letter(), nothing)

    assert state is DEFERRED
    assert words.startswith("The connection would not be encrypted, so nothing was sent.")
    assert [command.partition(" ")[0] for command in server.commands] == ["ehlo"]


def test_nothing_leaves_this_machine_in_the_clear(stack: ExitStack) -> None:
    mailer = mailer_to(stack, MailServer("192.0.2.1", 25, Security.PLAIN))
    started = time.monotonic()

    state, words = mailer.send(letter(), nothing)

    assert (state, time.monotonic() - started < 1) == (DEFERRED, True)
    assert "192.0.2.1:25" in words


@pytest.mark.parametrize(
    ("mechanism", "shown"),
    [
        (Mechanism.XOAUTH2, b"user=a@billing.example\x01auth=Bearer a-token\x01\x01"),
        (Mechanism.OAUTHBEARER, b"n,a=a@billing.example,\x01auth=Bearer a-token\x01\x01"),
    ],
)
def test_a_token_is_shown(stack: ExitStack, mechanism: Mechanism, shown: bytes) -> None:
    server = stack.enter_context(FaultySmtp(Script(ehlo="250-here\r\n250 AUTH XOAUTH2 OAUTHBEARER")))
    login = Login("a@billing.example", token=lambda: "a-token", mechanism=mechanism)
    mailer = mailer_to(stack, MailServer(server.host, server.port, Security.PLAIN, login))

    assert mailer.send(letter(), nothing)[0] is SENT
    assert server.commands[1] == f"AUTH {mechanism} {base64.b64encode(shown).decode()}"


def test_a_refused_token_is_a_refused_login(stack: ExitStack) -> None:
    server = stack.enter_context(FaultySmtp(Script(ehlo="250-here\r\n250 AUTH XOAUTH2", auth="535 5.7.3 expired")))
    mailer = mailer_to(
        stack, MailServer(server.host, server.port, Security.PLAIN, Login("a", token=lambda: "old-token"))
    )

    state, words = mailer.send(letter(), nothing)

    assert state is DEFERRED
    assert "535 5.7.3 expired" in words
    assert "old-token" not in words


@pytest.mark.parametrize(
    ("script", "password", "words"),
    [
        (Script(), "geheim", "refused the login.* AUTH extension not supported"),
        (Script(ehlo="250-here\r\n250 AUTH PLAIN"), "gehëim", "refused the login.*'ascii' codec"),
        (Script(ehlo="250-here\r\n250 AUTH PLAIN", auth="454 4.7.0 later"), "geheim", "left alone.*454 4.7.0 later"),
        (Script(ehlo="250-here\r\n250 AUTH PLAIN", auth=Leave.CLOSE), "geheim", "hung up.*log in"),
        (Script(ehlo="250-here\r\n250 AUTH PLAIN", auth=Leave.HANG), "geheim", "hung up.*log in"),
    ],
    ids=str,
)
def test_a_login_that_fails_defers_the_letter(stack: ExitStack, script: Script, password: str, words: str) -> None:
    server, _ = faulty(stack, script)
    patience = 0.3 if script.auth is Leave.HANG else 10
    mailer = mailer_to(stack, replace(reach(server, patience), login=Login("a", password)))

    state, said = mailer.send(letter(), nothing)

    assert (state, server.received) == (DEFERRED, [])
    assert re.search(words, said)
    assert password not in said


def test_a_token_that_cannot_be_had_defers_the_letter(stack: ExitStack, smtp_sink: SmtpSink) -> None:
    def unreachable() -> str:
        raise ServerAwayError("login.example", "get a token", "no route to host")

    server = MailServer(smtp_sink.host, smtp_sink.port, Security.PLAIN, Login("a", token=unreachable))

    state, words = mailer_to(stack, server).send(letter(), nothing)

    assert state is DEFERRED
    assert "login.example, get a token: no route to host" in words


def test_the_check_says_what_is_wrong_before_any_letter(stack: ExitStack, smtp_sink: SmtpSink) -> None:
    good, wrong = (
        SmtpMailer(reach(smtp_sink)),
        SmtpMailer(reach(stack.enter_context(FaultySmtp(Script(greeting="554 no"))))),
    )

    good.check()
    good.close()

    with pytest.raises(CommandRefusedError, match="connect: 554 no"):
        wrong.check()
    assert smtp_sink.letters == []


def test_a_sink_with_a_password_takes_nothing_without(stack: ExitStack) -> None:
    guarded = stack.enter_context(SmtpSink(user="a", password="geheim"))

    state, words = mailer_to(stack, reach(guarded)).send(letter(), nothing)

    assert (state, guarded.letters) == (DEFERRED, [])
    assert "530 5.7.0 log in first" in words


@pytest.mark.parametrize("limit", ["REST_SECONDS", "LIFE_SECONDS"])
def test_an_old_connection_is_not_used_again(
    stack: ExitStack, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(smtp, limit, 0.0)
    mailer = mailer_to(stack, reach(smtp_sink))

    assert [mailer.send(letter(), nothing)[0] for _ in range(2)] == [SENT, SENT]
    assert smtp_sink.connections == 2


def test_closing_twice_is_harmless(smtp_sink: SmtpSink) -> None:
    mailer = SmtpMailer(reach(smtp_sink))
    mailer.send(letter(), nothing)

    mailer.close()
    mailer.close()

    assert mailer.send(letter(), nothing)[0] is SENT
    mailer.close()


def test_the_sink_keeps_letters_in_a_folder(tmp_path: Path) -> None:
    with SmtpSink(tmp_path / "out") as sink:
        mailer = SmtpMailer(reach(sink))
        mailer.send(letter(), nothing)
        mailer.close()

    assert (tmp_path / "out" / "0001.eml").read_bytes() == RAW
