"""Who may open the console: accounts with argon2 passwords, and sessions that end by themselves.

A name that nobody has costs as much time as a wrong password, and both get the same answer.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Engine, Row, delete, select, update

from processor.adapters import audit
from processor.adapters.account_tables import ROLES, account, session
from processor.adapters.columns import storable
from processor.adapters.engine import reading, transact
from processor.adapters.insertion import insert_new
from processor.usage import WrongUsageError

CHAIN = "accounts"  # of the audit log
SHORTEST = 12  # characters of a password (NIST SP 800-63B: length counts, composition doesn't)
TRIES, LOCKED = 5, timedelta(minutes=15)
RENEWED = timedelta(minutes=10)  # a session gets a new token so often, and the old one ends a little later
LINGERS = timedelta(minutes=1)
FORGOTTEN = timedelta(days=2)  # a session so old has ended by any limit
SEEN = timedelta(minutes=1)  # how exactly the last visit is known: not every page writes
ELSEWHERE = "oidc:"  # so begins what stands in the place of a password for who proves elsewhere who they are
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}")
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. `locked_until` is UTC, None unless too many tries failed."""

    login: str
    name: str
    role: str
    open: bool
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person who is to get an account."""

    login: str
    name: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an account; an empty role or password stays."""

    role: str = ""
    password: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """A person at work. `form_token` must come back with every form; `fresh` is a new token for the cookie, if any.

    `scopes` limit what a program may do in the person's name; None for the person.
    """

    account: Account
    form_token: str
    fresh: str = ""
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without a visit, and at most."""

    idle: timedelta
    most: timedelta


def add_account(engine: Engine, person: Person, by: str, now: datetime) -> None:
    """Add a person. Raises `WrongUsageError` with everything that is wrong; `by` is who adds, `now` UTC."""
    login = person.login.strip().lower()
    problems = [*unfit(login, person.role), *weak(person.password, login)]
    if problems:
        raise WrongUsageError(*problems)
    name = storable(person.name.strip()) or login
    row: dict[str, object] = {"login": login, "name": name, "role": person.role, "open": 1, "failures": 0}
    row |= {"password": _HASHER.hash(person.password), "created_at": now}
    if not transact(engine, lambda connection: _add(connection, row, by, now)):
        raise WrongUsageError(f"{login}: is taken")


def change_account(engine: Engine, login: str, change: Change, by: str, now: datetime) -> None:
    """Change a person's role or password, or shut them out; whatever changes ends their sessions and a lock."""
    problems = [*unfit(login, change.role or ROLES[0]), *(weak(change.password, login) if change.password else ())]
    if problems:
        raise WrongUsageError(*problems)
    values: dict[str, object] = {"open": int(change.open), "failures": 0, "locked_until": None}
    values |= {"role": change.role} if change.role else {}
    values |= {"password": _HASHER.hash(change.password)} if change.password else {}
    if not transact(engine, lambda connection: _change(connection, login, values, by, now)):
        raise WrongUsageError(f"{login}: there is no such account")


def accounts(engine: Engine) -> tuple[Account, ...]:
    """Return everybody, by login."""
    with reading(engine) as connection:
        return tuple(_account(row) for row in connection.execute(select(account).order_by(account.c.login)))


def sign_in(engine: Engine, login: str, password: str, now: datetime) -> str | None:
    """Return a token for the cookie, or None: wrong, shut out, or locked, which is not told apart."""
    login = login.strip().lower()
    with reading(engine) as connection:
        row = connection.execute(select(account).where(account.c.login == login)).one_or_none()
    has_password = row is not None and not row.password.startswith(ELSEWHERE)
    right = _verify(row.password if row and has_password else _nobody(), password)
    if row is None or not row.open or (row.locked_until and row.locked_until > now):
        return None
    if not right:
        transact(engine, lambda connection: _failed(connection, login, now))
        return None
    return begin_session(engine, login, now)


def begin_session(engine: Engine, login: str, now: datetime) -> str:
    """Begin a session of a person who has proved who they are; return a token for the cookie."""
    return transact(engine, lambda connection: _enter(connection, login, now))


def visit(engine: Engine, token: str, limits: Limits, now: datetime) -> Session | None:
    """Return who comes with this token, or None where the session ended. A visit prolongs it, up to its limit."""
    key = _key(token)
    joined = select(session, account).join(account, session.c.login == account.c.login)
    with reading(engine) as connection:
        row = connection.execute(joined.where(session.c.token_sha256 == key)).one_or_none()
    if row is None or not row.open:
        return None
    if now - row.seen_at > limits.idle or now - row.opened_at > limits.most:
        sign_out(engine, token)
        return None
    fresh = ""
    if now - row.renewed_at > RENEWED:
        fresh = transact(engine, lambda connection: _renew(connection, row, limits, now))
    elif now - row.seen_at > SEEN:
        seen = update(session).where(session.c.token_sha256 == key).values(seen_at=now)
        transact(engine, lambda connection: connection.execute(seen).rowcount)
    return Session(_account(row), row.form_token, fresh)


def sign_out(engine: Engine, token: str) -> None:
    """End a session."""
    gone = delete(session).where(session.c.token_sha256 == _key(token))
    transact(engine, lambda connection: connection.execute(gone).rowcount)


def weak(password: str, login: str) -> tuple[str, ...]:
    """Say what is wrong with a new password."""
    if len(password) < SHORTEST:
        return (f"a password needs {SHORTEST} characters or more",)
    if login in password.lower() or len(set(password)) < SHORTEST // 2:
        return ("a password may not hold the login, nor be one character over and over",)
    return ()


def unfit(login: str, role: str) -> tuple[str, ...]:
    """Say what is wrong with a login and a role."""
    wrong_login = f"{login!r} is no login: letters, digits, and . _ @ - between them"
    wrong_role = f"{role!r} is no role: {', '.join(ROLES)}"
    return (*(() if _LOGIN.fullmatch(login) else (wrong_login,)), *(() if role in ROLES else (wrong_role,)))


def _add(connection: Connection, row: dict[str, object], by: str, now: datetime) -> bool:
    if not insert_new(connection, account, row):
        return False
    body: dict[str, audit.JsonValue] = {"login": str(row["login"]), "role": str(row["role"])}
    audit.append(connection, CHAIN, "account_added", body, by, now)
    return True


def _change(connection: Connection, login: str, values: dict[str, object], by: str, now: datetime) -> bool:
    if connection.execute(update(account).where(account.c.login == login).values(values)).rowcount != 1:
        return False
    connection.execute(delete(session).where(session.c.login == login))
    body: dict[str, audit.JsonValue] = {
        "login": login,
        "open": bool(values["open"]),
        "role": str(values.get("role", "")),
        "password": "password" in values,
    }
    audit.append(connection, CHAIN, "account_changed", body, by, now)
    return True


def _failed(connection: Connection, login: str, now: datetime) -> None:
    held = select(account.c.failures).where(account.c.login == login).with_for_update()
    failures = (connection.scalar(held) or 0) + 1
    values: dict[str, object] = {"failures": failures}
    if failures >= TRIES:
        values = {"failures": 0, "locked_until": now + LOCKED}
        audit.append(connection, CHAIN, "account_locked", {"login": login}, login, now)
    connection.execute(update(account).where(account.c.login == login).values(values))


def _enter(connection: Connection, login: str, now: datetime) -> str:
    connection.execute(delete(session).where(session.c.login == login, session.c.opened_at < now - FORGOTTEN))
    connection.execute(update(account).where(account.c.login == login).values(failures=0, locked_until=None))
    token = secrets.token_urlsafe(32)
    row = {"token_sha256": _key(token), "login": login, "form_token": secrets.token_urlsafe(32)}
    connection.execute(session.insert(), row | {"opened_at": now, "seen_at": now, "renewed_at": now})
    audit.append(connection, CHAIN, "signed_in", {"login": login}, login, now)
    return token


def _renew(connection: Connection, row: Row[Any], limits: Limits, now: datetime) -> str:
    """Give the session a new token; the old one lasts a little longer, for pages that are on their way."""
    same = update(session).where(session.c.token_sha256 == row.token_sha256, session.c.renewed_at == row.renewed_at)
    last = now - limits.most + LINGERS
    if not connection.execute(same.values(renewed_at=now + limits.most, opened_at=last)).rowcount:
        return ""
    token = secrets.token_urlsafe(32)
    kept = {"login": row.login, "form_token": row.form_token, "opened_at": row.opened_at}
    connection.execute(session.insert(), kept | {"token_sha256": _key(token), "seen_at": now, "renewed_at": now})
    return token


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _nobody() -> str:
    """A hash that no password fits, as slow to try as any."""
    salt = "c2FsdHNhbHRzYWx0c2FsdA"
    return f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${salt}${'A' * 43}"


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _account(row: Row[Any]) -> Account:
    return Account(row.login, row.name, row.role, bool(row.open), row.locked_until)
