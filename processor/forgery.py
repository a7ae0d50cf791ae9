"""A forged proof sent to ourselves: what the mail server makes of it shows whether its results can be trusted.

`decisions.md` gates 6 and 7 stand on this: a result that came with the mail is worth nothing.
"""

from __future__ import annotations

import time
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from secrets import token_hex

from processor import wiring
from processor.adapters.imap import ImapMailbox
from processor.core.auth_results import trusted_results
from processor.core.message import Message
from processor.outgoing import LetterState, OutgoingLetter
from processor.ports import PermanentError
from processor.settings import Settings

ASK_SECONDS = 1.0  # between two looks into the inbox


class ForgeryTrustedError(PermanentError):
    """The mail server lets a forged Authentication-Results through, in a place where it is believed."""


class ForgeryLostError(PermanentError):
    """The test mail did not arrive."""


def try_forgery(settings: Settings, seconds: float) -> str:
    """Send the mailbox a mail with a forged proof, and look at it when it arrives; return what to say about it.

    The mail stays in the inbox; the worker files it as our own. Raises `OutsideError`.
    """
    mark = f"forged-{token_hex(8)}.invalid"
    with closing(wiring.mailbox_for(settings)) as mailbox:
        before = mailbox.status(settings.mailbox.inbox).uidnext - 1
        _send(settings, mark)
        message = _arrived(settings, mailbox, before, mark, seconds)
    servers = frozenset(server.lower() for server in settings.mailbox.authserv_ids)
    trusted = trusted_results(message.headers, servers) or ()
    if any(mark in value for result in trusted for _, value in result.properties):
        raise ForgeryTrustedError(", ".join(settings.mailbox.authserv_ids))
    kept = any(mark in value for value in message.header("Authentication-Results"))
    return "kept, but below a Received line, where it counts for nothing" if kept else "taken out by the mail server"


def _send(settings: Settings, mark: str) -> None:
    address = settings.mailbox.address
    mail = EmailMessage(SMTP)
    for server in settings.mailbox.authserv_ids:
        mail["Authentication-Results"] = f"{server}; dkim=pass header.d={mark}; dmarc=pass header.from={mark}"
    mail["From"] = mail["To"] = address
    mail["Subject"] = "A test of this mailbox: is a forged proof taken out?"
    mail["Message-ID"] = f"<{mark}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Nothing needs to be done about this mail.\n")
    with closing(wiring.mailer_for(settings)) as mailer:
        letter = OutgoingLetter(0, str(mail["Message-ID"]), address, address, mail.as_bytes(), 0)
        state, words = mailer.send(letter, lambda: None)
    if state is not LetterState.SENT:
        raise ForgeryLostError(words)


def _arrived(settings: Settings, mailbox: ImapMailbox, before: int, mark: str, seconds: float) -> Message:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if mailbox.status(settings.mailbox.inbox).uidnext - 1 > before:
            new = mailbox.envelopes_after(settings.mailbox.inbox, before)
            for mail in mailbox.fetch(settings.mailbox.inbox, new, headers_only=True):
                if f"<{mark}@".encode() in mail.raw:
                    with closing(wiring.reader_for(settings)) as reader:
                        return reader.read(mail.raw)
        time.sleep(ASK_SECONDS)
    raise ForgeryLostError(f"not in {settings.mailbox.inbox} after {seconds:.0f} s")
