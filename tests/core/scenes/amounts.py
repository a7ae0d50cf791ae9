"""Rows 33 to 46: how much."""

from __future__ import annotations

from processor.core.decision import Snapshot
from tests.builders import invoice, payment, snapshot
from tests.core.scenes import DONE, fires, spares

BOTH = "applied 1400000001>G000000001=1000.00 1400000001>G000000002=1000.00"
SECOND = "G000000002"


def two(amount: int) -> Snapshot:
    return snapshot(payment(amount=amount), invoice(), invoice(SECOND))


@fires("33", "needs_details currency currency_mismatch")
def dollars_are_written_where_euros_are_meant() -> Snapshot:
    """
    Subject: Allocation

    Please apply USD 500.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@spares("33", "applied 1400000001>G000000001=500.00")
def no_currency_is_written() -> Snapshot:
    """
    Subject: Allocation

    Please apply 500.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@fires("34", "needs_details amount exceeds_unallocated")
def more_than_the_payment_has() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 600.01 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=60_000), invoice())


@spares("34", "applied 1400000001>G000000001=600.00")
def all_that_the_payment_has() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 600.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=60_000), invoice())


@fires("35", "needs_details amount exceeds_open")
def more_than_the_invoice_needs() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 700.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice(still_open=60_000))


@spares("35", "applied 1400000001>G000000001=600.00")
def the_surplus_may_stay() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 700.00 from payment 1400000001 to invoice G000000001; any surplus can stay unallocated.
    """
    return snapshot(payment(), invoice(still_open=60_000))


@fires("36", "applied 1400000001>G000000001=250.00")
def a_part_payment() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 250.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@spares("36", DONE)
def the_whole_balance() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 1,000.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@fires("37", "applied 1400000001>G000000001=850.00")
def tax_was_withheld() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 850.00 from payment 1400000001 to invoice G000000001, 15% tax was withheld.
    """
    return snapshot(payment(amount=85_000), invoice())


@spares("37", "applied 1400000001>G000000001=850.00")
def less_without_a_reason() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 850.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(amount=85_000), invoice())


@fires("38", "applied 1400000001>G000000001=300.00")
def the_smaller_of_what_is_left_and_open() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=30_000), invoice())


@spares("38", "applied 1400000001>G000000001=200.00")
def an_amount_is_stated() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001 for EUR 200.00.
    """
    return snapshot(payment(left=30_000), invoice())


@fires("39", BOTH)
def two_invoices_that_fit() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001 and G000000002.
    """
    return two(250_000)


@spares("39", "needs_details amount")
def two_invoices_that_do_not_fit() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001 and G000000002.
    """
    return two(199_999)


@fires("40", "needs_details amount")
def how_is_it_shared_out() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001 and G000000002.
    """
    return two(150_000)


@spares("40", BOTH)
def nothing_to_share_out() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001 and G000000002.
    """
    return two(200_000)


@fires("41", "needs_details amount")
def one_amount_for_two_invoices() -> Snapshot:
    """
    Subject: Allocation

    EUR 600.00, please.

    Payment 1400000001

    G000000001
    G000000002
    """
    return two(250_000)


@spares("41", "applied 1400000001>G000000001=400.00 1400000001>G000000002=1000.00")
def the_line_without_an_amount_fits() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001:

    G000000001  EUR 400.00
    G000000002
    """
    return two(150_000)


@fires("42", "needs_details amount amounts_do_not_add_up")
def the_lines_do_not_add_up() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001:

    G000000001  EUR 400.00
    G000000002  EUR 500.00
    Total       EUR 950.00
    """
    return two(250_000)


@spares("42", "applied 1400000001>G000000001=400.00 1400000001>G000000002=500.00")
def the_payments_own_amount_is_no_total() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 of EUR 2,500.00:

    G000000001  EUR 400.00
    G000000002  EUR 500.00
    Total       EUR 900.00
    """
    return two(250_000)


@fires("amounts_are_numbers", "needs_details ambiguous_amount amount")
def a_grand() -> Snapshot:
    """
    Subject: Allocation

    Please apply 2,5k from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(amount=300_000), invoice(total=300_000))


@fires("amounts_are_numbers", "needs_details ambiguous_amount amount")
def nothing_at_all() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 0.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@spares("amounts_are_numbers", "applied 1400000001>G000000001=2500.00")
def a_number_in_swiss_hands() -> Snapshot:
    """
    Subject: Allocation

    Please apply 2'500.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(amount=300_000), invoice(total=300_000))


@fires("45", "rejected over_limit", settings={"apply_limits": {"EUR": 99_999}})
def above_what_may_be_applied_unseen() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@spares("45", DONE, settings={"apply_limits": {"EUR": 100_000, "USD": 1}})
def exactly_what_may_be_applied_unseen() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@fires("46", DONE)
def everything_agrees() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@spares("46", "needs_details invoice_not_found invoice_number")
def everything_but_the_invoice_agrees() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000002.
    """
    return snapshot(payment(), invoice())
