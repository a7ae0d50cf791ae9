"""An SMTP server that takes every letter and forwards none."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from processor.servers.background import BackgroundServer

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from aiosmtpd.smtp import Envelope, Session


@dataclass(frozen=True, slots=True)
class AcceptedLetter:
    """A letter as it came over the wire; `raw` has CRLF line ends."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class SmtpSink(BackgroundServer):
    """Keeps what it accepted in `letters`, and as 0001.eml, 0002.eml, … in `folder` where one is given.

    With `user` and `password` it asks for a login; with `tls` it speaks TLS from the first byte, or after STARTTLS
    where `starttls` is set.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
    ) -> None:
        super().__init__()
        self.letters: list[AcceptedLetter] = []
        self.connections = 0
        self.user = user
        self._password = password
        self._folder = folder
        self._tls = tls
        self._starttls = starttls
        self._lock = threading.Lock()

    async def listen(self) -> asyncio.Server:
        """Open the port."""
        implicit = None if self._starttls else self._tls
        return await asyncio.get_running_loop().create_server(self._protocol, self.host, self.port, ssl=implicit)

    def _protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(
            _Keeper(self),
            hostname="localhost",
            ident="letters end here",
            enable_SMTPUTF8=True,
            tls_context=self._tls if self._starttls else None,
            require_starttls=self._starttls,
            authenticator=self._authenticate,
            auth_require_tls=False,  # on loopback, and over TLS from the first byte, which the library does not notice
        )

    def _authenticate(self, *conversation: object) -> AuthResult:
        *_, data = conversation  # before it: server, session, envelope, mechanism
        known = LoginPassword(self.user.encode(), self._password.encode())
        return AuthResult(success=data == known, handled=False)

    def keep(self, letter: AcceptedLetter) -> None:
        """Keep a letter; the answer to the client comes after."""
        with self._lock:
            self.letters.append(letter)
            number = len(self.letters)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{number:04}.eml").write_bytes(letter.raw)


class _Keeper:
    """What the SMTP library calls when a whole letter has come."""

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        if self._sink.user and not session.authenticated:
            return "530 5.7.0 log in first"
        raw = envelope.content
        content = raw if isinstance(raw, bytes) else (raw or "").encode()
        self._sink.keep(AcceptedLetter(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return "250 kept"
