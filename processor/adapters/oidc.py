"""An identity provider, asked who somebody is: OpenID Connect's code flow with PKCE (RFC 7636), by Authlib.

Nothing that the browser brings is believed; the provider's signed word is, where it is meant for us and for this try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from processor.ports import PermanentError, TransientError
from processor.settings_console import OidcSettings

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

BACK = "/signin/oidc/back"
ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")  # signed with a key that only the provider has
TIMEOUT = 10  # seconds
LEEWAY = 60  # seconds that two clocks may differ


class NoProviderError(TransientError):
    """The identity provider can't be reached."""


class NotProvedError(PermanentError):
    """The identity provider did not prove who this is."""


class NoAuthlibError(PermanentError):
    """Signing in through an identity provider needs the extra `oidc`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: what binds the provider's answer to the browser that began it."""

    state: str
    nonce: str
    verifier: str


def check_extra() -> None:
    """Raise `NoAuthlibError` where the libraries are missing."""
    if not all(map(find_spec, ("authlib", "httpx", "joserfc"))):
        raise NoAuthlibError("pip install allocation-request-processor[oidc]")


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that the settings name."""

    settings: OidcSettings

    def address(self, attempt: Attempt) -> str:
        """Return where the browser must go. Raises `NoProviderError`, `NotProvedError`."""
        endpoint = self._described()["authorization_endpoint"]
        with self._client() as client:
            address, _ = client.create_authorization_url(
                endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(address)

    def claims(self, code: str, attempt: Attempt, now: datetime) -> Mapping[str, Any]:
        """Return the provider's word about who brings this code. Raises `NoProviderError`, `NotProvedError`."""
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        described = self._described()
        try:
            with self._client() as client:
                token = client.fetch_token(described["token_endpoint"], code=code, code_verifier=attempt.verifier)
                keys = client.request("GET", described["jwks_uri"], withhold_token=True).raise_for_status().json()
        except AuthlibBaseError as error:
            raise NotProvedError(type(error).__name__) from error
        except (HTTPError, ValueError) as error:
            raise NoProviderError(type(error).__name__) from error
        return self._verified(str(token.get("id_token", "")), keys, attempt, now)

    def _verified(self, text: str, keys: Mapping[str, Any], attempt: Attempt, now: datetime) -> Mapping[str, Any]:
        """OpenID Connect Core 3.1.3.7."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            nonce={"essential": True, "value": attempt.nonce},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            claims: dict[str, Any] = jwt.decode(text, KeySet.import_key_set(keys), algorithms=[*ALGORITHMS]).claims
            rules.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotProvedError(type(error).__name__) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if ("azp" in claims or several) and claims.get("azp") != self.settings.client_id:
            raise NotProvedError("it was meant for another program")
        return claims

    def _described(self) -> Mapping[str, Any]:
        """Ask for the discovery document."""
        from httpx import Client, HTTPError

        try:
            with Client(timeout=TIMEOUT) as client:
                answer = client.get(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
                described: Mapping[str, Any] = answer.raise_for_status().json()
        except (HTTPError, ValueError) as error:
            raise NoProviderError(type(error).__name__) from error
        if described.get("issuer") != self.settings.issuer:
            raise NotProvedError("the discovery document is another issuer's")
        return described

    def _client(self) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            self.settings.client_id,
            self.settings.client_secret.get_secret_value(),
            scope="openid profile email",
            redirect_uri=self.settings.console_url.rstrip("/") + BACK,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )
