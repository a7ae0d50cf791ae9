"""The tables of what is kept about people: holds that keep words from being erased, tallies of what each was sent."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from processor.adapters.columns import Day, Moment, Whole, index_where, maybe_text, number, one_of, text
from processor.adapters.tables import metadata

TALLIES = ("letters", "stranger_letters", "stranger_items", "unknown_items")

# While one stands, nothing of the partner is erased; ended ones stay for the record.
legal_hold = Table(
    "legal_hold",
    metadata,
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

# How often something happened on a day (UTC) that has a limit, by address or domain; forgotten after two days.
tally = Table(
    "tally",
    metadata,
    Column("day", Day, nullable=False),
    text("kind"),
    text("name"),
    number("count"),
    PrimaryKeyConstraint("day", "kind", "name"),
    one_of("kind", TALLIES),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
