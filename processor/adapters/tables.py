"""The tables of the ledger. What must never be stored is forbidden here, whatever the code above does.

The partner is part of the keys of all that is about money, so that an allocation across partners, or across currencies,
can't be stored, and so that the tables can be spread over machines by partner.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from processor.adapters.append_only import protect_when_created
from processor.adapters.columns import Day, Moment, maybe_text, number, one_of, text
from processor.core.model import DocumentType, InvoiceStatus

SCHEMA = "0010"  # the newest migration

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

partner = Table(
    "partner",
    metadata,
    text("partner_id", primary_key=True),
    text("name"),
    text("language"),
    text("group"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

contact = Table(
    "contact",
    metadata,
    text("address_key"),  # the address in small ASCII letters: what a sender is looked up by
    Column("partner_id", Text, ForeignKey("partner.partner_id"), nullable=False),
    text("role"),
    text("email"),
    text("name"),
    PrimaryKeyConstraint("address_key", "partner_id", "role"),
    Index(None, "partner_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# `opening_…` is the balance as the files brought it in: what is left or open is the opening less the allocations.
payment = Table(
    "payment",
    metadata,
    Column("partner_id", Text, ForeignKey("partner.partner_id"), nullable=False),
    text("payment_number"),
    text("currency"),
    number("amount"),
    number("unallocated"),
    number("opening_unallocated"),
    Column("received_on", Day, nullable=False),
    text("method"),
    text("bank_reference"),
    PrimaryKeyConstraint("partner_id", "payment_number"),
    UniqueConstraint("partner_id", "payment_number", "currency"),
    CheckConstraint("unallocated >= 0 AND unallocated <= amount", name="unallocated_within"),
    CheckConstraint("opening_unallocated >= 0 AND opening_unallocated <= amount", name="opening_within"),
    Index(None, "payment_number"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

invoice = Table(
    "invoice",
    metadata,
    Column("partner_id", Text, ForeignKey("partner.partner_id"), nullable=False),
    text("invoice_number"),
    text("document_type"),
    text("currency"),
    number("total"),
    number("open_amount"),
    number("opening_open"),
    Column("issued_on", Day, nullable=False),
    Column("due_on", Day, nullable=True),
    text("status"),
    text("replaced_by"),
    PrimaryKeyConstraint("partner_id", "invoice_number"),
    UniqueConstraint("partner_id", "invoice_number", "currency"),
    CheckConstraint("open_amount >= 0 AND open_amount <= total", name="open_within"),
    CheckConstraint("opening_open >= 0 AND opening_open <= total", name="opening_within"),
    one_of("document_type", DocumentType),
    one_of("status", InvoiceStatus),
    Index(None, "invoice_number"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# A reversal is a row of its own with the opposite amount. `identity` is the request, or the mail, that it came from:
# within one, the same thing asked for twice can't be stored twice.
allocation = Table(
    "allocation",
    metadata,
    text("partner_id"),
    text("allocation_id"),
    text("payment_number"),
    text("invoice_number"),
    text("currency"),
    number("amount"),
    Column("allocated_at", Moment, nullable=False),
    text("request"),
    maybe_text("reverses"),
    text("actor"),
    text("identity"),
    PrimaryKeyConstraint("partner_id", "allocation_id"),
    ForeignKeyConstraint(
        ["partner_id", "payment_number", "currency"],
        ["payment.partner_id", "payment.payment_number", "payment.currency"],
    ),
    ForeignKeyConstraint(
        ["partner_id", "invoice_number", "currency"],
        ["invoice.partner_id", "invoice.invoice_number", "invoice.currency"],
    ),
    UniqueConstraint(
        "partner_id", "allocation_id", "payment_number", "invoice_number", "currency", name="uq_allocation_row"
    ),
    ForeignKeyConstraint(
        ["partner_id", "reverses", "payment_number", "invoice_number", "currency"],
        [
            "allocation.partner_id",
            "allocation.allocation_id",
            "allocation.payment_number",
            "allocation.invoice_number",
            "allocation.currency",
        ],
        name="fk_allocation_reverses",
    ),
    UniqueConstraint("partner_id", "reverses"),
    UniqueConstraint(
        "partner_id", "payment_number", "invoice_number", "amount", "currency", "identity", name="uq_allocation_once"
    ),
    CheckConstraint("(reverses IS NULL AND amount > 0) OR (reverses IS NOT NULL AND amount < 0)", name="sign"),
    Index(None, "partner_id", "invoice_number"),
    Index(None, "partner_id", "allocated_at"),
    Index("ix_allocation_allocated_at", "allocated_at", "actor", "reverses"),  # so that lines are counted without rows
    Index(None, "allocation_id"),
    Index(None, "request"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
protect_when_created(allocation)
