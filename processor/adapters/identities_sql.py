"""People who prove at an identity provider who they are: their accounts, made and kept as the provider says.

Such an account has no password, and belongs to the provider's own number for a person, never to a name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select, update

from processor.adapters import audit
from processor.adapters.account_tables import account, session
from processor.adapters.accounts_sql import CHAIN, ELSEWHERE, begin_session, unfit
from processor.adapters.columns import storable
from processor.adapters.engine import transact
from processor.ports import PermanentError


class NotLetInError(PermanentError):
    """The provider knows this person, and the console doesn't let them in."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, says `issuer`: `subject` is its number for them, `role` what their groups make of them here."""

    issuer: str
    subject: str
    login: str
    name: str
    role: str


def enter(engine: Engine, who: Identity, now: datetime) -> str:
    """Make or bring up to date somebody's account, and begin a session; return a token for the cookie.

    Raises `NotLetInError`, with nothing written, where the login is another's, or who has it is shut out.
    """
    if problems := unfit(who.login, who.role):
        raise NotLetInError("; ".join(problems))
    transact(engine, lambda connection: _keep(connection, who, now))
    return begin_session(engine, who.login, now)


def _keep(connection: Connection, who: Identity, now: datetime) -> None:
    held = select(account).where(account.c.login == who.login).with_for_update()
    row = connection.execute(held).one_or_none()
    body: dict[str, audit.JsonValue] = {"login": who.login, "role": who.role, "issuer": who.issuer}
    if row is None:
        values: dict[str, object] = {"login": who.login, "name": storable(who.name) or who.login, "role": who.role}
        values |= {"password": _key(who), "open": 1, "failures": 0, "created_at": now}
        connection.execute(account.insert(), values)
        audit.append(connection, CHAIN, "account_added", body, who.login, now)
        return
    if row.password != _key(who):
        raise NotLetInError(f"the login {who.login} is another account's")
    if not row.open:
        raise NotLetInError(f"{who.login} is shut out")
    if row.role != who.role:
        connection.execute(update(account).where(account.c.login == who.login).values(role=who.role))
        connection.execute(delete(session).where(session.c.login == who.login))
        audit.append(connection, CHAIN, "account_changed", body, who.login, now)


def _key(who: Identity) -> str:
    return ELSEWHERE + hashlib.sha256(f"{who.issuer}\n{who.subject}".encode("utf-8", "replace")).hexdigest()
