"""The journal: what arrived, what was decided, and what a person must look at."""

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

from processor.adapters.columns import Moment, Whole, index_where, maybe_text, number, one_of, text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "folder_state",
        text("mailbox"),
        text("folder"),
        number("uidvalidity"),
        number("last_uid"),
        PrimaryKeyConstraint("mailbox", "folder"),
        sqlite_strict=True,
    )
    op.create_table(
        "raw_message",
        text("sha256", primary_key=True),
        Column("raw", LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "mail",
        Column("id", Whole, primary_key=True),
        text("mailbox"),
        Column("sha256", Text, ForeignKey("raw_message.sha256"), nullable=False),
        number("size"),
        number("headers_only"),
        Column("received_at", Moment, nullable=False),
        Column("stored_at", Moment, nullable=False),
        text("phase"),
        number("attempts"),
        maybe_text("outcome"),
        maybe_text("request"),
        maybe_text("sender"),
        maybe_text("subject"),
        maybe_text("message_id"),
        maybe_text("content_sha256"),
        one_of("phase", ("stored", "decided", "filed", "gone")),
        CheckConstraint("(phase = 'stored') = (outcome IS NULL)", name="outcome_when_decided"),
        Index(None, "sha256"),
        Index(None, "message_id"),
        Index(None, "request"),
        index_where("ix_mail_to_decide", "id", where="phase = 'stored'"),
        sqlite_strict=True,
    )
    op.create_table(
        "location",
        Column("id", Whole, primary_key=True),
        Column("mail_id", Whole, ForeignKey("mail.id"), nullable=False),
        text("mailbox"),
        text("folder"),
        number("uidvalidity"),
        number("uid"),
        text("state"),
        UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
        one_of("state", ("present", "filed", "superseded", "gone")),
        Index(None, "mail_id"),
        index_where("ix_location_present", "mailbox", "id", where="state = 'present'"),
        sqlite_strict=True,
    )
    op.create_table(
        "request",
        text("reference", primary_key=True),
        text("mailbox"),
        maybe_text("partner_id"),
        text("state"),
        text("language"),
        text("memory"),
        text("missing"),
        number("letters"),
        maybe_text("linked_to"),
        Column("opened_at", Moment, nullable=False),
        Column("changed_at", Moment, nullable=False),
        one_of("state", ("waiting", "in_review", "applied", "answered", "withdrawn", "expired", "rejected")),
        Index(None, "partner_id", "opened_at"),
        index_where("ix_request_unfinished", "changed_at", where="state IN ('waiting', 'in_review')"),
        sqlite_strict=True,
    )
    op.create_table(
        "participant",
        Column("reference", Text, ForeignKey("request.reference"), nullable=False),
        text("address_key"),
        PrimaryKeyConstraint("reference", "address_key"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        Column("id", Whole, primary_key=True),
        Column("mail_id", Whole, ForeignKey("mail.id"), nullable=False),
        number("round"),
        text("outcome"),
        text("sender"),
        maybe_text("partner_id"),
        maybe_text("request"),
        text("language"),
        text("missing"),
        text("reasons"),
        text("applications"),
        text("evidence"),
        text("trail"),
        text("versions"),
        text("actor"),
        Column("decided_at", Moment, nullable=False),
        UniqueConstraint("mail_id", "round"),
        one_of("outcome", ("applied", "needs_details", "rejected", "answered", "ignored", "quarantined")),
        Index(None, "partner_id", "decided_at"),
        Index(None, "decided_at"),
        sqlite_strict=True,
    )
    op.create_table(
        "review_item",
        Column("id", Whole, primary_key=True),
        Column("mail_id", Whole, ForeignKey("mail.id"), nullable=True),
        maybe_text("request"),
        maybe_text("partner_id"),
        text("kind"),
        text("note"),
        text("state"),
        maybe_text("assigned_to"),
        Column("opened_at", Moment, nullable=False),
        Column("closed_at", Moment, nullable=True),
        maybe_text("closed_by"),
        text("resolution"),
        one_of("state", ("open", "done")),
        Index(None, "mail_id"),
        Index(None, "request"),
        index_where("ix_review_item_open", "opened_at", where="state = 'open'"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("review_item")
    op.drop_table("decision")
    op.drop_table("participant")
    op.drop_table("request")
    op.drop_table("location")
    op.drop_table("mail")
    op.drop_table("raw_message")
    op.drop_table("folder_state")
