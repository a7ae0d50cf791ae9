"""Tokens for programs, and the page where an administrator gives them out: none may do what its person may not."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy import Engine
from starlette.responses import RedirectResponse, Response

from processor.adapters.accounts_sql import accounts
from processor.adapters.tokens_sql import NewToken, add_token, revoke_token, tokens
from processor.console.permissions import Permission, may
from processor.console.room import Visit
from processor.console.words import page
from processor.usage import WrongUsageError

SCOPES = tuple(Permission)
LONGEST = 366  # days that a token may last
USUAL = 90
_NAME = 100  # characters


def issue(engine: Engine, new: NewToken, by: str, now: datetime) -> str:
    """Give out a token and return its text, which is never seen again. Raises `WrongUsageError` with all that is wrong.

    A scope is a permission; those of a role that is taken away later end with it.
    """
    login = new.login.strip().lower()
    role = next((one.role for one in accounts(engine) if one.login == login and one.open), None)
    if role is None:
        raise WrongUsageError(f"{login}: there is no such account, or it is shut out")
    if problems := [*_wrong(new, role, now)]:
        raise WrongUsageError(*problems)
    scopes = tuple(one for one in SCOPES if one in new.scopes)
    return add_token(engine, NewToken(login, new.name.strip(), scopes, new.expires_at), by, now)


def overview(visit: Visit) -> Response:
    return _page(visit)


def give(visit: Visit) -> Response:
    days = visit.sent("days")
    lasts = int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0  # noqa: PLR2004 four digits
    expires_at = visit.now + timedelta(days=lasts)
    new = NewToken(visit.sent("login"), visit.sent("name"), tuple(visit.form.get("scope", ())), expires_at)
    try:
        text = issue(visit.room.engine, new, visit.login, visit.now)
    except WrongUsageError as error:
        return _page(visit, tuple(error.problems))
    return _page(visit, text=text)


def revoke(visit: Visit) -> Response:
    try:
        revoke_token(visit.room.engine, int(visit.request.path_params["token"]), visit.login, visit.now)
    except WrongUsageError as error:
        return _page(visit, tuple(error.problems))
    return RedirectResponse("/tokens", HTTPStatus.SEE_OTHER)


def _wrong(new: NewToken, role: str, now: datetime) -> tuple[str, ...]:
    unknown = [one for one in new.scopes if one not in set(SCOPES)]
    beyond = [one for one in new.scopes if one in set(SCOPES) and not may(role, Permission(one))]
    problems = {
        "a token needs a name that says what it is for, of at most 100 characters": not 0
        < len(new.name.strip())
        <= _NAME,
        f"a token needs a scope: {', '.join(SCOPES)}": not new.scopes,
        f"no such scope: {', '.join(unknown)}": bool(unknown),
        f"{new.login} is {role} and may not do: {', '.join(beyond)}": bool(beyond),
        f"a token lasts from 1 to {LONGEST} days": not now < new.expires_at <= now + timedelta(days=LONGEST),
    }
    return tuple(words for words, wrong in problems.items() if wrong)


def _page(visit: Visit, problems: tuple[str, ...] = (), text: str = "") -> Response:
    return page(
        visit,
        "tokens.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        tokens=tokens(visit.room.engine),
        people=tuple(one for one in accounts(visit.room.engine) if one.open),
        scopes=SCOPES,
        usual=USUAL,
        longest=LONGEST,
        problems=problems,
        text=text,
    )
