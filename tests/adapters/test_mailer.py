"""Every answer and every silence of an SMTP server, each to what we then know about the letter."""

import base64
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.adapters import smtp
from processor.adapters.mail_errors import CommandRefusedError, ServerAwayError
from processor.adapters.mail_server import Login, MailServer, Mechanism, Security
from processor.adapters.smtp import SmtpMailer
from processor.ports import LetterState, Mailer, OutgoingLetter
from processor.servers.background import BackgroundServer
from processor.servers.smtp_sink import SmtpSink
from tests.servers.certificates import Certificate
from tests.servers.faulty_smtp import FaultySmtp, Leave, Script
from tests.servers.proxy import Direction, Fault, Harm, Proxy

RAW = b"From: a@billing.example\r\nTo: b@partner.example\r\nSubject: done\r\n\r\nDone.\r\n.\r\n..\r\nBye\r\n"
BOTH = "b@partner.example, c@partner.example"
SENT, DEFERRED, FAILED, UNCERTAIN = (
    LetterState.SENT,
    LetterState.DEFERRED,
    LetterState.FAILED,
    LetterState.UNCERTAIN,
)


def letter(recipient: str = "b@partner.example", raw: bytes = RAW, sender: str = "a@billing.example") -> OutgoingLetter:
    return OutgoingLetter(1, "<ar.1@billing.example>", sender, recipient, raw, 0)


def nothing() -> None:
    """What a caller with nothing to record does before DATA."""


def reach(server: BackgroundServer, patience: float = 10) -> MailServer:
    return MailServer(server.host, server.port, Security.PLAIN, connect_seconds=patience, read_seconds=patience)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


def mailer_to(stack: ExitStack, server: MailServer) -> Mailer:
    mailer = SmtpMailer(server, dot_seconds=server.read_seconds)
    stack.callback(mailer.close)
    return mailer


def faulty(stack: ExitStack, *scripts: Script) -> tuple[FaultySmtp, Mailer]:
    server = stack.enter_context(FaultySmtp(*scripts))
    hangs = any(Leave.HANG in astuple(script) for script in scripts)
    return server, mailer_to(stack, reach(server, 0.3 if hangs else 10))


@pytest.mark.parametrize(
    ("script", "state", "accepted"),
    [
        (Script(), SENT, 1),
        (Script(greeting="421 too busy"), DEFERRED, 0),
        (Script(greeting="554 go away"), DEFERRED, 0),
        (Script(ehlo="502 what?"), SENT, 1),
        (Script(mail="451 later"), DEFERRED, 0),
        (Script(mail="550 not you"), FAILED, 0),
        (Script(mail="530 5.7.0 log in first"), DEFERRED, 0),
        (Script(every_rcpt="450 later"), DEFERRED, 0),
        (Script(every_rcpt="421 leaving"), DEFERRED, 0),
        (Script(every_rcpt="550 nobody"), FAILED, 0),
        (Script(rcpt={"b@partner.example": "550 nobody"}), SENT, 1),
        (Script(rcpt={"b@partner.example": "550 nobody"}, every_rcpt="450 later"), DEFERRED, 0),
        (Script(data="554 no"), FAILED, 0),
        (Script(data="451 later"), DEFERRED, 0),
        (Script(dot="451 later"), DEFERRED, 0),
        (Script(dot="432 4.3.2 concurrent connections limit exceeded"), DEFERRED, 0),
        (Script(dot="550 no"), FAILED, 0),
        (Script(dot="so be it"), UNCERTAIN, 0),
        (Script(dot=Leave.CLOSE), UNCERTAIN, 1),
        (Script(dot=Leave.RESET), UNCERTAIN, 1),
        (Script(dot=Leave.HANG), UNCERTAIN, 1),
        (Script(rset=Leave.CLOSE, quit=Leave.CLOSE), SENT, 1),
    ],
    ids=lambda value: "" if isinstance(value, int) else str(value)[:60],
)
def test_what_the_server_says_decides(stack: ExitStack, script: Script, state: LetterState, accepted: int) -> None:
    server, mailer = faulty(stack, script)

    found, words = mailer.send(letter(BOTH), nothing)

    assert (found, len(server.accepted)) == (state, accepted), words
    assert words
    assert "\n" not in words


@pytest.mark.parametrize("verb", ["greeting", "ehlo", "mail", "every_rcpt", "data"])
@pytest.mark.parametrize("leave", list(Leave))
def test_a_server_that_leaves_before_the_letter_took_none(stack: ExitStack, verb: str, leave: Leave) -> None:
    changes: dict[str, Any] = {verb: leave}
    server, mailer = faulty(stack, replace(Script(), **changes), Script())

    assert mailer.send(letter(), nothing)[0] is DEFERRED
    assert mailer_to(stack, reach(server)).send(letter(), nothing)[0] is SENT
    assert len(server.received) == 1


def test_the_refused_among_the_recipients_are_named(stack: ExitStack) -> None:
    _, mailer = faulty(stack, Script(rcpt={"c@partner.example": "550 5.1.1 nobody here"}))

    assert mailer.send(letter(BOTH), nothing) == (SENT, "250 taken; c@partner.example refused: 550 5.1.1 nobody here")


def test_bytes_arrive_as_they_are_on_one_connection(stack: ExitStack, sink: SmtpSink) -> None:
    mailer = mailer_to(stack, reach(sink))

    states = [mailer.send(letter(), nothing)[0] for _ in range(3)]

    assert states == [SENT] * 3
    assert [one.raw for one in sink.letters] == [RAW] * 3
    assert sink.letters[0].recipients == ("b@partner.example",)
    assert sink.connections == 1


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.sampled_from([b".", b"..", b"", b".x", b"text", b"\xe2\x82\xac", b". ", b"From "]), max_size=8)
)
def test_any_lines_arrive_as_they_are(lines: list[bytes]) -> None:
    raw = b"Subject: x\r\n\r\n" + b"".join(line + b"\r\n" for line in lines)
    with FaultySmtp() as server:
        mailer = SmtpMailer(reach(server))
        state, _ = mailer.send(letter(raw=raw), nothing)
        mailer.close()

        assert (state, server.accepted) == (SENT, [raw])


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r\r\n.\r\n"]
)
def test_a_bare_line_end_never_leaves(stack: ExitStack, end: bytes) -> None:
    server, mailer = faulty(stack, Script())

    state, words = mailer.send(letter(raw=b"Subject: x\r\n\r\none" + end + b"MAIL FROM:<evil@x.example>\r\n"), nothing)

    assert (state, server.connections) == (FAILED, 0)
    assert words == "the letter holds a CR or LF that is no line end"


@pytest.mark.parametrize("recipient", ["", "<>", "nobody@x.example\r\nRCPT TO:<evil@x.example>"])
def test_a_letter_without_a_proper_address_stays(stack: ExitStack, recipient: str) -> None:
    server, mailer = faulty(stack, Script())

    assert mailer.send(letter(recipient), nothing)[0] is FAILED
    assert server.received == []


def test_what_must_be_recorded_is_recorded_just_before_data(stack: ExitStack) -> None:
    server, mailer = faulty(stack, Script())
    seen: list[str] = []

    mailer.send(letter(), lambda: seen.append(server.commands[-1].casefold()))

    assert seen == ["rcpt to:<b@partner.example>"]


def test_nothing_is_recorded_when_nobody_is_accepted(stack: ExitStack) -> None:
    _, mailer = faulty(stack, Script(every_rcpt="550 nobody"))
    recorded: list[int] = []

    mailer.send(letter(), lambda: recorded.append(1))

    assert recorded == []


def test_what_cannot_be_recorded_is_not_sent(stack: ExitStack) -> None:
    server, mailer = faulty(stack, Script())

    def full_disk() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        mailer.send(letter(), full_disk)

    assert mailer.send(letter(), nothing)[0] is SENT
    assert server.commands.count("DATA") == 1
    assert server.connections == 2


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


def test_letters_are_paced(stack: ExitStack, sink: SmtpSink) -> None:
    mailer = SmtpMailer(reach(sink), letters_per_minute=300)
    stack.callback(mailer.close)
    started = time.monotonic()

    for _ in range(3):
        mailer.send(letter(), nothing)

    assert time.monotonic() - started >= 0.4


EURO = "Subject: x\r\n\r\n€\r\n".encode()


@pytest.mark.parametrize("one", [letter(raw=EURO), letter("zoë@partner.example")], ids=["8-bit", "address"])
def test_what_the_server_cannot_carry_is_not_given_to_it(stack: ExitStack, one: OutgoingLetter) -> None:
    able, able_mailer = faulty(stack, Script())
    unable, unable_mailer = faulty(stack, Script(ehlo="250 here"))

    assert able_mailer.send(one, nothing)[0] is SENT
    assert unable_mailer.send(one, nothing)[0] is FAILED
    assert (able.accepted, unable.received) == ([one.raw], [])


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


def test_a_token_that_cannot_be_had_defers_the_letter(stack: ExitStack, sink: SmtpSink) -> None:
    def unreachable() -> str:
        raise ServerAwayError("login.example", "get a token", "no route to host")

    server = MailServer(sink.host, sink.port, Security.PLAIN, Login("a", token=unreachable))

    state, words = mailer_to(stack, server).send(letter(), nothing)

    assert state is DEFERRED
    assert "login.example, get a token: no route to host" in words


def test_the_check_says_what_is_wrong_before_any_letter(stack: ExitStack, sink: SmtpSink) -> None:
    good, wrong = SmtpMailer(reach(sink)), SmtpMailer(reach(stack.enter_context(FaultySmtp(Script(greeting="554 no")))))

    good.check()
    good.close()

    with pytest.raises(CommandRefusedError, match="connect: 554 no"):
        wrong.check()
    assert sink.letters == []


def test_a_sink_with_a_password_takes_nothing_without(stack: ExitStack) -> None:
    guarded = stack.enter_context(SmtpSink(user="a", password="geheim"))

    state, words = mailer_to(stack, reach(guarded)).send(letter(), nothing)

    assert (state, guarded.letters) == (DEFERRED, [])
    assert "530 5.7.0 log in first" in words


@pytest.mark.parametrize("limit", ["REST_SECONDS", "LIFE_SECONDS"])
def test_an_old_connection_is_not_used_again(
    stack: ExitStack, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(smtp, limit, 0.0)
    mailer = mailer_to(stack, reach(sink))

    assert [mailer.send(letter(), nothing)[0] for _ in range(2)] == [SENT, SENT]
    assert sink.connections == 2


def test_closing_twice_is_harmless(sink: SmtpSink) -> None:
    mailer = SmtpMailer(reach(sink))
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


def lengths() -> dict[Direction, int]:
    """How many bytes one good dialogue has each way."""
    with FaultySmtp() as server, Proxy(server.port) as proxy:
        mailer = SmtpMailer(reach(proxy))
        mailer.send(letter(), nothing)
        mailer.close()
        return proxy.passed


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("harm", list(Harm))
def test_cut_anywhere_no_letter_is_lost_or_sent_twice(harm: Harm, direction: Direction) -> None:
    """At each byte of the dialogue: deferred means not taken, sent means taken, failed never."""
    step = 29 if harm is Harm.STALL else 1
    for after in range(0, lengths()[direction], step):
        with FaultySmtp() as server, Proxy(server.port) as proxy:
            proxy.faults = [Fault(harm, after, direction)]
            mailer = SmtpMailer(reach(proxy, 0.2 if harm is Harm.STALL else 10), dot_seconds=0.2)
            state, words = mailer.send(letter(), nothing)
            mailer.close()
            taken = len(server.accepted)

        assert (state, taken) in {(SENT, 1), (DEFERRED, 0), (UNCERTAIN, 0), (UNCERTAIN, 1)}, (after, words)
