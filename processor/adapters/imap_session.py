"""One logged-in IMAP connection, its folders named our way: parts joined by `/`. It is dropped, never mended."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    ProtocolError,
)

from processor.adapters.mail_errors import (
    CommandForbiddenError,
    LoginRefusedError,
    MailServerError,
    NotEncryptedError,
    ServerAwayError,
    ServerBusyError,
    connection_error,
    refusal,
)
from processor.adapters.mail_server import Login, MailServer, Mechanism, Security

# What the client library raises when the network, the server or the words of the server are bad.
TROUBLE = (OSError, IMAPClientError, ValueError, LookupError)


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as SELECT or EXAMINE found it."""

    folder: str
    uidvalidity: int
    uidnext: int
    messages: int
    read_only: bool


@dataclass(frozen=True, slots=True)
class Naming:
    """How this server spells folders: the personal namespace (RFC 2342) and the hierarchy's separator."""

    prefix: str = ""
    separator: str = "/"

    def spell(self, folder: str) -> str:
        """Turn `Requests/Applied` into the server's name for it; a separator inside a part becomes `_`."""
        parts = folder.split("/")
        if self.separator != "/":
            parts = [part.replace(self.separator, "_") for part in parts]
        name = self.separator.join(parts)
        outside = not self.prefix or parts[0].upper() == "INBOX"
        return name if outside else self.prefix + name


class ImapSession:
    """Connects and logs in at once. Raises `MailServerError` from the constructor, the library's own errors after."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.client = _connect(server)
        self.opened: Opened | None = None
        self.born = time.monotonic()
        try:
            self.naming = _naming(self.client)
        except TROUBLE as error:
            self.drop()
            raise imap_error(server.address, "ask for the folder separator", error) from error

    def status(self, folder: str) -> dict[bytes, int]:
        """Ask for UIDVALIDITY, UIDNEXT and MESSAGES of a folder that is not open (RFC 9051 section 6.3.11)."""
        if self.opened and self.opened.folder == folder and not self._unselect():
            seen = self.open(folder, read_only=True)
            return {b"UIDVALIDITY": seen.uidvalidity, b"UIDNEXT": seen.uidnext, b"MESSAGES": seen.messages}
        answer: dict[bytes, int] = self.client.folder_status(
            self.naming.spell(folder), ["UIDVALIDITY", "UIDNEXT", "MESSAGES"]
        )
        return answer

    def open(self, folder: str, *, read_only: bool) -> Opened:
        """EXAMINE or SELECT afresh, which also shows what has arrived since."""
        self.opened = None
        answer: dict[bytes, Any] = self.client.select_folder(self.naming.spell(folder), readonly=read_only)
        self.opened = Opened(
            folder,
            int(answer.get(b"UIDVALIDITY", 0)),
            int(answer.get(b"UIDNEXT", 0)),
            int(answer[b"EXISTS"]),
            read_only,
        )
        return self.opened

    def keep_open(self, folder: str, *, read_only: bool) -> Opened:
        """Open the folder unless it is open already in a mode that will do."""
        if self.opened and self.opened.folder == folder and (read_only or not self.opened.read_only):
            return self.opened
        return self.open(folder, read_only=read_only)

    def create(self, folder: str) -> bool:
        """Create and subscribe a folder; False when it is there already."""
        name = self.naming.spell(folder)
        if self.client.folder_exists(name):
            return False
        with suppress(IMAPClientError):  # another client was quicker, or subscriptions are not kept here
            self.client.create_folder(name)
            self.client.subscribe_folder(name)
        return True

    def drop(self) -> None:
        """Close the socket without a word; never raises."""
        _drop(self.client)

    def leave(self) -> None:
        """Log out; never raises."""
        try:
            self.client.logout()
        except TROUBLE:
            self.drop()

    def _unselect(self) -> bool:
        """Close the folder without expunging; CLOSE would expunge (RFC 3691)."""
        if not self.client.has_capability("UNSELECT"):
            return False
        self.client.unselect_folder()
        self.opened = None
        return True


def _connect(server: MailServer) -> IMAPClient:
    server.refuse_clear_text()
    try:
        client = _dial(server)
    except IMAPClientError as error:
        raise _gone(server.address, "connect", str(error)) from error
    except TROUBLE as error:
        raise connection_error(server.address, "connect", error) from error
    try:
        if server.security is Security.STARTTLS:
            _encrypt(client, server)
        if server.login:
            _log_in(client, server, server.login)
    except BaseException:
        _drop(client)
        raise
    return client


def _dial(server: MailServer) -> IMAPClient:
    implicit = server.security is Security.TLS
    timeout = SocketTimeout(server.connect_seconds, server.read_seconds)
    context = server.tls() if implicit else None
    client = IMAPClient(server.host, server.port, ssl=implicit, ssl_context=context, timeout=timeout)
    client.normalise_times = False  # INTERNALDATE with its zone, instead of this machine's local time
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client._imap.debug = 0  # noqa: SLF001 - by itself the library hands every line of every mail to its log
    return client


def _encrypt(client: IMAPClient, server: MailServer) -> None:
    try:
        client.starttls(server.tls())
    except CapabilityError as error:
        raise NotEncryptedError(server.address, "STARTTLS", "the server does not offer it") from error
    except IMAPClientAbortError as error:
        raise ServerAwayError(server.address, "STARTTLS", str(error)) from error
    except IMAPClientError as error:
        raise NotEncryptedError(server.address, "STARTTLS", str(error)) from error
    except OSError as error:
        raise connection_error(server.address, "STARTTLS", error) from error


def _log_in(client: IMAPClient, server: MailServer, login: Login) -> None:
    try:
        _authenticate(client, login)
    except TROUBLE as error:
        lost = isinstance(error, IMAPClientAbortError) or isinstance(error.__context__, IMAPClientAbortError)
        if lost or not isinstance(error, IMAPClientError):
            raise ServerAwayError(server.address, "log in", str(error)) from error
        trouble = refusal(server.address, "log in", str(error))
        if isinstance(trouble, ServerBusyError):
            raise trouble from error
        raise LoginRefusedError(server.address, f"log in as {login.user}", str(error)) from error


def _authenticate(client: IMAPClient, login: Login) -> None:
    if login.token is not None and login.mechanism is Mechanism.OAUTHBEARER:
        client.oauthbearer_login(login.user, login.token())
    elif login.token is not None:
        client.oauth2_login(login.user, login.token())
    elif (login.user + login.password).isascii():
        client.login(login.user, login.password)
    else:  # LOGIN carries ASCII alone; SASL carries UTF-8 (RFC 4616)
        client.plain_login(login.user, login.password)


def _naming(client: IMAPClient) -> Naming:
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            prefix, separator = personal[0]
            return Naming(prefix, separator or "-")
    listed = client.list_folders("", "")
    separator = listed[0][1] if listed else b"/"
    return Naming("", (separator or b"-").decode("ascii"))


def _drop(client: IMAPClient) -> None:
    with suppress(*TROUBLE):
        client.shutdown()


def imap_error(server: str, operation: str, error: Exception) -> MailServerError:
    """Say what an error of the client library means."""
    words = str(error)
    if isinstance(error, IMAPClientReadOnlyError):
        return CommandForbiddenError(server, operation, words)
    if isinstance(error, IMAPClientAbortError | ProtocolError):
        return _gone(server, operation, words)
    if isinstance(error, IMAPClientError):
        return refusal(server, operation, words)
    return connection_error(server, operation, error)


def _gone(server: str, operation: str, words: str) -> MailServerError:
    """BYE, an end without BYE, or words that are not IMAP: the connection is of no more use."""
    trouble = refusal(server, operation, words)
    return trouble if isinstance(trouble, ServerBusyError) else ServerAwayError(server, operation, words)
