"""Rows 25 to 32 and 44: which payment, has it money, was it done before, and is it the same currency?"""

from __future__ import annotations

from datetime import date

from processor.core.decision import Snapshot
from tests.builders import invoice, payment, snapshot
from tests.core.scenes import DONE, booked, fires, spares

ASKED = "needs_details ambiguous_payment payment_reference"


@fires("25", DONE)
def the_only_payment_there_is() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment to invoice G000000001.
    """
    return snapshot(payment(), payment("1400000002", left=0), invoice())


@fires("25", "applied 1400000001>G000000001=900.00")
def the_only_payment_of_this_amount() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment of EUR 900.00 to invoice G000000001.
    """
    return snapshot(payment(amount=90_000), invoice())


@spares("25", ASKED)
def the_only_payment_has_another_amount() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment of EUR 900.00 to invoice G000000001.
    """
    return snapshot(payment(amount=95_000), invoice())


@spares("25", ASKED)
def the_only_payment_is_in_another_currency() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment of USD 1,000.00 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@fires("26", "applied 1400000002>G000000001=800.00")
def one_of_two_has_the_amount() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment of EUR 800.00 to invoice G000000001.
    """
    return snapshot(payment(), payment("1400000002", amount=80_000), invoice())


@fires("26", "applied 1400000002>G000000001=800.00")
def one_of_two_has_the_amount_and_the_date() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment of EUR 800.00 of 5 October 2026 to invoice G000000001.
    """
    same = payment("1400000002", amount=80_000, received_on=date(2026, 10, 6))
    return snapshot(payment(amount=80_000), same, invoice())


@spares("26", ASKED)
def one_of_two_has_the_date_alone() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment of 5 October 2026 to invoice G000000001.
    """
    return snapshot(payment(), payment("1400000002", received_on=date(2026, 10, 5)), invoice())


@spares("26", ASKED)
def what_the_invoice_has_open_is_no_payment() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment to invoice G000000001, on which EUR 800.00 is still open.
    """
    return snapshot(payment(), payment("1400000002", amount=80_000), invoice(still_open=80_000))


@fires("27", ASKED)
def two_payments_could_be_meant() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment to invoice G000000001.
    """
    return snapshot(payment(), payment("1400000002"), invoice())


@spares("27", DONE)
def the_other_is_in_another_currency() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment to invoice G000000001.
    """
    return snapshot(payment(), payment("1400000002", currency="USD"), invoice())


@fires("28", "needs_details payment_not_found payment_reference")
def no_payment_in_this_currency() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment to invoice G000000001.
    """
    return snapshot(payment(currency="USD"), invoice())


@spares("28", DONE)
def one_payment_in_this_currency() -> Snapshot:
    """
    Subject: Allocation

    Please apply our payment to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@fires("29", "needs_details payment_not_found payment_reference")
def a_payment_that_nobody_has() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000077 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@fires("29", "needs_details payment_not_found payment_reference")
def one_digit_of_a_payment_is_missing() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 140000001 to invoice G000000001.
    """
    return snapshot(payment(), invoice())


@spares("29", DONE)
def a_payment_by_the_banks_reference() -> Snapshot:
    """
    Subject: Allocation

    Please apply the wire with reference FT26300KLM12 to invoice G000000001.
    """
    return snapshot(payment(bank_reference="FT26300KLM12"), payment("1400000002"), invoice())


@fires("30", "needs_details payment_exhausted")
def a_payment_that_is_spent() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=0), invoice())


@spares("30", "applied 1400000001>G000000001=0.01")
def a_payment_with_a_cent_left() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=1), invoice())


@fires("31", "answered duplicate_request")
def this_was_done_before() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 1,000.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=0), invoice(still_open=0), allocations=(booked(),))


@spares("31", "applied 1400000001>G000000001=400.00")
def a_second_instalment() -> Snapshot:
    """
    Subject: Allocation

    Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=40_000), invoice(still_open=40_000), allocations=(booked(60_000),))


@fires("32", "rejected currency_mismatch")
def a_payment_in_dollars_for_an_invoice_in_euros() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(currency="USD"), invoice())


@spares("32", "applied 1400000001>G000000001=1000.00")
def both_in_dollars() -> Snapshot:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(currency="USD"), invoice(currency="USD"))


@fires("44", "applied 1400000001>G000000001=600.00 1400000002>G000000001=400.00")
def two_payments_for_one_invoice() -> Snapshot:
    """
    Subject: Allocation

    Please use payments 1400000001 and 1400000002 for invoice G000000001.
    """
    return snapshot(payment(amount=60_000), payment("1400000002"), invoice())


@spares("44", "applied 1400000001>G000000001=600.00")
def one_payment_for_one_invoice() -> Snapshot:
    """
    Subject: Allocation

    Please use payment 1400000001 for invoice G000000001.
    """
    return snapshot(payment(amount=60_000), payment("1400000002"), invoice())
