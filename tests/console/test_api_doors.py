"""Who gets into the API: every route times every role times every scope; tokens that end; bodies that are none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from processor.adapters.account_tables import ROLES
from processor.adapters.accounts_sql import Change, change_account
from processor.adapters.engine import open_engine
from processor.adapters.tokens_sql import NewToken, revoke_token, tokens
from processor.console.api.routes import ENDPOINTS
from processor.console.app import app_for
from processor.console.guard import LONGEST
from processor.console.permissions import Permission
from processor.console.tokens import issue
from processor.usage import WrongUsageError
from tests.console.api import ALL, address, bearing, problem, program, token_for
from tests.console.house import HERE, House
from tests.console.test_doors import ALLOWED, states

NEEDS = {
    "/whoami": None, "/status": "read", "/health": "read", "/reports": "read", "/letters": "read", "/queue": "read",
    "/requests": "read", "/requests/{key}": "read", "/items/{item}": "read", "/find": "read",
    "/mails/{mail}/original": "read", "/mails/{mail}/parts/{part}": "read",
    "/partners/{partner}": "read", "/partners/{partner}/statement": "read",
    "/items/{item}/apply": "act", "/items/{item}/ask": "act", "/items/{item}/reject": "act",
    "/items/{item}/release": "act", "/items/{item}/assign": "act", "/items/{item}/note": "act",
    "/items/{item}/close": "act", "/items/{item}/reopen": "act",
    "/partners/{partner}/pause": "act", "/partners/{partner}/resume": "act",
    "/approvals/{approval}": "approve", "/allocations/{name}/reverse": "approve",
    "/audit": "audit", "/audit/verify": "audit", "/settings": "audit",
    "/words": "audit", "/replays": "audit", "/replays/{replay}": "audit", "/replays/{replay}/cancel": "audit",
    "/accounts": "administer", "/tokens": "administer", "/tokens/{token}/revoke": "administer",
}  # fmt: skip


def test_the_table_of_routes_is_whole_and_acts_need_more_than_reading() -> None:
    assert {one.path: one.needs for one in ENDPOINTS} == NEEDS
    assert {one.needs for one in ENDPOINTS if one.method == "POST"}.isdisjoint({None, Permission.READ})
    assert len({one.name for one in ENDPOINTS}) == len(ENDPOINTS)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_times_every_role_times_every_scope(house: House, role: str) -> None:
    for scopes in (*((one,) for one in ALL), ALL, ()):
        with program(house, role, scopes) as client:
            for one in ENDPOINTS:
                allowed = one.needs is None or (one.needs in scopes and role in ALLOWED[one.needs])
                answer = client.request(one.method, address(one.path))
                assert (answer.status_code != 403) == allowed, (one.path, scopes)
                if allowed and one.method == "GET" and "{replay}" not in one.path:  # none is remembered
                    assert answer.status_code == 200, one.path


def test_without_a_token_or_with_a_cookie_nobody_gets_in(house: House) -> None:
    clients = (house.client(), house.client("approver"))
    before = states(house)
    for client in clients:
        for one in ENDPOINTS:
            for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}):
                answer = client.request(one.method, f"/api/v1{address(one.path)}", headers=headers)
                assert problem(answer) == (401, "unauthenticated"), one.path
                assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert states(house) == before


def test_the_document_is_for_everybody_and_nothing_else_is(house: House) -> None:
    assert house.client().get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
    assert problem(house.client().get("/api/v1/nothing")) == (404, "not_found")
    answer = program(house, "approver").delete("/queue")
    assert (problem(answer), set(answer.headers["allow"].split(", "))) == ((405, "method_not_allowed"), {"GET", "HEAD"})


def test_a_token_ends_with_time_when_revoked_and_with_its_person(house: House) -> None:
    engine, now = house.room.engine, house.clock.now()
    short, long = (bearing(house, token_for(house, "viewer", days=days)) for days in (1, 30))
    house.clock.moment = now + timedelta(days=1)
    assert (short.get("/queue").status_code, long.get("/queue").status_code) == (401, 200)
    change_account(engine, "viewer", Change(open=False), "administrator", now)
    assert long.get("/queue").status_code == 401
    change_account(engine, "viewer", Change(open=True), "administrator", now)
    assert long.get("/queue").status_code == 200
    revoke_token(engine, tokens(engine)[0].id, "administrator", now)
    assert problem(long.get("/queue")) == (401, "unauthenticated")


def test_a_token_loses_what_its_person_loses(house: House) -> None:
    client = program(house, "approver")
    assert client.get("/whoami").json()["may"] == ["read", "act", "approve"]
    change_account(house.room.engine, "approver", Change(role="auditor"), "administrator", house.clock.now())
    assert client.get("/whoami").json()["may"] == ["read", "audit"]
    assert problem(client.post("/items/1/reject", json={"reason": "spam"})) == (403, "forbidden")


def test_the_last_use_is_kept_to_the_minute(house: House) -> None:
    client, engine, began = program(house, "viewer"), house.room.engine, house.clock.now()
    assert tokens(engine)[0].used_at is None
    for seconds in (0, 30, 90):
        house.clock.moment = began + timedelta(seconds=seconds)
        client.get("/whoami")
    assert tokens(engine)[0].used_at == began + timedelta(seconds=90)


def test_a_token_is_never_given_more_than_its_person_may(house: House) -> None:
    engine, now = house.room.engine, house.clock.now()
    good = NewToken("Operator ", "a job", ("act", "read"), now + timedelta(days=5))
    assert issue(engine, good, "administrator", now).startswith("arp_")
    assert (tokens(engine)[0].login, tokens(engine)[0].scopes) == ("operator", ("read", "act"))
    for bad in (
        replace(good, login="nobody"),
        replace(good, scopes=("approve",)),
        replace(good, scopes=("king",)),
        replace(good, scopes=()),
        replace(good, name=" "),
        replace(good, expires_at=now),
        replace(good, expires_at=now + timedelta(days=400)),
    ):
        with pytest.raises(WrongUsageError):
            issue(engine, bad, "administrator", now)
    assert len(tokens(engine)) == 1


def test_no_database_keeps_the_text_of_a_token(house: House) -> None:
    text = token_for(house, "viewer")
    file = house.room.settings.database.url.removeprefix("sqlite:///")
    for part in (file, f"{file}-wal"):
        with open(part, "rb") as stored:  # noqa: PTH123
            assert text.removeprefix("arp_").encode() not in stored.read()


def test_unknown_tokens_lock_their_address_like_wrong_passwords(house: House) -> None:
    app = app_for(house.room)
    good, ended = token_for(house, "viewer"), token_for(house, "viewer", days=-1)
    here, there = (TestClient(app, base_url=HERE, client=(address, 1)) for address in ("192.0.2.1", "192.0.2.2"))

    def get(client: TestClient, token: str) -> int:
        answer = client.get("/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code

    assert [get(here, ended) for _ in range(9)] == [401] * 9  # it was somebody's: no guess
    assert [get(here, "arp_guess") for _ in range(5)] == [401] * 5
    answer = here.get("/api/v1/whoami", headers={"Authorization": f"Bearer {good}"})
    assert (problem(answer), answer.headers["retry-after"]) == ((429, "too_many_failures"), "900")
    assert get(there, good) == 200
    house.clock.moment += timedelta(minutes=16)
    assert get(here, good) == 200


@pytest.fixture
def operator(house: House) -> TestClient:
    return program(house, "operator")


@pytest.mark.parametrize(("body", "kind", "told"), [
    (b"{}", "text/plain", (415, "unsupported_media_type")),
    (b"payment=1", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
    (b"{", "application/json", (400, "malformed")),
    (b"\xff", "application/json; charset=utf-8", (400, "malformed")),
    (b"[" * 50_000, "application/json", (400, "malformed")),
    (b"[]", "application/json", (422, "invalid")),
    (b'{"reason": "dislike"}', "application/json", (422, "invalid")),
    (b'{"reason": "spam", "tell": "yes"}', "application/json", (422, "invalid")),
    (b'{"reason": "spam", "note": "\\u0000"}', "application/json", (422, "invalid")),
    (b'{"reason": "spam", "shown": "yes"}', "application/json", (422, "invalid")),
    (b'{"reason": "spam", "force": true}', "application/json", (422, "invalid")),
    (b" " * (LONGEST + 1), "application/json", (413, "too_large")),
])  # fmt: skip
def test_a_body_that_is_none_is_a_problem(operator: TestClient, body: bytes, kind: str, told: tuple[int, str]) -> None:
    assert problem(operator.post("/items/1/reject", content=body, headers={"Content-Type": kind})) == told


def test_a_body_that_does_not_tell_its_length_is_read_no_further(operator: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000

    headers = {"Content-Type": "application/json"}
    assert problem(operator.post("/items/1/reject", content=pieces(), headers=headers)) == (413, "too_large")


@pytest.mark.parametrize("path", [
    "/items/0", "/items/x", "/items/1_0", "/items/%20", "/items/99999999999999999999", "/queue?state=lost",
    "/queue?x=1", "/queue?q=a&q=b", "/queue?q=%00", f"/queue?q={'x' * 101}", "/queue?before=1",
    "/queue?before=0001-01-01T00:00:00%2B23:59", "/queue?cursor=AAAA", "/queue?cursor=WyIxIl0",
    "/requests?cursor=WzFd", "/reports?since=1", "/partners/%00", "/letters?kind=love",
])  # fmt: skip
def test_an_address_that_asks_wrongly_is_a_problem(operator: TestClient, path: str) -> None:
    answer = operator.get(path)
    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["where"]


def test_where_the_database_is_away_it_is_said(house: House) -> None:
    token = token_for(house, "viewer")
    away = replace(house, room=replace(house.room, engine=open_engine("sqlite:////nowhere/at/all.db")))
    assert problem(bearing(away, token).get("/queue")) == (503, "unavailable")


def test_what_breaks_on_our_side_is_a_problem_too(house: House) -> None:
    token = token_for(house, "viewer")
    broken = replace(house.room, mails=None)  # type: ignore[arg-type]
    client = TestClient(app_for(broken), base_url=HERE, raise_server_exceptions=False)
    answer = client.get("/api/v1/requests/AR-4BEKBERX", headers={"Authorization": f"Bearer {token}"})
    assert problem(answer) == (500, "broken")
