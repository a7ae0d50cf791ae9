"""What each decision saw, so that it can be made again and compared."""

from alembic import op
from sqlalchemy import Column, ForeignKey, LargeBinary

from processor.adapters.columns import Whole

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "basis",
        Column("mail_id", Whole, ForeignKey("mail.id"), primary_key=True),
        Column("snapshot", LargeBinary, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("basis")
