"""One SMTP connection, encrypted and logged in as its server's settings say."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress

from processor.adapters.mail_errors import (
    CommandRefusedError,
    LoginRefusedError,
    MailServerError,
    NotEncryptedError,
    ServerAwayError,
    ServerBusyError,
    backoff_seconds,
    connection_error,
)
from processor.adapters.mail_server import Login, MailServer, Mechanism, Security

PERMANENT = 500  # the first of the reply codes that say never (RFC 5321 section 4.2.1)
TROUBLE = (OSError, ValueError)  # smtplib's errors are OSErrors; words it cannot encode are ValueErrors


def connect(server: MailServer) -> smtplib.SMTP:
    """Connect, encrypt, log in. Raises `MailServerError`; nothing is left open then."""
    server.refuse_clear_text()
    smtp = _dial(server)
    try:
        _introduce(smtp, server)
        if server.security is Security.STARTTLS:
            _encrypt(smtp, server)
        if server.login:
            _log_in(smtp, server, server.login)
    except BaseException:
        smtp.close()
        raise
    return smtp


def words(code: int, reply: bytes) -> str:
    """Put a reply on one line: code and text."""
    return f"{code} {' '.join(reply.decode('utf-8', 'replace').split())}"[:500]


def _dial(server: MailServer) -> smtplib.SMTP:
    try:
        if server.security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.connect_seconds, context=server.tls()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.connect_seconds)
    except TROUBLE as error:
        raise smtp_error(server, "connect", error) from error
    wire(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire(smtp).settimeout(server.read_seconds)
    return smtp


def wire(smtp: smtplib.SMTP) -> socket.socket:
    """Return the socket of an open connection."""
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    return smtp.sock


def _introduce(smtp: smtplib.SMTP, server: MailServer) -> None:
    try:
        smtp.ehlo_or_helo_if_needed()
    except TROUBLE as error:
        raise smtp_error(server, "EHLO", error) from error


def _encrypt(smtp: smtplib.SMTP, server: MailServer) -> None:
    try:
        smtp.starttls(context=server.tls())
        smtp.ehlo()
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
        raise NotEncryptedError(server.address, "STARTTLS", str(error)) from error
    except TROUBLE as error:
        raise smtp_error(server, "STARTTLS", error) from error


def _log_in(smtp: smtplib.SMTP, server: MailServer, login: Login) -> None:
    try:
        _authenticate(smtp, login)
    except smtplib.SMTPServerDisconnected as error:
        raise ServerAwayError(server.address, "log in", str(error)) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code < PERMANENT:
            raise smtp_error(server, "log in", error) from error
        raise LoginRefusedError(server.address, f"log in as {login.user}", _said(error)) from error
    except (smtplib.SMTPException, ValueError) as error:
        raise LoginRefusedError(server.address, f"log in as {login.user}", str(error)) from error
    except OSError as error:
        raise smtp_error(server, "log in", error) from error


def _authenticate(smtp: smtplib.SMTP, login: Login) -> None:
    if login.token is None:
        smtp.login(login.user, login.password)
        return
    token = login.token()

    def answer(challenge: bytes | None = None) -> str:
        # A challenge after the token holds the refusal; an empty line makes the server say it as a reply.
        return "" if challenge else _initial_response(login, token)

    smtp.auth(login.mechanism, answer)


def _initial_response(login: Login, token: str) -> str:
    if login.mechanism is Mechanism.OAUTHBEARER:  # RFC 7628 section 3.1
        user = login.user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={user},\x01auth=Bearer {token}\x01\x01"
    return f"user={login.user}\x01auth=Bearer {token}\x01\x01"


def leave(smtp: smtplib.SMTP) -> None:
    """Say QUIT and close; never raises."""
    with suppress(*TROUBLE):
        smtp.quit()
    smtp.close()


def _said(error: smtplib.SMTPResponseException) -> str:
    reply = error.smtp_error
    return words(error.smtp_code, reply if isinstance(reply, bytes) else str(reply).encode())


def smtp_error(server: MailServer, operation: str, error: Exception) -> MailServerError:
    """Say what an error of smtplib means for the connection."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = _said(error)
        wait = backoff_seconds(said)
        kind = CommandRefusedError if error.smtp_code >= PERMANENT else ServerBusyError
        return kind(server.address, operation, said, wait)
    return connection_error(server.address, operation, error)
