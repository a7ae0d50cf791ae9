"""Where the mail servers are, and how they are logged in to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from processor.settings import ImapSettings, Settings, SmtpSettings

if TYPE_CHECKING:
    from processor.adapters.mail_server import Login, MailServer


def imap_server(settings: Settings) -> MailServer:
    """Say where the mailbox is."""
    imap = settings.imap
    return _server(imap, _login(settings, imap), imap.connect_timeout_seconds, imap.read_timeout_seconds)


def smtp_server(settings: Settings) -> MailServer:
    """Say where letters go."""
    smtp = settings.smtp
    login = _login(settings, smtp) if smtp.username else None
    return _server(smtp, login, settings.imap.connect_timeout_seconds, settings.imap.read_timeout_seconds)


def _server(place: ImapSettings | SmtpSettings, login: Login | None, connect: float, read: float) -> MailServer:
    from processor.adapters.mail_server import MailServer, Security

    ca_file = Path(place.ca_file) if place.ca_file else None
    return MailServer(place.host, place.port, Security(place.security), login, ca_file, connect, read)


def _login(settings: Settings, place: ImapSettings | SmtpSettings) -> Login:
    from processor.adapters.mail_server import Login
    from processor.adapters.oauth import GoogleTokens, MicrosoftTokens

    oauth = settings.oauth
    if oauth.provider == "microsoft":
        tokens = MicrosoftTokens(oauth.tenant, oauth.client_id, oauth.client_secret.get_secret_value())
        return Login(place.username, token=tokens)
    if oauth.provider == "google":
        return Login(place.username, token=GoogleTokens(Path(oauth.key_file), place.username))
    return Login(place.username, place.password.get_secret_value())
