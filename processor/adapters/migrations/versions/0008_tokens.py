"""Tokens for programs that call the API in a person's name."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, Text

from processor.adapters.columns import Moment, Whole, maybe_text, text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "token",
        Column("id", Whole, primary_key=True),
        text("token_sha256"),
        Column("login", Text, ForeignKey("account.login"), nullable=False),
        text("name"),
        text("scopes"),
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


def downgrade() -> None:
    op.drop_table("token")
