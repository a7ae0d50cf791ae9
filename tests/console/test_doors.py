"""Who gets in where: every route times every role, forms from elsewhere, passwords, and how long a session lasts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from processor.adapters.account_tables import ROLES as STORED_ROLES
from processor.adapters.accounts_sql import Change, Person, add_account, begin_session, change_account, sign_in, visit
from processor.adapters.engine import reading
from processor.adapters.journal_tables import audit_entry
from processor.adapters.tables import allocation
from processor.console.guard import COOKIE, HEADERS, TOKEN, Page
from processor.console.permissions import ROLES
from processor.console.routes import PAGES
from processor.usage import WrongUsageError
from tests.console.house import PASSWORD, House

ALLOWED = {
    None: {"", *STORED_ROLES},
    "read": set(STORED_ROLES),
    "act": {"operator", "approver"},
    "approve": {"approver"},
    "audit": {"auditor", "administrator"},
    "administer": {"administrator"},
}
FILLED = {"{key}": "AR-4BEKBERX", "{mail:int}": "1", "{part}": "1", "{partner}": "4810225", "{item:int}": "1",
          "{act}": "reject", "{approval:int}": "1", "{name}": "AL-WHN5BG8Y-1", "{trial}": "none",
          "{token:int}": "1"}  # fmt: skip
OWN = ("/tokens", "/tokens/{token:int}/revoke")  # everybody's own tokens
WAYS_OUTSIDE = ("/signin/oidc", "/signin/oidc/back")  # to the identity provider and back; tried with one
SAME_SITE = {"sec-fetch-site": "same-origin"}


def address(page: Page) -> str:
    path = page.path
    for hole, value in FILLED.items():
        path = path.replace(hole, value)
    return path


def form_token(house: House, role: str) -> str:
    token = begin_session(house.room.engine, role, house.clock.now())
    session = visit(house.room.engine, token, house.room.limits, house.clock.now())
    assert session
    return session.form_token


def states(house: House) -> tuple[int | None, ...]:
    with reading(house.room.engine) as connection:
        return tuple(connection.scalar(select(func.count()).select_from(one)) for one in (allocation, audit_entry))


def test_the_roles_of_the_database_are_those_of_the_doors() -> None:
    assert set(ROLES) == set(STORED_ROLES)


def test_every_route_says_what_it_needs_and_acts_need_more_than_reading() -> None:
    assert {one.path for one in PAGES if one.needs is None} == {"/signin", *WAYS_OUTSIDE}
    assert {one.path for one in PAGES if one.acts and one.needs == "read"} == {"/signout", *OWN}


@pytest.mark.parametrize("role", ["", *STORED_ROLES])
def test_every_route_times_every_role(house: House, role: str) -> None:
    client = house.client(role)
    for page in PAGES:
        if page.path in {"/signout", "/signin", *WAYS_OUTSIDE}:
            continue
        token = form_token(house, role) if role and page.acts else ""
        if page.acts:
            # The token belongs to another session of the same person, so that no form goes through by itself.
            answer = client.post(address(page), data={TOKEN: token}, headers=SAME_SITE)
        else:
            answer = client.get(address(page))
        if not role:
            assert (answer.status_code, answer.headers["location"][:7]) == (303, "/signin"), page.path
        elif page.acts or role not in ALLOWED[page.needs]:
            assert answer.status_code == 403, page.path
        else:
            assert answer.status_code in {200, 404}, page.path


@pytest.mark.parametrize("role", STORED_ROLES)
def test_with_its_own_token_a_form_is_refused_to_the_wrong_role_alone(house: House, role: str) -> None:
    client = house.client(role)
    session = visit(house.room.engine, client.cookies[COOKIE], house.room.limits, house.clock.now())
    assert session
    for page in PAGES:
        if page.acts and page.path not in {"/signin", "/signout"}:
            answer = client.post(address(page), data={TOKEN: session.form_token}, headers=SAME_SITE)
            refused = "may not do this" in answer.text
            assert refused == (role not in ALLOWED[page.needs]), (page.path, answer.status_code)


def test_no_form_works_without_its_token_or_from_another_site(house: House) -> None:
    client = house.client("approver")
    session = visit(house.room.engine, client.cookies[COOKIE], house.room.limits, house.clock.now())
    assert session
    before = states(house)

    for page in PAGES:
        if page.acts:
            for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
                data = {TOKEN: session.form_token, "login": "approver", "password": PASSWORD}
                assert client.post(address(page), data=data, headers=headers).status_code == 403, page.path
            if page.needs is not None:
                assert client.post(address(page), data={}, headers=SAME_SITE).status_code == 403, page.path
    assert states(house) == before


def test_every_answer_bears_the_headers(house: House) -> None:
    for role, path in (("", "/signin"), ("viewer", "/"), ("viewer", "/nothing"), ("", "/static/console.css")):
        answer = house.client(role).get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path


def test_no_page_holds_a_script_or_style_of_its_own(house: House) -> None:
    client = house.client("administrator")
    for page in PAGES:
        if not page.acts and page.path != "/mail/{mail:int}/page":
            text = client.get(address(page)).text
            assert " style=" not in text, page.path
            assert "<style" not in text, page.path
            assert " onclick" not in text, page.path
            assert text.count("<script") == text.count("<script src="), page.path


def test_signing_in_and_out(house: House) -> None:
    client = house.client()
    answer = client.post("/signin", data={"login": " Viewer ", "password": PASSWORD, "next": "/queue"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert client.get("/").status_code == 200
    token = client.cookies[COOKIE]
    session = visit(house.room.engine, token, house.room.limits, house.clock.now())
    assert session
    client.post("/signout", data={TOKEN: session.form_token})
    client.cookies.set(COOKIE, token, domain="console.test", path="/")
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", ""])
def test_nobody_is_led_away_after_signing_in(house: House, place: str) -> None:
    data = {"login": "viewer", "password": PASSWORD, "next": place}
    assert house.client().post("/signin", data=data).headers["location"] == "/"


def test_five_wrong_passwords_lock_an_account_for_a_quarter_of_an_hour(house: House) -> None:
    engine, now = house.room.engine, house.clock.now()
    for _ in range(5):
        assert sign_in(engine, "viewer", "wrong", now) is None
    assert sign_in(engine, "viewer", PASSWORD, now) is None
    assert sign_in(engine, "viewer", PASSWORD, now + timedelta(minutes=16))


def test_a_session_ends_when_idle_and_at_its_limit(house: House) -> None:
    idle, busy = house.client("viewer"), house.client("operator")
    house.clock.moment += timedelta(minutes=31)
    assert idle.get("/").status_code == 303
    busy = house.client("operator")
    pages = 0
    while busy.get("/").status_code == 200:
        pages += 1
        house.clock.moment += timedelta(minutes=20)
    assert pages == 10 * 60 // 20 + 1


def test_a_session_changes_its_token_and_the_old_one_ends_soon(house: House) -> None:
    client = house.client("viewer")
    first = client.cookies[COOKIE]
    house.clock.moment += timedelta(minutes=11)
    assert client.get("/").status_code == 200
    assert client.cookies[COOKIE] != first
    limits = house.room.limits
    assert visit(house.room.engine, first, limits, house.clock.now())
    assert visit(house.room.engine, first, limits, house.clock.now() + timedelta(minutes=2)) is None


def test_who_is_shut_out_is_out_at_once(house: House) -> None:
    client = house.client("viewer")
    change_account(house.room.engine, "viewer", Change(open=False), "administrator", house.clock.now())
    assert client.get("/").status_code == 303
    assert sign_in(house.room.engine, "viewer", PASSWORD, house.clock.now()) is None


@pytest.mark.parametrize("person", [
    Person("Ann Smith", "", "viewer", PASSWORD),
    Person("ann", "", "king", PASSWORD),
    Person("ann", "", "viewer", "short"),
    Person("ann", "", "viewer", "aaaaaaaaaaaaaaaa"),
    Person("viewer", "", "viewer", PASSWORD),
])  # fmt: skip
def test_an_account_must_be_sound(house: House, person: Person) -> None:
    with pytest.raises(WrongUsageError):
        add_account(house.room.engine, person, "tests", house.clock.now())
