"""Access tokens, from providers that answer here: the real client libraries over an HTTP client of our own."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from processor.adapters.mail_errors import LoginRefusedError, ServerAwayError
from processor.adapters.oauth import GoogleTokens, MicrosoftTokens
from tests.servers.certificates import self_signed

TENANT = "c0ffee00-0000-4000-8000-000000000001"
GRANTED = {"token_type": "Bearer", "expires_in": 3599, "access_token": "a-token"}


@dataclass
class Answer:
    status_code: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return self.status_code

    @property
    def data(self) -> bytes:
        return self.text.encode()

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise OSError(self.text)


@dataclass
class Provider:
    """Answers like the HTTP clients of both libraries; `asked` counts the requests for a token."""

    status: int = 200
    grant: dict[str, object] = field(default_factory=lambda: dict(GRANTED))
    down: bool = False
    asked: int = 0

    def get(self, *_: object, **__: object) -> Answer:
        if self.down:
            raise OSError("no route to host")
        base = f"https://login.microsoftonline.com/{TENANT}"
        endpoints = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": base}
        return Answer(200, json.dumps({**endpoints, "metadata": []}))

    def post(self, *_: object, **__: object) -> Answer:
        self.asked += 1
        return Answer(self.status, json.dumps(self.grant))

    def close(self) -> None:
        """Nothing is open."""

    def __call__(self, *_: object, **__: object) -> Answer:
        if self.down:
            from google.auth.exceptions import TransportError

            raise TransportError("no route to host")
        return self.post()


def microsoft(provider: Provider) -> MicrosoftTokens:
    pytest.importorskip("msal", reason="needs the extra m365")
    return MicrosoftTokens(TENANT, "an-app", "a-secret", http_client=provider)


def google(provider: Provider, folder: Path) -> GoogleTokens:
    pytest.importorskip("google.oauth2", reason="needs the extra gmail")
    pem = self_signed(folder).key.read_text()
    account = {"client_email": "p@x.example", "private_key": pem, "token_uri": "https://oauth2.example/token"}
    file = folder / "account.json"
    file.write_text(json.dumps({"type": "service_account", **account}))
    return GoogleTokens(file, "allocations@billing.example", request=provider)


def test_microsoft_is_asked_once_while_the_token_lives() -> None:
    provider = Provider()
    tokens = microsoft(provider)

    assert [tokens(), tokens()] == ["a-token", "a-token"]
    assert provider.asked == 1


def test_microsoft_is_asked_again_when_five_minutes_are_left() -> None:
    provider = Provider(grant={**GRANTED, "expires_in": 299})
    tokens = microsoft(provider)

    assert [tokens(), tokens()] == ["a-token", "a-token"]
    assert provider.asked == 2


@pytest.mark.parametrize(
    ("error", "kind"), [("invalid_client", LoginRefusedError), ("temporarily_unavailable", ServerAwayError)]
)
def test_microsoft_refusals_carry_the_words(error: str, kind: type[Exception]) -> None:
    tokens = microsoft(Provider(400, {"error": error, "error_description": "AADSTS7000215: wrong secret"}))

    with pytest.raises(kind, match=f"{error}: AADSTS7000215"):
        tokens()


def test_microsoft_out_of_reach_passes() -> None:
    with pytest.raises(ServerAwayError, match="no route to host"):
        microsoft(Provider(down=True))()


def test_google_is_asked_once_while_the_token_lives(tmp_path: Path) -> None:
    provider = Provider()
    tokens = google(provider, tmp_path)

    assert [tokens(), tokens()] == ["a-token", "a-token"]
    assert provider.asked == 1


def test_google_refusal_carries_the_words(tmp_path: Path) -> None:
    tokens = google(Provider(401, {"error": "unauthorized_client", "error_description": "not delegated"}), tmp_path)

    with pytest.raises(LoginRefusedError, match="not delegated"):
        tokens()


def test_google_out_of_reach_passes(tmp_path: Path) -> None:
    with pytest.raises(ServerAwayError, match="no route to host"):
        google(Provider(down=True), tmp_path)()


def test_google_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("google.oauth2", reason="needs the extra gmail")

    with pytest.raises(LoginRefusedError, match=r"nowhere\.json"):
        GoogleTokens(tmp_path / "nowhere.json", "allocations@billing.example")()
