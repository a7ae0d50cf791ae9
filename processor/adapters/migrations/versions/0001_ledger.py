"""The ledger: partners, contacts, payments, invoices, and the allocations that only grow."""

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

from processor.adapters.append_only import protect
from processor.adapters.columns import Day, Moment, maybe_text, number, one_of, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "partner",
        text("partner_id", primary_key=True),
        text("name"),
        text("language"),
        text("group"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact",
        text("address_key"),
        Column("partner_id", Text, ForeignKey("partner.partner_id"), nullable=False),
        text("role"),
        text("email"),
        text("name"),
        PrimaryKeyConstraint("address_key", "partner_id", "role"),
        Index(None, "partner_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payment",
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
    op.create_table(
        "invoice",
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
        one_of("document_type", ("invoice", "credit_note", "adjustment_note", "void_note")),
        one_of("status", ("open", "paid", "locked", "void")),
        Index(None, "invoice_number"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "allocation",
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
            "partner_id",
            "payment_number",
            "invoice_number",
            "amount",
            "currency",
            "identity",
            name="uq_allocation_once",
        ),
        CheckConstraint("(reverses IS NULL AND amount > 0) OR (reverses IS NOT NULL AND amount < 0)", name="sign"),
        Index(None, "partner_id", "invoice_number"),
        Index(None, "partner_id", "allocated_at"),
        Index(None, "allocation_id"),
        Index(None, "request"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    protect(op.get_bind(), "allocation")


def downgrade() -> None:
    op.drop_table("allocation")
    op.drop_table("invoice")
    op.drop_table("payment")
    op.drop_table("contact")
    op.drop_table("partner")
