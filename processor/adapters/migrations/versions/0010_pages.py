"""Indexes by which the console's pages stay quick however much there is."""

from typing import Any

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"

COUNTED = ("outcome", "partner_id", "language", "reasons", "missing", "mail_id")


def upgrade() -> None:
    op.drop_index("ix_review_item_open", "review_item")
    op.create_index("ix_review_item_state_opened_at", "review_item", ["state", "opened_at", "id"])
    op.drop_index("ix_decision_decided_at", "decision")
    op.create_index("ix_decision_decided_at", "decision", ["decided_at", "round", *COUNTED])
    on_the_way = _where("state IN ('queued', 'deferred', 'sending')")
    op.create_index("ix_letter_on_the_way", "letter", ["queued_at"], **on_the_way)
    op.create_index("ix_letter_sent", "letter", ["settled_at", "mail_id"], **_where("state = 'sent'"))
    op.create_index("ix_request_opened_at", "request", ["opened_at", "state"])
    op.drop_index("ix_allocation_allocated_at", "allocation")
    op.create_index("ix_allocation_allocated_at", "allocation", ["allocated_at", "actor", "reverses"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "chain", "sequence"])
    op.create_index("ix_audit_entry_event", "audit_entry", ["event", "at", "chain", "sequence"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_event", "audit_entry")
    op.drop_index("ix_audit_entry_at", "audit_entry")
    op.drop_index("ix_allocation_allocated_at", "allocation")
    op.create_index("ix_allocation_allocated_at", "allocation", ["allocated_at"])
    op.drop_index("ix_request_opened_at", "request")
    op.drop_index("ix_letter_sent", "letter")
    op.drop_index("ix_letter_on_the_way", "letter")
    op.drop_index("ix_decision_decided_at", "decision")
    op.create_index("ix_decision_decided_at", "decision", ["decided_at"])
    op.drop_index("ix_review_item_state_opened_at", "review_item")
    op.create_index("ix_review_item_open", "review_item", ["opened_at"], **_where("state = 'open'"))


def _where(rows: str) -> dict[str, Any]:
    return {"sqlite_where": text(rows), "postgresql_where": text(rows)}
