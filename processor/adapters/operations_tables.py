"""The tables of what the clock does: steps taken, allocations for the billing page, signs of life."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from processor.adapters.columns import Moment, Whole, index_where, maybe_text, number, one_of, text
from processor.adapters.tables import metadata

FEED_STATES = ("open", "closed", "written")

# When something was last seen to work, and what it counted then.
pulse = Table(
    "pulse",
    metadata,
    text("name", primary_key=True),
    Column("at", Moment, nullable=False),
    number("value"),
    sqlite_strict=True,
)

# What a question asked, as facts: a reminder repeats it word for word, so that the numbers of its lists keep their
# meaning however the ledger moves.
question = Table(
    "question",
    metadata,
    Column("reference", Text, ForeignKey("request.reference"), nullable=False),
    number("sequence"),
    text("facts"),
    PrimaryKeyConstraint("reference", "sequence"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# What a decision saw of ledger and journal, so that it can be made again and compared.
basis = Table(
    "basis",
    metadata,
    Column("mail_id", Whole, ForeignKey("mail.id"), primary_key=True),
    Column("snapshot", LargeBinary, nullable=False),  # JSON, compressed
    sqlite_strict=True,
)

# What the clock has done, each under a name of its own: it is done once, however often the clock strikes.
follow_up = Table(
    "follow_up",
    metadata,
    text("name", primary_key=True),
    maybe_text("partner_id"),
    Column("done_at", Moment, nullable=False),
    text("note"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# One row per allocation, written within a day; it is on the billing page once it has a feed.
publication = Table(
    "publication",
    metadata,
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

# A file for the billing page. Nothing joins it once it is closed, so that writing it again gives the same bytes.
feed = Table(
    "feed",
    metadata,
    Column("number", Whole, primary_key=True),
    text("state"),
    Column("opened_at", Moment, nullable=False),
    Column("written_at", Moment, nullable=True),
    number("rows"),
    text("sha256"),
    one_of("state", FEED_STATES),
    index_where("ix_feed_unwritten", "number", where="state <> 'written'"),
    sqlite_strict=True,
)
