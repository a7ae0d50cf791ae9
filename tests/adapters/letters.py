"""A letter, and the ways in which the tests hand it over."""

from contextlib import ExitStack
from dataclasses import astuple

from processor.adapters.mail_server import MailServer, Security
from processor.adapters.smtp import SmtpMailer
from processor.outgoing import LetterState, Mailer, OutgoingLetter
from processor.servers.background import BackgroundServer
from tests.servers.faulty_smtp import FaultySmtp, Leave, Script

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


def mailer_to(stack: ExitStack, server: MailServer) -> Mailer:
    mailer = SmtpMailer(server, dot_seconds=server.read_seconds)
    stack.callback(mailer.close)
    return mailer


def faulty(stack: ExitStack, *scripts: Script) -> tuple[FaultySmtp, Mailer]:
    server = stack.enter_context(FaultySmtp(*scripts))
    hangs = any(Leave.HANG in astuple(script) for script in scripts)
    return server, mailer_to(stack, reach(server, 0.3 if hangs else 10))
