"""The tables of the people who may open the console, of their sessions, and of their tokens for programs."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from processor.adapters.columns import Moment, Whole, maybe_text, number, one_of, text
from processor.adapters.tables import metadata

ROLES = ("viewer", "operator", "approver", "auditor", "administrator")

account = Table(
    "account",
    metadata,
    text("login", primary_key=True),  # small letters
    text("name"),
    text("role"),
    text("password"),  # as argon2 keeps it
    number("open"),  # 0: may not sign in any more
    number("failures"),  # to sign in, one after the other
    Column("locked_until", Moment, nullable=True),
    Column("created_at", Moment, nullable=False),
    one_of("role", ROLES),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The cookie's own text is nowhere: who reads this table can't take a session over.
session = Table(
    "session",
    metadata,
    text("token_sha256", primary_key=True),
    Column("login", Text, ForeignKey("account.login"), nullable=False),
    text("form_token"),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("renewed_at", Moment, nullable=False),
    Index(None, "login"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# For programs that call the API in a person's name. Of its text there is the hash alone, as of a session's.
token = Table(
    "token",
    metadata,
    Column("id", Whole, primary_key=True),
    text("token_sha256"),
    Column("login", Text, ForeignKey("account.login"), nullable=False),
    text("name"),  # what it is for
    text("scopes"),  # with blanks between them
    Column("created_at", Moment, nullable=False),
    text("created_by"),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=True),
    Column("revoked_at", Moment, nullable=True),
    maybe_text("revoked_by"),
    Index(None, "token_sha256", unique=True),
    Index(None, "login"),
    sqlite_strict=True,
)
