"""Access tokens for mail servers that take no passwords. The provider's own library caches and renews them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from processor.adapters.mail_errors import LoginRefusedError, ServerAwayError

MICROSOFT = "https://login.microsoftonline.com"
MICROSOFT_SCOPE = "https://outlook.office365.com/.default"  # IMAP and SMTP alike, as the tenant's admin consented
GOOGLE_SCOPE = "https://mail.google.com/"
TIMEOUT_SECONDS = 30.0
# RFC 6749 section 5.2 names what a person must mend; these two pass by themselves.
PASSING = frozenset({"temporarily_unavailable", "server_error"})


class MicrosoftTokens:
    """Tokens for Microsoft 365 by client credentials: an app's secret, or its certificate as msal takes it.

    A call returns a token with at least five minutes to live. Raises `LoginRefusedError` or `ServerAwayError`.
    Needs the extra `m365`.
    """

    def __init__(
        self, tenant: str, client_id: str, credential: str | Mapping[str, str], *, http_client: object | None = None
    ) -> None:
        self._authority = f"{MICROSOFT}/{tenant}"
        self._client_id = client_id
        self._credential = credential
        self._http_client = http_client
        self._app: Any = None

    def __call__(self) -> str:
        try:
            self._app = self._app or self._register()
            answer: dict[str, Any] = self._app.acquire_token_for_client(scopes=[MICROSOFT_SCOPE])
        except ValueError as error:  # an unknown tenant, an unreadable certificate
            raise LoginRefusedError(self._authority, "get a token", str(error)) from error
        except OSError as error:
            raise ServerAwayError(self._authority, "get a token", str(error)) from error
        token = answer.get("access_token")
        if isinstance(token, str):
            return token
        words = f"{answer.get('error')}: {answer.get('error_description')}"
        kind = ServerAwayError if answer.get("error") in PASSING else LoginRefusedError
        raise kind(self._authority, "get a token", words)

    def _register(self) -> object:
        import msal

        return msal.ConfidentialClientApplication(
            self._client_id,
            authority=self._authority,
            client_credential=self._credential,
            http_client=self._http_client,
            timeout=TIMEOUT_SECONDS,
        )


class GoogleTokens:
    """Tokens for Gmail by a service account with domain-wide delegation, which speaks for `user`.

    A call returns a token with some minutes to live. Raises `LoginRefusedError` or `ServerAwayError`.
    Needs the extra `gmail`.
    """

    def __init__(self, key_file: Path, user: str, *, request: object | None = None) -> None:
        self._key_file = key_file
        self._user = user
        self._request = request
        self._credentials: Any = None

    def __call__(self) -> str:
        from google.auth.exceptions import GoogleAuthError, TransportError

        try:
            self._credentials = self._credentials or self._load()
            if not self._credentials.valid:
                self._credentials.refresh(self._request or _google_request())
        except (OSError, ValueError) as error:  # the key file
            raise LoginRefusedError(str(self._key_file), "read the service account", str(error)) from error
        except GoogleAuthError as error:
            passing = isinstance(error, TransportError) or error.retryable
            raise (ServerAwayError if passing else LoginRefusedError)(
                "oauth2.googleapis.com", "get a token", str(error)
            ) from error
        return str(self._credentials.token)

    def _load(self) -> object:
        from google.oauth2.service_account import Credentials

        return Credentials.from_service_account_file(str(self._key_file), scopes=[GOOGLE_SCOPE], subject=self._user)


def _google_request() -> object:
    from google.auth.transport.requests import Request

    return Request()
