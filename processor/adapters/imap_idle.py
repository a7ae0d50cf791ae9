"""Waiting for mail on a connection of its own. What it says is a hint: the poll alone tells what is there."""

from __future__ import annotations

import threading
import time
from typing import Any

from processor.adapters.imap_session import TROUBLE, ImapSession
from processor.adapters.mail_errors import MailServerError, ServerAwayError
from processor.adapters.mail_server import MailServer
from processor.ports import PermanentError

RENEWAL_SECONDS = (
    290.0  # under the five minutes after which firewalls forget a silent connection (RFC 2177: 29 minutes)
)
NOOP_SECONDS = 30.0  # for servers without IDLE
LONGEST_PAUSE_SECONDS = 60.0
NEWS = (b"EXISTS", b"RECENT")


class IdleWatch:
    """Keeps IDLE (RFC 2177) running between waits, so that nothing arrives unseen in between.

    Trouble is waited out, not raised: the poll meets the same server and names it.
    """

    def __init__(self, server: MailServer, folder: str) -> None:
        self._server = server
        self._folder = folder
        self._session: ImapSession | None = None
        self._uidnext = 0  # at the last connection
        self._renew_at = 0.0
        self._failures = 0
        self._closed = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Return True on a sign of new mail, False after `seconds` or `close`."""
        self._closed.clear()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._closed.is_set():
            try:
                if self._watch(left):
                    return True
            except (MailServerError, *TROUBLE) as error:
                self._hang_up()
                self._pause(left, for_good=isinstance(error, PermanentError))
        if self._closed.is_set():
            self._hang_up()  # `close` may have come while we were connecting
        return False

    def close(self) -> None:
        """Drop the connection and end a wait that another thread is in; never raises."""
        self._closed.set()
        self._hang_up()

    def _watch(self, left: float) -> bool:
        if self._session is None:
            return self._connect()
        news = self._listen(self._session, left) if self._idles(self._session) else self._ask(self._session, left)
        self._failures = 0
        return news

    def _connect(self) -> bool:
        """Connect; True when something came while we were away (or before the first time)."""
        self._session = session = ImapSession(self._server)
        opened = session.open(self._folder, read_only=True)
        if self._idles(session):
            self._idle(session)
        before, self._uidnext = self._uidnext, opened.uidnext
        return opened.uidnext != before

    @staticmethod
    def _idles(session: ImapSession) -> bool:
        return bool(session.client.has_capability("IDLE"))

    def _idle(self, session: ImapSession) -> None:
        session.client.idle()
        self._renew_at = time.monotonic() + RENEWAL_SECONDS

    def _listen(self, session: ImapSession, left: float) -> bool:
        """Listen until renewal at most. An answer that is empty too early may be a dead connection: ask it."""
        started = time.monotonic()
        patience = max(0.0, min(left, self._renew_at - started))
        said = session.client.idle_check(timeout=patience)
        early = not said and time.monotonic() - started < patience / 2
        if early or time.monotonic() >= self._renew_at:
            said += self._renew(session)
        return self._is_news(said)

    def _renew(self, session: ImapSession) -> list[Any]:
        _, first = session.client.idle_done()
        _, second = session.client.noop()
        self._idle(session)
        return [*first, *second]

    def _ask(self, session: ImapSession, left: float) -> bool:
        self._closed.wait(min(left, NOOP_SECONDS))
        _, said = session.client.noop()
        return self._is_news(said)

    def _is_news(self, said: list[Any]) -> bool:
        words = [line for line in said if isinstance(line, tuple) and line]
        if any(line[0] == b"BYE" for line in words):
            raise ServerAwayError(self._server.address, "IDLE", "the server said BYE")
        return any(len(line) > 1 and line[1] in NEWS for line in words)

    def _pause(self, left: float, *, for_good: bool) -> None:
        """Wait before the next try: one second, then twice as long each time; a refused login is not tried again."""
        self._failures += 1
        pause = left if for_good else min(left, 2.0 ** min(self._failures - 1, 6), LONGEST_PAUSE_SECONDS)
        self._closed.wait(pause)

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.drop()
