"""Signing in and out, and the accounts of those who may."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from processor.adapters.account_tables import ROLES
from processor.adapters.accounts_sql import (
    SHORTEST,
    Change,
    Person,
    accounts,
    add_account,
    change_account,
    sign_in,
    sign_out,
)
from processor.console.guard import COOKIE, set_cookie
from processor.console.room import Visit
from processor.console.words import page
from processor.usage import WrongUsageError


def signin(visit: Visit) -> Response:
    if visit.session:
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    return page(visit, "signin.html", after=inside(visit.asked("next")), failed=False, login="", refused="")


def enter(visit: Visit) -> Response:
    after = inside(visit.sent("next"))
    token = sign_in(visit.room.engine, visit.sent("login"), next(iter(visit.form.get("password", ())), ""), visit.now)
    if token is None:
        shown = {"after": after, "failed": True, "login": visit.sent("login"), "refused": ""}
        return page(visit, "signin.html", HTTPStatus.UNAUTHORIZED, **shown)
    response = RedirectResponse(after or "/", HTTPStatus.SEE_OTHER)
    if old := visit.request.cookies.get(COOKIE):
        sign_out(visit.room.engine, old)
    set_cookie(visit.room, response, token)
    return response


def leave(visit: Visit) -> Response:
    sign_out(visit.room.engine, visit.request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, path="/")
    return response


def people(visit: Visit) -> Response:
    return _people(visit)


def add(visit: Visit) -> Response:
    password = next(iter(visit.form.get("password", ())), "")
    person = Person(visit.sent("login"), visit.sent("name"), visit.sent("role"), password)
    try:
        add_account(visit.room.engine, person, visit.login, visit.now)
    except WrongUsageError as error:
        return _people(visit, tuple(error.problems), person)
    return RedirectResponse("/accounts", HTTPStatus.SEE_OTHER)


def change(visit: Visit) -> Response:
    login, password = visit.sent("login"), next(iter(visit.form.get("password", ())), "")
    if login == visit.login:
        return _people(visit, ("nobody changes their own account: ask another administrator",))
    wanted = Change(visit.sent("role"), password, visit.sent("open") != "0")
    try:
        change_account(visit.room.engine, login, wanted, visit.login, visit.now)
    except WrongUsageError as error:
        return _people(visit, tuple(error.problems))
    return RedirectResponse("/accounts", HTTPStatus.SEE_OTHER)


def _people(visit: Visit, problems: tuple[str, ...] = (), filled: Person | None = None) -> Response:
    return page(
        visit,
        "accounts.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        accounts=accounts(visit.room.engine),
        roles=ROLES,
        shortest=SHORTEST,
        problems=problems,
        filled=filled or Person("", "", "operator", ""),
    )


def inside(address: str) -> str:
    """Return an address of this site, or nothing: nobody is led away after signing in."""
    here = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if here and address.isprintable() else ""
