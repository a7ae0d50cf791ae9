"""Where a mail server is and how it may be spoken to: encrypted and verified, or on this machine alone."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from processor.adapters.mail_errors import CertificateRefusedError, NotEncryptedError

TokenProvider = Callable[[], str]  # returns an access token that lives for some minutes more; may raise OutsideError


class Security(StrEnum):
    """How a connection is encrypted."""

    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"  # asked for in the clear; a server that does not offer it is left
    PLAIN = "plain"  # to this machine only


class Mechanism(StrEnum):
    """How an access token is shown."""

    XOAUTH2 = "XOAUTH2"  # Microsoft 365, Gmail
    OAUTHBEARER = "OAUTHBEARER"  # RFC 7628


@dataclass(frozen=True, slots=True)
class Login:
    """A user, and a password or a source of access tokens. Neither secret shows in its repr."""

    user: str
    password: str = field(default="", repr=False)
    token: TokenProvider | None = field(default=None, repr=False)
    mechanism: Mechanism = Mechanism.XOAUTH2


@dataclass(frozen=True, slots=True)
class MailServer:
    """An IMAP or SMTP server. Times are seconds; `ca_file` replaces the system's certificate authorities."""

    host: str
    port: int
    security: Security = Security.TLS
    login: Login | None = None
    ca_file: Path | None = None
    connect_seconds: float = 10.0
    read_seconds: float = 60.0

    @property
    def address(self) -> str:
        """`host:port`, as errors name it."""
        return f"{self.host}:{self.port}"

    def tls(self) -> ssl.SSLContext:
        """Build a context that verifies certificate and host name."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise CertificateRefusedError(self.address, f"read {self.ca_file}", str(error)) from error

    def refuse_clear_text(self) -> None:
        """Raise `NotEncryptedError` where words would leave this machine unencrypted."""
        if self.security is Security.PLAIN and not _is_loopback(self.host):
            raise NotEncryptedError(self.address, "connect", "plain connections are for this machine's own addresses")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
