"""Who may sign in, and which tokens there are. Tokens are given out on the page and the command line alone."""

from __future__ import annotations

from datetime import datetime

from processor.adapters import accounts_sql, tokens_sql
from processor.console.api.problems import Code, ProblemError
from processor.console.api.shape import Asked, Number, Shape, Text
from processor.console.room import Visit
from processor.usage import WrongUsageError


class Account(Shape):
    """A person who may sign in."""

    login: str
    name: Text
    role: str
    open: bool
    locked_until: datetime | None


class Accounts(Shape):
    """Everybody, by login."""

    accounts: tuple[Account, ...]


class TokenAsked(Asked):
    """Which token."""

    token: Number


class Token(Shape):
    """A token without its text; `role` is its person's today, `used_at` is kept to the minute."""

    id: int
    login: str
    role: str
    name: Text
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class Tokens(Shape):
    """Every token, the newest first."""

    tokens: tuple[Token, ...]


def list_accounts(visit: Visit) -> Accounts:
    """Who may sign in."""
    found = accounts_sql.accounts(visit.room.engine)
    return Accounts(accounts=tuple(map(Account.model_validate, found)))


def list_tokens(visit: Visit) -> Tokens:
    """Every token: whose, what it may do, when it was last used and when it ends."""
    return Tokens(tokens=tuple(map(Token.model_validate, tokens_sql.tokens(visit.room.engine))))


def revoke_token(visit: Visit, asked: TokenAsked) -> Tokens:
    """End a token at once."""
    try:
        tokens_sql.revoke_token(visit.room.engine, asked.token, visit.login, visit.now)
    except WrongUsageError as error:
        raise ProblemError(Code.NOT_FOUND, "; ".join(error.problems)) from None
    return list_tokens(visit)
