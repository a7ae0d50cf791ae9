"""Every answer and every silence of an SMTP server, each to what we then know about the letter."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.adapters.smtp import SmtpMailer
from processor.outgoing import LetterState, OutgoingLetter
from processor.servers.smtp_sink import SmtpSink
from tests.adapters.letters import (
    BOTH,
    DEFERRED,
    FAILED,
    RAW,
    SENT,
    UNCERTAIN,
    faulty,
    letter,
    mailer_to,
    nothing,
    reach,
)
from tests.adapters.test_whole_work import Questions
from tests.servers.faulty_smtp import FaultySmtp, Leave, Script
from tests.servers.proxy import Direction, Fault, Harm, Proxy

PIPELINED = "250-here\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250-8BITMIME\r\n250 SMTPUTF8"


def _pipelined(script: Script) -> Script:
    return replace(script, ehlo=PIPELINED) if script.ehlo == Script().ehlo else script


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
@pytest.mark.parametrize("pipelining", [False, True], ids=["in turn", "pipelined"])
def test_what_the_server_says_decides(
    stack: ExitStack, script: Script, state: LetterState, accepted: int, *, pipelining: bool
) -> None:
    server, mailer = faulty(stack, _pipelined(script) if pipelining else script)

    found, words = mailer.send(letter(BOTH), nothing)

    assert (found, len(server.accepted)) == (state, accepted), words
    assert words
    assert "\n" not in words


@pytest.mark.parametrize("verb", ["greeting", "ehlo", "mail", "every_rcpt", "data"])
@pytest.mark.parametrize("leave", list(Leave))
@pytest.mark.parametrize("usual", [Script(), Script(ehlo=PIPELINED)], ids=["in turn", "pipelined"])
def test_a_server_that_leaves_before_the_letter_took_none(
    stack: ExitStack, verb: str, leave: Leave, usual: Script
) -> None:
    changes: dict[str, Any] = {verb: leave}
    server, mailer = faulty(stack, replace(usual, **changes), usual)

    assert mailer.send(letter(), nothing)[0] is DEFERRED
    assert mailer_to(stack, reach(server)).send(letter(), nothing)[0] is SENT
    assert len(server.received) == 1


def test_the_refused_among_the_recipients_are_named(stack: ExitStack) -> None:
    _, mailer = faulty(stack, Script(rcpt={"c@partner.example": "550 5.1.1 nobody here"}))

    assert mailer.send(letter(BOTH), nothing) == (SENT, "250 taken; c@partner.example refused: 550 5.1.1 nobody here")


def test_bytes_arrive_as_they_are_on_one_connection(stack: ExitStack, smtp_sink: SmtpSink) -> None:
    mailer = mailer_to(stack, reach(smtp_sink))

    states = [mailer.send(letter(), nothing)[0] for _ in range(3)]

    assert states == [SENT] * 3
    assert [one.raw for one in smtp_sink.letters] == [RAW] * 3
    assert smtp_sink.letters[0].recipients == ("b@partner.example",)
    assert smtp_sink.connections == 1


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


EURO = "Subject: x\r\n\r\n€\r\n".encode()


@pytest.mark.parametrize("one", [letter(raw=EURO), letter("zoë@partner.example")], ids=["8-bit", "address"])
def test_what_the_server_cannot_carry_is_not_given_to_it(stack: ExitStack, one: OutgoingLetter) -> None:
    able, able_mailer = faulty(stack, Script())
    unable, unable_mailer = faulty(stack, Script(ehlo="250 here"))

    assert able_mailer.send(one, nothing)[0] is SENT
    assert unable_mailer.send(one, nothing)[0] is FAILED
    assert (able.accepted, unable.received) == ([one.raw], [])


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


def test_mail_and_rcpt_go_in_one_piece_where_the_server_takes_that(stack: ExitStack) -> None:
    server = stack.enter_context(FaultySmtp(Script(ehlo=PIPELINED)))
    questions = stack.enter_context(Questions(server.port))

    assert mailer_to(stack, reach(questions)).send(letter(BOTH), nothing)[0] is SENT

    assert [line[:4] for line in server.commands] == ["ehlo", "MAIL", "RCPT", "RCPT", "DATA"]
    assert questions.asked <= 5  # EHLO, the envelope, DATA, the letter, its dot
