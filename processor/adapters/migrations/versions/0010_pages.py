"""Indexes by which the console's pages stay quick however much there is."""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.drop_index("ix_review_item_open", "review_item")
    op.create_index("ix_review_item_state_opened_at", "review_item", ["state", "opened_at", "id"])
    op.drop_index("ix_decision_decided_at", "decision")
    op.create_index("ix_decision_decided_at", "decision", ["decided_at", "round", "outcome"])
    _create_where("ix_letter_on_the_way", "letter", "queued_at", "state IN ('queued', 'deferred', 'sending')")
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "chain", "sequence"])
    op.create_index("ix_audit_entry_event", "audit_entry", ["event", "at", "chain", "sequence"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_event", "audit_entry")
    op.drop_index("ix_audit_entry_at", "audit_entry")
    op.drop_index("ix_letter_on_the_way", "letter")
    op.drop_index("ix_decision_decided_at", "decision")
    op.create_index("ix_decision_decided_at", "decision", ["decided_at"])
    op.drop_index("ix_review_item_state_opened_at", "review_item")
    _create_where("ix_review_item_open", "review_item", "opened_at", "state = 'open'")


def _create_where(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=text(where), postgresql_where=text(where))
