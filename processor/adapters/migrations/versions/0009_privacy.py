"""What is kept about people: holds that keep words from being erased, tallies of what each was sent."""

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint

from processor.adapters.columns import Day, Moment, Whole, index_where, maybe_text, number, one_of, text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "legal_hold",
        Column("id", Whole, primary_key=True),
        text("partner_id"),
        text("reason"),
        text("actor"),
        Column("began_at", Moment, nullable=False),
        Column("ended_at", Moment, nullable=True),
        maybe_text("ended_by"),
        index_where("ix_legal_hold_standing", "partner_id", where="ended_at IS NULL", unique=True),
        sqlite_strict=True,
    )
    op.create_table(
        "tally",
        Column("day", Day, nullable=False),
        text("kind"),
        text("name"),
        number("count"),
        PrimaryKeyConstraint("day", "kind", "name"),
        one_of("kind", ("letters", "stranger_letters", "stranger_items", "unknown_items")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_letter_queued_at", "letter", ["queued_at"])


def downgrade() -> None:
    op.drop_index("ix_letter_queued_at", "letter")
    op.drop_table("tally")
    op.drop_table("legal_hold")
