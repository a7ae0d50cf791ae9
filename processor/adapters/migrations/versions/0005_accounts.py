"""The people who may open the console, and their sessions."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, Text

from processor.adapters.columns import Moment, number, one_of, text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "account",
        text("login", primary_key=True),
        text("name"),
        text("role"),
        text("password"),
        number("open"),
        number("failures"),
        Column("locked_until", Moment, nullable=True),
        Column("created_at", Moment, nullable=False),
        one_of("role", ("viewer", "operator", "approver", "auditor", "administrator")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session",
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


def downgrade() -> None:
    op.drop_table("session")
    op.drop_table("account")
