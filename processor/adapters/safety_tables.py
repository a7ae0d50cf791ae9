"""The tables of what holds the program back: pauses, approvals that a second person owes, rehearsed decisions."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from processor.adapters.columns import Moment, Whole, index_where, maybe_text, one_of, text
from processor.adapters.tables import metadata

SCOPES = ("all", "mailbox", "partner")
ACTIONS = ("applying", "replying")
APPROVAL_STATES = ("open", "done", "void")

# A pause lasts from its beginning until somebody ends it; ended ones stay for the record.
pause = Table(
    "pause",
    metadata,
    Column("id", Whole, primary_key=True),
    text("scope"),
    text("name"),  # of the mailbox or the partner; empty for all
    text("action"),
    text("reason"),
    text("actor"),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=True),
    maybe_text("ended_by"),
    one_of("scope", SCOPES),
    one_of("action", ACTIONS),
    index_where("ix_pause_standing", "scope", "name", "action", where="ended_at IS NULL", unique=True),
    sqlite_strict=True,
)

# What one person proposed and a second must carry out; bound by its seal to what was shown.
approval = Table(
    "approval",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("item_id", Whole, ForeignKey("review_item.id"), nullable=False),
    maybe_text("partner_id"),
    text("act"),
    text("choices"),  # JSON: the lines chosen, and whom to write to
    text("note"),
    text("seal"),
    text("proposed_by"),
    Column("proposed_at", Moment, nullable=False),
    text("state"),
    maybe_text("settled_by"),
    Column("settled_at", Moment, nullable=True),
    one_of("state", APPROVAL_STATES),
    Index(None, "item_id"),
    index_where("ix_approval_open", "proposed_at", where="state = 'open'"),
    sqlite_strict=True,
)

# What would have been decided, had it been meant.
rehearsal = Table(
    "rehearsal",
    metadata,
    Column("mail_id", Whole, ForeignKey("mail.id"), primary_key=True),
    text("mode"),
    text("outcome"),
    maybe_text("partner_id"),
    text("reasons"),  # JSON list of codes
    text("missing"),  # JSON list of codes
    text("applications"),  # JSON
    text("letter"),  # its words; empty for none
    Column("decided_at", Moment, nullable=False),
    Index(None, "partner_id"),
    sqlite_strict=True,
)
