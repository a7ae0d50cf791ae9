"""Settings of the web console for operations, and of signing in to it through an identity provider."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from processor.settings_base import LOOPBACK, Count, Port, Section, Text

Role = Literal["viewer", "operator", "approver", "auditor", "administrator"]


class ConsoleSettings(Section):
    """The web console for operations. People sign in with accounts of their own: `processor console user add`."""

    serve: bool = False
    """Whether `processor run` serves the console beside the worker. `processor console` always does."""
    host: Text = "127.0.0.1"
    """The address it listens on. Anything but this machine belongs behind a proxy that speaks TLS."""
    port: Port = 8025
    """The port it listens on."""
    https: bool = False
    """Whether people reach it over https, through a proxy: the browser then sends the session over nothing else."""
    idle_minutes: Count = 30
    """A session without a visit ends after so many minutes."""
    session_hours: Count = 10
    """A session ends after so many hours at the latest."""
    mails: str = ""
    """A folder of folders with kept mails, on which the page Replay may try other words; empty for past mails alone."""


class OidcSettings(Section):
    """Signing in to the console through an identity provider (OpenID Connect), beside passwords. Needs the extra
    `oidc`. An account that is made so has no password, and one with a password can't be entered so.
    """

    issuer: str = ""
    """The provider's address, as its own discovery document names it; empty: nobody signs in so. Over https."""
    client_id: str = ""
    """What the provider calls this program."""
    client_secret: SecretStr = SecretStr("")
    """The program's password there: better in the secrets directory (file `oidc__client_secret`) than here."""
    console_url: str = ""
    """How browsers reach the console, such as `https://console.example`. The provider must allow this address with
    `/signin/oidc/back` behind it.
    """
    label: Text = "Sign in with your organisation"
    """What the button says."""
    login_claim: Text = "preferred_username"
    """The claim that becomes the login; who somebody is, is known by `sub` alone."""
    roles_claim: Text = "groups"
    """The claim that lists somebody's groups."""
    roles: dict[str, Role] = Field(default_factory=dict)
    """The role of each group, such as `{ "billing-ops" = "operator" }`. Who is in several has the role named first; who
    is in none doesn't get in. The role is looked at anew whenever somebody signs in.
    """

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.issuer:
            return self
        for name in ("issuer", "console_url"):
            parts = urlsplit(getattr(self, name))
            if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK):
                raise ValueError(f"{name} must be an https address")
        if not self.client_id or not self.client_secret.get_secret_value() or not self.roles:
            raise ValueError("client_id, client_secret and roles must be set where issuer is")
        return self
