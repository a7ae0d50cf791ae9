"""How mail servers fail: each error carries the server, the operation and the server's own words."""

from __future__ import annotations

import re
import ssl

from processor.ports import OutsideError, PermanentError, TransientError

_BACKOFF = re.compile(r"Suggested Backoff Time:\s*(\d+)\s*milliseconds", re.IGNORECASE)
_CODE = re.compile(r"\[([A-Z-]+)")

# RFC 5530 section 3, Exchange's `[THROTTLED]`: the server itself says that the trouble will pass.
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED", "CLIENTBUG"})
# RFC 5530 section 3: a person has to change something.
_LASTING = frozenset({
    "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "CONTACTADMIN",
    "NOPERM", "OVERQUOTA", "CANNOT", "NONEXISTENT", "TRYCREATE",
})  # fmt: skip


class MailServerError(OutsideError):
    """The mail server failed."""

    def __init__(self, server: str, operation: str, words: str, retry_after: float | None = None) -> None:
        super().__init__(server, operation, words)
        self.server = server
        self.operation = operation
        self.words = words
        self.retry_after = retry_after  # seconds the server asked for

    def __str__(self) -> str:
        return f"{type(self).__doc__} ({self.server}, {self.operation}: {self.words})"


class ServerAwayError(MailServerError, TransientError):
    """The mail server cannot be reached, fell silent or hung up."""


class ServerBusyError(MailServerError, TransientError):
    """The mail server asks to be left alone for a while."""


class CommandRefusedError(MailServerError, TransientError):
    """The mail server refused a command without saying that it always will."""


class FolderRebuiltError(MailServerError, TransientError):
    """The folder was rebuilt (its UIDVALIDITY changed), so the UIDs we know name other mails now."""


class CommandForbiddenError(MailServerError, PermanentError):
    """The mail server will not do this until somebody changes something there."""


class LoginRefusedError(MailServerError, PermanentError):
    """The mail server refused the login."""


class NotEncryptedError(MailServerError, PermanentError):
    """The connection would not be encrypted, so nothing was sent."""


class CertificateRefusedError(MailServerError, PermanentError):
    """The mail server's certificate is not to be trusted."""


def backoff_seconds(words: str) -> float | None:
    """Read how long Exchange wants to be left alone, from the text of any answer."""
    found = _BACKOFF.search(words)
    return int(found[1]) / 1000 if found else None


def connection_error(server: str, operation: str, error: Exception) -> MailServerError:
    """Say what went wrong below the level of commands."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefusedError(server, operation, error.verify_message)
    return ServerAwayError(server, operation, str(error) or type(error).__name__)


def refusal(server: str, operation: str, words: str) -> MailServerError:
    """Say what an IMAP NO or BAD means (RFC 5530)."""
    wait = backoff_seconds(words)
    codes = set(_CODE.findall(words))
    if wait is not None or codes & _PASSING or "throttled" in words.lower():
        return ServerBusyError(server, operation, words, wait)
    lasting = codes & _LASTING or "error: BAD" in words
    return (CommandForbiddenError if lasting else CommandRefusedError)(server, operation, words)
