"""Rows 20 to 24, and what a confirmation is asked for: ranges, unclear exclusions, unclear pairings."""

from __future__ import annotations

from processor.core.decision import Snapshot
from processor.core.model import DocumentType, InvoiceStatus
from tests.builders import invoice, payment, snapshot
from tests.core.scenes import DONE, fires, spares

SECOND = "G000000002"


@fires("20", "needs_details invoice_number")
def only_a_payment() -> Snapshot:
    """
    Subject: Allocation

    Please allocate our payment 1400000001.
    """
    return snapshot(payment(), invoice())


@fires("20", "needs_details invoice_number payment_reference")
def neither_side() -> Snapshot:
    """
    Subject: Allocation

    Please apply our last payment to the open invoice.
    """
    return snapshot(payment(), payment("1400000002"), invoice())


@spares("20", DONE)
def an_invoice_in_the_subject() -> Snapshot:
    """
    Subject: G000000001

    Please allocate our payment 1400000001.
    """
    return snapshot(payment(), invoice())


@fires("21", "needs_details invoice_not_found invoice_number")
def an_invoice_that_nobody_has() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000077.
    """
    return snapshot(payment(), invoice())


@fires("21", "needs_details invoice_not_found invoice_number")
def the_letter_o_for_a_zero() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice GO00000001.
    """
    return snapshot(payment(), invoice())


@spares("21", DONE)
def an_invoice_written_in_pieces() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 14 0000 0001 to invoice g000 000-001.
    """
    return snapshot(payment(), invoice())


@fires("22", "needs_details invoice_not_payable")
def a_credit_note() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(document_type=DocumentType.CREDIT_NOTE))


@fires("22", "needs_details invoice_not_payable")
def an_invoice_that_was_replaced() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(replaced_by=SECOND), invoice(SECOND))


@spares("22", "applied 1400000001>G000000002=1000.00")
def the_invoice_that_replaces_it() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000002.
    """
    return snapshot(payment(), invoice(replaced_by=SECOND), invoice(SECOND))


@fires("23", "rejected invoice_locked")
def a_locked_invoice() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(status=InvoiceStatus.LOCKED))


@fires("23", "rejected invoice_locked invoice_not_found invoice_number")
def a_locked_invoice_beside_an_unknown_one() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to G000000001 and payment 1400000002 to G000000077.
    """
    return snapshot(payment(), payment("1400000002"), invoice(status=InvoiceStatus.LOCKED))


@spares("23", DONE)
def another_invoice_is_locked() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(), invoice(SECOND, status=InvoiceStatus.LOCKED))


@fires("24", "needs_details invoice_number invoice_settled")
def an_invoice_that_is_paid() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(still_open=0))


@spares("24", "applied 1400000001>G000000001=0.01")
def an_invoice_with_a_cent_left() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(still_open=1))


@fires("43", "needs_details ambiguous_pairing confirmation")
def two_of_each_in_one_breath() -> Snapshot:
    """
    Subject: Allocation

    Please use payments 1400000001 and 1400000002 for invoices G000000001 and G000000002.
    """
    return snapshot(payment(), payment("1400000002"), invoice(), invoice(SECOND))


@spares("43", "applied 1400000001>G000000001=1000.00 1400000002>G000000002=1000.00")
def two_of_each_respectively() -> Snapshot:
    """
    Subject: Allocation

    Please use payments 1400000001 and 1400000002 for invoices G000000001 and G000000002, respectively.
    """
    return snapshot(payment(), payment("1400000002"), invoice(), invoice(SECOND))


@fires("invoices_are_single", "needs_details confirmation")
def a_range_of_invoices() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001-02.
    """
    return snapshot(payment(amount=200_000), invoice(), invoice(SECOND))


@spares("invoices_are_single", "applied 1400000001>G000000001=1000.00 1400000001>G000000002=1000.00")
def both_ends_of_a_range_as_a_list() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001, G000000002.
    """
    return snapshot(payment(amount=200_000), invoice(), invoice(SECOND))


@fires("exclusion_is_clear", "needs_details confirmation")
def except_which_one() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001 and G000000002, but not the disputed one.
    """
    return snapshot(payment(amount=200_000), invoice(), invoice(SECOND))


@spares("exclusion_is_clear", DONE)
def except_this_one() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001, but not to G000000002.
    """
    return snapshot(payment(amount=200_000), invoice(), invoice(SECOND))
