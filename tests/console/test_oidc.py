"""Signing in through an identity provider that is really asked: who gets in, as what, and every way not to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from pydantic import SecretStr, ValidationError
from starlette.testclient import TestClient

from processor.adapters.accounts_sql import Change, accounts, change_account, sign_in
from processor.console.outside import RIDDLE
from processor.settings_console import OidcSettings
from tests.console.house import HERE, PASSWORD, House

pytest.importorskip("authlib")
pytest.importorskip("joserfc")

if TYPE_CHECKING:
    from tests.servers.oidc import IdentityProvider

ROLES = {"billing-leads": "approver", "billing-ops": "operator"}
ANN = {"sub": "4711", "preferred_username": "Ann.Smith", "name": "Ann Smith", "groups": ["all", "billing-ops"]}


@pytest.fixture(scope="session")
def running() -> Iterator[IdentityProvider]:
    from tests.servers.oidc import IdentityProvider

    with IdentityProvider(redirects=f"{HERE}/signin/oidc/back") as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    running.person, running.wrong, running.algorithm, running.signer = ANN, {}, "RS256", running.key
    return running


@pytest.fixture
def with_provider(house: House, provider: IdentityProvider) -> House:
    from tests.servers.oidc import CLIENT, SECRET

    house.clock.moment = datetime.now(UTC)
    oidc = OidcSettings.model_construct(
        issuer=provider.issuer, client_id=CLIENT, client_secret=SecretStr(SECRET), console_url=HERE, roles=ROLES
    )
    settings = house.room.settings.model_copy(update={"oidc": oidc})
    return replace(house, room=replace(house.room, settings=settings))


def go(address: str) -> str:
    """Follow the browser to the provider; return where it sends it back to."""
    place = urlsplit(address)
    connection = HTTPConnection(place.netloc, timeout=10)
    connection.request("GET", f"{place.path}?{place.query}")
    location = connection.getresponse().headers["Location"]
    connection.close()
    return location.removeprefix(HERE)


def enter(client: TestClient, after: str = "") -> Response:
    return client.get(go(client.get("/signin/oidc", params={"next": after}).headers["location"]))


def test_who_is_in_a_group_gets_its_role_and_the_page_that_was_asked_for(with_provider: House) -> None:
    client = with_provider.client()
    assert "/signin/oidc?next=/queue" in client.get("/signin?next=/queue").text
    answer = enter(client, "/queue")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert "Ann Smith" in client.get("/queue").text
    (ann,) = [one for one in accounts(with_provider.room.engine) if one.login == "ann.smith"]
    assert (ann.name, ann.role) == ("Ann Smith", "operator")
    assert sign_in(with_provider.room.engine, "ann.smith", "", with_provider.clock.now()) is None
    assert RIDDLE not in client.cookies


def test_the_role_named_first_counts_and_follows_the_groups(with_provider: House, provider: IdentityProvider) -> None:
    first = with_provider.client()
    enter(first)
    provider.person = ANN | {"groups": ["billing-ops", "billing-leads"]}
    second = with_provider.client()
    enter(second)
    assert "approver" in second.get("/").text
    assert first.get("/").status_code == 303  # a session of another role ends
    provider.person = ANN | {"groups": ["all"]}
    assert enter(with_provider.client()).status_code == 403
    provider.person = ANN | {"groups": "billing-ops"}
    assert enter(with_provider.client()).status_code == 303


@pytest.mark.parametrize("wrong", [
    {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": ["console", "other"]}, {"azp": "another"},
    {"iss": "https://evil.example"}, {"iss": None}, {"exp": 1000}, {"exp": None}, {"sub": None}, {"groups": None},
    {"preferred_username": None}, {"preferred_username": "../x"},
])  # fmt: skip
def test_a_word_that_is_not_for_us_and_now_lets_nobody_in(
    with_provider: House, provider: IdentityProvider, wrong: dict[str, object]
) -> None:
    provider.wrong = wrong
    client = with_provider.client()
    assert enter(client).status_code == 403
    assert client.get("/").status_code == 303
    assert len(accounts(with_provider.room.engine)) == 5


@pytest.mark.parametrize("algorithm", ["RS256", "HS256"])
def test_a_word_that_another_signed_lets_nobody_in(
    with_provider: House, provider: IdentityProvider, algorithm: str
) -> None:
    from joserfc.jwk import OctKey, RSAKey

    provider.algorithm = algorithm
    provider.signer = RSAKey.generate_key(2048) if algorithm == "RS256" else OctKey.import_key("a client's secret" * 2)
    assert enter(with_provider.client()).status_code == 403


def test_a_code_belongs_to_the_browser_that_asked_and_works_once(with_provider: House) -> None:
    mine, other = with_provider.client(), with_provider.client()
    place = go(mine.get("/signin/oidc").headers["location"])
    assert other.get(place).headers["location"] == "/signin"  # no riddle
    other.get("/signin/oidc")
    assert other.get(place).headers["location"] == "/signin"  # another riddle
    riddle = mine.cookies[RIDDLE]
    assert mine.get(place).headers["location"] == "/"
    mine.cookies.set(RIDDLE, riddle, domain="console.test", path="/signin")
    assert mine.get(place).status_code == 403
    mine.cookies.set(RIDDLE, f"{riddle}x", domain="console.test", path="/signin")
    assert mine.get(place).headers["location"] == "/signin"


def test_no_account_of_another_is_entered(with_provider: House, provider: IdentityProvider) -> None:
    provider.person = ANN | {"preferred_username": "administrator"}
    assert enter(with_provider.client()).status_code == 403
    assert sign_in(with_provider.room.engine, "administrator", PASSWORD, with_provider.clock.now())
    provider.person = ANN
    assert enter(with_provider.client()).status_code == 303
    provider.person = ANN | {"sub": "4712"}  # the name was given to somebody new
    assert enter(with_provider.client()).status_code == 403


def test_who_is_shut_out_stays_out(with_provider: House) -> None:
    enter(with_provider.client())
    change_account(with_provider.room.engine, "ann.smith", Change(open=False), "administrator", datetime.now(UTC))
    assert enter(with_provider.client()).status_code == 403


def test_nobody_is_led_away_after_signing_in(with_provider: House) -> None:
    assert enter(with_provider.client(), "//evil.example").headers["location"] == "/"


def test_the_provider_is_asked_with_a_riddle_of_one_use(with_provider: House) -> None:
    addresses = [with_provider.client().get("/signin/oidc").headers["location"] for _ in range(2)]
    asked = [parse_qs(urlsplit(one).query) for one in addresses]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43


def test_while_the_provider_is_away_passwords_still_work(with_provider: House) -> None:
    oidc = with_provider.room.settings.oidc.model_copy(update={"issuer": "http://127.0.0.1:9"})
    settings = with_provider.room.settings.model_copy(update={"oidc": oidc})
    client = replace(with_provider, room=replace(with_provider.room, settings=settings)).client()
    began = time.monotonic()
    assert client.get("/signin/oidc").status_code == 503
    assert time.monotonic() - began < 10
    assert client.post("/signin", data={"login": "viewer", "password": PASSWORD}).headers["location"] == "/"


def test_without_a_provider_there_is_no_such_way(house: House) -> None:
    client = house.client()
    assert "oidc" not in client.get("/signin").text
    assert client.get("/signin/oidc").headers["location"] == "/signin"
    assert client.get("/signin/oidc/back?code=1&state=2").headers["location"] == "/signin"


@pytest.mark.parametrize("wrong", [
    {"issuer": "http://id.example"}, {"console_url": "http://console.example"}, {"client_id": ""},
    {"client_secret": SecretStr("")}, {"roles": {}}, {"roles": {"all": "king"}},
])  # fmt: skip
def test_half_a_provider_is_a_wrong_setting(wrong: dict[str, object]) -> None:
    whole: dict[str, object] = {
        "issuer": "https://id.example", "client_id": "console", "client_secret": SecretStr("x"),
        "console_url": "https://console.example", "roles": ROLES,
    }  # fmt: skip
    assert OidcSettings.model_validate(whole).issuer
    with pytest.raises(ValidationError):
        OidcSettings.model_validate(whole | wrong)
