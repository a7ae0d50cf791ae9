"""What holds the program back: pauses, approvals that a second person owes, rehearsed decisions."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index
from sqlalchemy import text as sql

from processor.adapters.columns import Moment, Whole, index_where, maybe_text, one_of, text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "pause",
        Column("id", Whole, primary_key=True),
        text("scope"),
        text("name"),
        text("action"),
        text("reason"),
        text("actor"),
        Column("began_at", Moment, nullable=False),
        Column("ended_at", Moment, nullable=True),
        maybe_text("ended_by"),
        one_of("scope", ("all", "mailbox", "partner")),
        one_of("action", ("applying", "replying")),
        index_where("ix_pause_standing", "scope", "name", "action", where="ended_at IS NULL", unique=True),
        sqlite_strict=True,
    )
    op.create_table(
        "approval",
        Column("id", Whole, primary_key=True),
        Column("item_id", Whole, ForeignKey("review_item.id"), nullable=False),
        maybe_text("partner_id"),
        text("act"),
        text("choices"),
        text("note"),
        text("seal"),
        text("proposed_by"),
        Column("proposed_at", Moment, nullable=False),
        text("state"),
        maybe_text("settled_by"),
        Column("settled_at", Moment, nullable=True),
        one_of("state", ("open", "done", "void")),
        Index(None, "item_id"),
        index_where("ix_approval_open", "proposed_at", where="state = 'open'"),
        sqlite_strict=True,
    )
    op.create_table(
        "rehearsal",
        Column("mail_id", Whole, ForeignKey("mail.id"), primary_key=True),
        text("mode"),
        text("outcome"),
        maybe_text("partner_id"),
        text("reasons"),
        text("missing"),
        text("applications"),
        text("letter"),
        Column("decided_at", Moment, nullable=False),
        Index(None, "partner_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_allocation_allocated_at", "allocation", ["allocated_at"])
    op.create_index(
        "ix_letter_uncertain",
        "letter",
        ["queued_at"],
        sqlite_where=sql("state = 'uncertain'"),
        postgresql_where=sql("state = 'uncertain'"),
    )


def downgrade() -> None:
    op.drop_index("ix_letter_uncertain", "letter")
    op.drop_index("ix_allocation_allocated_at", "allocation")
    for table in ("rehearsal", "approval", "pause"):
        op.drop_table(table)
