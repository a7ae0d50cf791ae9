"""The tables of the work: what arrived, what was decided, what was written back, and who looked at it."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from processor.adapters.append_only import protect_when_created
from processor.adapters.columns import Moment, Whole, index_where, maybe_text, number, one_of, text
from processor.adapters.tables import metadata
from processor.core.decision import RequestState
from processor.core.outcomes import Outcome
from processor.outgoing import LetterState
from processor.ports import Phase

LOCATION_STATES = ("present", "filed", "superseded", "gone")
LETTER_STAGES = ("before_data", "data")
REVIEW_STATES = ("open", "done")

# --- what arrived ------------------------------------------------------------------------------------------------

folder_state = Table(
    "folder_state",
    metadata,
    text("mailbox"),
    text("folder"),
    number("uidvalidity"),
    number("last_uid"),
    PrimaryKeyConstraint("mailbox", "folder"),
    sqlite_strict=True,
)

# The bytes, once however often they come; kept apart from `mail` so that a change of phase doesn't rewrite them.
raw_message = Table(
    "raw_message",
    metadata,
    text("sha256", primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# A delivery. Its words are filled in when it is decided.
mail = Table(
    "mail",
    metadata,
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
    one_of("phase", Phase),
    CheckConstraint("(phase = 'stored') = (outcome IS NULL)", name="outcome_when_decided"),
    Index(None, "sha256"),
    Index(None, "message_id"),
    Index(None, "request"),
    index_where("ix_mail_to_decide", "id", where="phase = 'stored'"),
    sqlite_strict=True,
)

# Where a mail stands. After a change of UIDVALIDITY it gets a second one, and the first is superseded.
location = Table(
    "location",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("mail_id", Whole, ForeignKey("mail.id"), nullable=False),
    text("mailbox"),
    text("folder"),
    number("uidvalidity"),
    number("uid"),
    text("state"),
    UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
    one_of("state", LOCATION_STATES),
    Index(None, "mail_id"),
    index_where("ix_location_present", "mailbox", "id", where="state = 'present'"),
    sqlite_strict=True,
)

# --- what was decided --------------------------------------------------------------------------------------------

request = Table(
    "request",
    metadata,
    text("reference", primary_key=True),
    text("mailbox"),
    maybe_text("partner_id"),
    text("state"),
    text("language"),
    text("memory"),
    text("missing"),  # JSON list of codes
    number("letters"),
    maybe_text("linked_to"),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    one_of("state", RequestState),
    Index(None, "partner_id", "opened_at"),
    Index("ix_request_opened_at", "opened_at", "state"),
    index_where("ix_request_unfinished", "changed_at", where="state IN ('waiting', 'in_review')"),
    sqlite_strict=True,
)

participant = Table(
    "participant",
    metadata,
    Column("reference", Text, ForeignKey("request.reference"), nullable=False),
    text("address_key"),
    PrimaryKeyConstraint("reference", "address_key"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# What reports count decisions by: it stands in the index, so that the rows, which are long, needn't be read.
COUNTED = ("outcome", "partner_id", "language", "reasons", "missing", "mail_id")

# Round 0 is the processor's; what a person decides later is a further round.
decision = Table(
    "decision",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("mail_id", Whole, ForeignKey("mail.id"), nullable=False),
    number("round"),
    text("outcome"),
    text("sender"),
    maybe_text("partner_id"),
    maybe_text("request"),
    text("language"),
    text("missing"),  # JSON list of codes
    text("reasons"),  # JSON list of codes
    text("applications"),  # JSON; what was asked of the ledger, with the balances seen
    text("evidence"),  # JSON
    text("trail"),  # JSON
    text("versions"),  # JSON: of the program, the settings, the lexicon
    text("actor"),
    Column("decided_at", Moment, nullable=False),
    UniqueConstraint("mail_id", "round"),
    one_of("outcome", Outcome),
    Index(None, "partner_id", "decided_at"),
    Index("ix_decision_decided_at", "decided_at", "round", *COUNTED),
    sqlite_strict=True,
)

review_item = Table(
    "review_item",
    metadata,
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
    one_of("state", REVIEW_STATES),
    Index(None, "mail_id"),
    Index(None, "request"),
    Index("ix_review_item_state_opened_at", "state", "opened_at", "id"),
    sqlite_strict=True,
)

# --- what was written back ---------------------------------------------------------------------------------------

letter = Table(
    "letter",
    metadata,
    Column("id", Whole, primary_key=True),
    text("message_id"),
    Column("mail_id", Whole, ForeignKey("mail.id"), nullable=True),
    maybe_text("request"),
    text("kind"),
    number("sequence"),  # within the request
    text("sender"),  # of the envelope; empty is the null path
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
    one_of("state", LetterState),
    one_of("stage", LETTER_STAGES),
    Index(None, "mail_id"),
    Index(None, "queued_at"),
    index_where("ix_letter_due", "next_try_at", "id", where="state IN ('queued', 'deferred')"),
    index_where("ix_letter_on_the_way", "queued_at", where="state IN ('queued', 'deferred', 'sending')"),
    index_where("ix_letter_sent", "settled_at", "mail_id", where="state = 'sent'"),
    index_where("ix_letter_uncertain", "queued_at", where="state = 'uncertain'"),
    sqlite_strict=True,
)

# --- what can't be unsaid ----------------------------------------------------------------------------------------

# One chain for each partner, and one for each mailbox: no entry waits for another partner's.
audit_entry = Table(
    "audit_entry",
    metadata,
    text("chain"),
    number("sequence"),
    number("format"),
    Column("at", Moment, nullable=False),
    text("actor"),
    text("event"),
    text("body"),  # canonical JSON
    text("previous"),
    text("hash"),
    PrimaryKeyConstraint("chain", "sequence"),
    Index("ix_audit_entry_at", "at", "chain", "sequence"),
    Index("ix_audit_entry_event", "event", "at", "chain", "sequence"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
protect_when_created(audit_entry)
