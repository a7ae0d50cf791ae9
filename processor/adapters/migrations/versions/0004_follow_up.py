"""What the clock does: questions as asked, steps taken, publications to the billing page, signs of life."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Text

from processor.adapters.columns import Moment, Whole, index_where, maybe_text, number, one_of, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "pulse",
        text("name", primary_key=True),
        Column("at", Moment, nullable=False),
        number("value"),
        sqlite_strict=True,
    )
    op.create_table(
        "question",
        Column("reference", Text, ForeignKey("request.reference"), nullable=False),
        number("sequence"),
        text("facts"),
        PrimaryKeyConstraint("reference", "sequence"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_up",
        text("name", primary_key=True),
        maybe_text("partner_id"),
        Column("done_at", Moment, nullable=False),
        text("note"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed",
        Column("number", Whole, primary_key=True),
        text("state"),
        Column("opened_at", Moment, nullable=False),
        Column("written_at", Moment, nullable=True),
        number("rows"),
        text("sha256"),
        one_of("state", ("open", "closed", "written")),
        index_where("ix_feed_unwritten", "number", where="state <> 'written'"),
        sqlite_strict=True,
    )
    op.create_table(
        "publication",
        text("partner_id"),
        text("allocation_id"),
        Column("allocated_at", Moment, nullable=False),
        Column("feed", Whole, ForeignKey("feed.number"), nullable=True),
        Column("published_at", Moment, nullable=True),
        PrimaryKeyConstraint("partner_id", "allocation_id"),
        Index(None, "feed"),
        index_where("ix_publication_due", "allocated_at", where="feed IS NULL"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO publication (partner_id, allocation_id, allocated_at)"
        " SELECT partner_id, allocation_id, allocated_at FROM allocation"
    )


def downgrade() -> None:
    for table in ("publication", "feed", "follow_up", "question", "pulse"):
        op.drop_table(table)
