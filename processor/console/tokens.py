"""Tokens for programs, and the page where people give out their own: none may do what its person may not.

An administrator gives them to others too, but for those that move money, and sees and revokes all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy import Engine
from starlette.responses import RedirectResponse, Response

from processor.adapters.accounts_sql import Account, accounts
from processor.adapters.tokens_sql import NewToken, Token, add_token, revoke_token, tokens
from processor.console.permissions import Permission, may
from processor.console.room import Visit
from processor.console.words import page
from processor.usage import WrongUsageError

SCOPES = tuple(Permission)
LONGEST = 366  # days that a token may last
USUAL = 90
_NAME = 100  # characters
_MOVING = frozenset({Permission.ACT.value, Permission.APPROVE.value})


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
    login = visit.sent("login") or visit.login
    new = NewToken(login, visit.sent("name"), tuple(visit.form.get("scope", ())), expires_at)
    if problems := _not_yours(visit, new):
        return _page(visit, problems)
    try:
        text = issue(visit.room.engine, new, visit.login, visit.now)
    except WrongUsageError as error:
        return _page(visit, tuple(error.problems))
    return _page(visit, text=text)


def revoke(visit: Visit) -> Response:
    number = int(visit.request.path_params["token"])
    if number not in {one.id for one in _seen(visit)}:
        return _page(visit, (f"{number}: you have no such token",))
    try:
        revoke_token(visit.room.engine, number, visit.login, visit.now)
    except WrongUsageError as error:
        return _page(visit, tuple(error.problems))
    return RedirectResponse("/tokens", HTTPStatus.SEE_OTHER)


def _not_yours(visit: Visit, new: NewToken) -> tuple[str, ...]:
    """Nobody gets hold of a token that moves money in another's name: that would be two people in one."""
    if new.login == visit.login:
        return ()
    if not visit.may(Permission.ADMINISTER):
        return ("you give out tokens of your own alone",)
    if _MOVING.intersection(new.scopes):
        return (f"a token that may act is given out by {new.login} themselves, or on the command line",)
    return ()


def _seen(visit: Visit) -> tuple[Token, ...]:
    """Administrators see every token, others their own."""
    everything = tokens(visit.room.engine)
    return (
        everything if visit.may(Permission.ADMINISTER) else tuple(one for one in everything if one.login == visit.login)
    )


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
        tokens=_seen(visit),
        people=_people(visit),
        scopes=tuple(one for one in SCOPES if visit.may(one) or visit.may(Permission.ADMINISTER)),
        usual=USUAL,
        longest=LONGEST,
        problems=problems,
        text=text,
    )


def _people(visit: Visit) -> tuple[Account, ...]:
    """Return whom the visitor may give a token: themselves first."""
    admitted = [one for one in accounts(visit.room.engine) if one.open]
    shown = admitted if visit.may(Permission.ADMINISTER) else [one for one in admitted if one.login == visit.login]
    return tuple(sorted(shown, key=lambda one: (one.login != visit.login, one.login)))
