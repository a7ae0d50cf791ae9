"""The letters on their way out, and the audit log that only grows."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint

from processor.adapters.append_only import protect
from processor.adapters.columns import Moment, Whole, index_where, maybe_text, number, one_of, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "letter",
        Column("id", Whole, primary_key=True),
        text("message_id"),
        Column("mail_id", Whole, ForeignKey("mail.id"), nullable=True),
        maybe_text("request"),
        text("kind"),
        number("sequence"),
        text("sender"),
        text("recipient"),
        text("subject"),
        text("text"),
        Column("raw", LargeBinary, nullable=False),
        text("state"),
        text("stage"),
        number("attempts"),
        Column("next_try_at", Moment, nullable=False),
        Column("queued_at", Moment, nullable=False),
        Column("settled_at", Moment, nullable=True),
        text("note"),
        UniqueConstraint("message_id"),
        UniqueConstraint("request", "sequence"),
        one_of("state", ("queued", "sending", "sent", "deferred", "failed", "uncertain")),
        one_of("stage", ("before_data", "data")),
        Index(None, "mail_id"),
        index_where("ix_letter_due", "next_try_at", "id", where="state IN ('queued', 'deferred')"),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_entry",
        text("chain"),
        number("sequence"),
        number("format"),
        Column("at", Moment, nullable=False),
        text("actor"),
        text("event"),
        text("body"),
        text("previous"),
        text("hash"),
        PrimaryKeyConstraint("chain", "sequence"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    protect(op.get_bind(), "audit_entry")


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.drop_table("letter")
