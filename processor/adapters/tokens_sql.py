"""Tokens by which programs call the API, each in one person's name; of a token's text only the hash is kept.

Whose token it is must still be let in, and a token ends by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from processor.adapters import audit
from processor.adapters.account_tables import account, token
from processor.adapters.accounts_sql import CHAIN, Account
from processor.adapters.columns import storable
from processor.adapters.engine import reading, transact
from processor.usage import WrongUsageError

PREFIX = "arp_"  # so that a token that was left lying somewhere is known for one
USED = timedelta(minutes=1)  # how exactly the last use is known: not every call writes


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that is to be: whose, what for, what it may do, and when it ends (UTC)."""

    login: str
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its text. `role` is its person's today; moments are UTC, `used_at` to the minute."""

    id: int
    login: str
    role: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def ended(self, now: datetime) -> bool:
        """Tell whether it has run out or was revoked."""
        return self.revoked_at is not None or self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who comes with a token, and the token."""

    account: Account
    token: Token


def add_token(engine: Engine, new: NewToken, by: str, now: datetime) -> str:
    """Add a token and return its text, which is never seen again."""
    text = PREFIX + secrets.token_urlsafe(32)
    transact(engine, lambda connection: _add(connection, new, _key(text), by, now))
    return text


def tokens(engine: Engine) -> tuple[Token, ...]:
    """Return every token, the newest first."""
    with reading(engine) as connection:
        return tuple(_token(row) for row in connection.execute(_JOINED.order_by(token.c.id.desc())))


def revoke_token(engine: Engine, token_id: int, by: str, now: datetime) -> None:
    """End a token at once. Raises `WrongUsageError` where there is none, or it was revoked before."""
    if not transact(engine, lambda connection: _revoke(connection, token_id, by, now)):
        raise WrongUsageError(f"{token_id}: there is no such token, or it was revoked")


def bearer_of(engine: Engine, text: str, now: datetime) -> Bearer | None:
    """Return who comes with this token, or None where nobody has it; whether it ended, and who is shut out, they tell.

    A token that may be used is marked as used.
    """
    with reading(engine) as connection:
        row = connection.execute(_JOINED.where(token.c.token_sha256 == _key(text))).one_or_none()
    if row is None:
        return None
    found = Bearer(Account(row.login, row.person, row.role, bool(row.open), row.locked_until), _token(row))
    unmarked = row.used_at is None or now - row.used_at > USED
    if unmarked and found.account.open and not found.token.ended(now):
        used = update(token).where(token.c.id == row.id).values(used_at=now)
        transact(engine, lambda connection: connection.execute(used).rowcount)
    return found


_JOINED = select(
    token, account.c.role, account.c.open, account.c.locked_until, account.c.name.label("person")
).join_from(token, account, token.c.login == account.c.login)


def _add(connection: Connection, new: NewToken, key: str, by: str, now: datetime) -> None:
    row: dict[str, object] = {"token_sha256": key, "login": new.login, "name": storable(new.name)}
    row |= {"scopes": " ".join(new.scopes), "created_at": now, "created_by": by, "expires_at": new.expires_at}
    number = connection.execute(token.insert().returning(token.c.id), row).scalar_one()
    body: dict[str, audit.JsonValue] = {
        "token": number,
        "login": new.login,
        "scopes": list(new.scopes),
        "expires_at": new.expires_at.isoformat(),
    }
    audit.append(connection, CHAIN, "token_added", body, by, now)


def _revoke(connection: Connection, token_id: int, by: str, now: datetime) -> bool:
    standing = update(token).where(token.c.id == token_id, token.c.revoked_at.is_(None))
    if connection.execute(standing.values(revoked_at=now, revoked_by=by)).rowcount != 1:
        return False
    audit.append(connection, CHAIN, "token_revoked", {"token": token_id}, by, now)
    return True


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        login=row.login,
        role=row.role,
        name=row.name,
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
