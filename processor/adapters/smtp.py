"""Letters over SMTP, on one connection that is kept between them. What became of a letter is a value."""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Callable
from email.utils import getaddresses

from processor.adapters.mail_errors import MailServerError
from processor.adapters.mail_server import MailServer
from processor.adapters.smtp_dialogue import (
    Outcome,
    Reply,
    all_refused,
    envelope,
    hand_over,
    note,
    refused,
)
from processor.adapters.smtp_session import TROUBLE, connect, leave, wire
from processor.outgoing import LetterState, OutgoingLetter

DOT_SECONDS = 600.0  # RFC 5321 section 4.5.3.2.6: a shorter patience makes duplicates
REST_SECONDS = 60.0  # a connection that rested longer is not trusted
LIFE_SECONDS = 50 * 60.0  # access tokens live an hour

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class SmtpMailer:
    """`Mailer` for one SMTP server. Not for several threads at once.

    `letters_per_minute` spaces letters evenly (0: no limit); Exchange Online takes 30 a minute from one sender.
    `dot_seconds` is how long the answer to a whole letter may take.
    """

    def __init__(
        self, server: MailServer, *, letters_per_minute: float = 0.0, dot_seconds: float = DOT_SECONDS
    ) -> None:
        self._server = server
        self._interval = 60.0 / letters_per_minute if letters_per_minute else 0.0
        self._dot_seconds = dot_seconds
        self._smtp: smtplib.SMTP | None = None
        self._born = 0.0
        self._last = float("-inf")

    def send(self, letter: OutgoingLetter, before_data: Callable[[], None]) -> Outcome:
        recipients = tuple(address for _, address in getaddresses([letter.recipient]) if address)
        if fault := _fault(letter, recipients):
            return LetterState.FAILED, fault
        if (pause := self._last + self._interval - time.monotonic()) > 0:
            time.sleep(pause)
        state, words = self._converse(letter, recipients, before_data)
        self._last = time.monotonic()
        if state is not LetterState.SENT:
            self._start_over()
        return state, words

    def check(self) -> None:
        """Connect and log in, for `doctor`. Raises `MailServerError`."""
        if self._kept() is None:
            self._connect()

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            leave(smtp)

    def _converse(
        self, letter: OutgoingLetter, recipients: tuple[str, ...], before_data: Callable[[], None]
    ) -> Outcome:
        try:
            smtp, reply, replies = self._begin(letter, recipients)
        except MailServerError as error:
            return LetterState.DEFERRED, str(error)
        except TROUBLE as error:
            return LetterState.DEFERRED, f"before DATA: {error}"
        if not reply.accepts:
            return refused(reply), f"MAIL: {reply}"
        if state := all_refused(replies):
            return state, note(replies)
        self._announce(before_data)
        state, words = hand_over(smtp, letter.raw, self._dot_seconds)
        return state, "; ".join(filter(None, (words, note(replies))))

    def _begin(
        self, letter: OutgoingLetter, recipients: tuple[str, ...]
    ) -> tuple[smtplib.SMTP, Reply, dict[str, Reply]]:
        """Say MAIL and RCPT. A kept connection that the server has left meanwhile is replaced, once."""
        kept = self._kept()
        if kept is not None:
            try:
                reply, replies = envelope(kept, letter, recipients)
            except TROUBLE:
                self._drop()
            else:
                if not reply.leaves:
                    return kept, reply, replies
                self._drop()
        smtp = self._connect()
        return smtp, *envelope(smtp, letter, recipients)

    def _kept(self) -> smtplib.SMTP | None:
        now = time.monotonic()
        if self._smtp is not None and (now - self._last > REST_SECONDS or now - self._born > LIFE_SECONDS):
            self.close()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        self._smtp = connect(self._server)
        self._born = time.monotonic()
        return self._smtp

    def _announce(self, before_data: Callable[[], None]) -> None:
        try:
            before_data()
        except BaseException:
            self._drop()
            raise

    def _start_over(self) -> None:
        """Leave no half dialogue behind: RSET, or a new connection for the next letter."""
        if self._smtp is None:
            return
        try:
            wire(self._smtp).settimeout(self._server.read_seconds)
            clean = Reply(*self._smtp.rset()).accepts
        except TROUBLE:
            clean = False
        if not clean:
            self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _fault(letter: OutgoingLetter, recipients: tuple[str, ...]) -> str:
    """Say why a letter cannot go to any server; a bare CR or LF could smuggle a second letter past one."""
    if not recipients:
        return f"no address in {letter.recipient!r}"
    if not (letter.sender + letter.recipient).isprintable():
        return "an address holds control characters"
    if _BARE_LINE_END.search(letter.raw):
        return "the letter holds a CR or LF that is no line end"
    return ""
