"""Gates 10 to 17: what a mail wants."""

from __future__ import annotations

from processor.core.decision import RequestState, Snapshot
from processor.core.model import Partner
from tests.builders import PARTNER, contact, invoice, payment, snapshot
from tests.core.scenes import DONE, booked, fires, ledger, spares, waiting

OTHER = Partner("1000002", "Quayside Cloud", "en")


@fires("10", "rejected bank_details_change")
def a_new_bank_account() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001. By the way, we have a new bank account, please update your records.
    """
    return ledger()


@fires("10", "rejected sensitive_content")
def a_lawyer_is_named() -> Snapshot:
    """
    Subject: Payment 1400000001

    If this isn't on invoice G000000001 by Friday you will hear from our solicitors.
    """
    return ledger()


@spares("10", "applied 1400000001>G000000001=900.00")
def a_reason_for_paying_less() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply EUR 900.00 to invoice G000000001, the rest of it is in dispute with your support desk.
    """
    return ledger()


@fires("11", "needs_details partner_id")
def a_bookkeeper_of_two_wants_a_statement() -> Snapshot:
    """
    Subject: Statement

    Could you send us a statement of account, please?
    """
    return snapshot(PARTNER, OTHER, contact(), contact(partner_id=OTHER.partner_id))


@spares("11", "answered")
def a_bookkeeper_says_for_which() -> Snapshot:
    """
    Subject: Statement

    Could you send us a statement of account for partner ID 1000002, please?
    """
    return snapshot(PARTNER, OTHER, contact(), contact(partner_id=OTHER.partner_id))


@fires("12", "rejected partner_mismatch")
def a_partner_that_the_sender_does_not_serve() -> Snapshot:
    """
    Subject: Payment 1400000001

    Partner ID 1000009. Please apply it to invoice G000000001.
    """
    return ledger()


@spares("12", DONE)
def the_senders_own_partner() -> Snapshot:
    """
    Subject: Payment 1400000001

    Partner ID 1000001. Please apply it to invoice G000000001.
    """
    return ledger()


@fires("13", "answered")
def which_payments_are_unallocated() -> Snapshot:
    """
    Subject: A question

    Which of our payments are still unallocated? Please send us a statement.
    """
    return ledger()


@spares("13", DONE)
def a_statement_that_is_only_spoken_of() -> Snapshot:
    """
    Subject: Payment 1400000001

    As on your statement, please apply it to invoice G000000001.
    """
    return ledger()


@fires("14", "answered no_request")
def how_does_this_work() -> Snapshot:
    """
    Subject: New here

    What information do you need from us to apply a payment?
    """
    return ledger()


@fires("14", "answered no_request")
def thanks_alone() -> Snapshot:
    """
    Subject: Re: Your request

    Thank you, that was quick!
    """
    return ledger(conversation=waiting(state=RequestState.APPLIED))


@spares("14", DONE)
def thanks_in_advance() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001. Thank you!
    """
    return ledger()


@fires("15", "rejected no_request")
def an_invitation() -> Snapshot:
    """
    Subject: Lunch

    Our office moves to the river quay in March. Do come and see us.
    """
    return ledger()


@spares("15", "needs_details invoice_number")
def a_request_that_is_only_half() -> Snapshot:
    """
    Subject: A payment

    Please apply payment 1400000001.
    """
    return ledger()


@fires("16", "answered")
def never_mind() -> Snapshot:
    """
    Subject: Re: Which payment? [AR-K7Q2M]

    Please cancel our request, it is no longer needed.
    """
    return ledger(conversation=waiting())


@spares("16", DONE)
def go_on() -> Snapshot:
    """
    Subject: Re: Which payment? [AR-K7Q2M]

    It is 1400000001.
    """
    return ledger(conversation=waiting())


@fires("16a", "rejected on_behalf_of_other")
def our_own_staff_pass_a_mail_on() -> Snapshot:
    """
    From: desk@billing.example
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return snapshot(payment(), invoice(), contact("desk@billing.example"))


@spares("16a", DONE)
def the_partner_itself() -> Snapshot:
    """
    Subject: Payment 1400000001

    On behalf of our finance team: please apply it to invoice G000000001.
    """
    return snapshot(payment(), invoice(), contact())


@fires("17", "rejected reversal_requested")
def take_it_back() -> Snapshot:
    """
    Subject: Wrong invoice

    Please reverse the allocation of payment 1400000001 to invoice G000000001.
    """
    return snapshot(payment(left=0), invoice(still_open=0), allocations=(booked(),))


@spares("17", DONE)
def nothing_was_done_yet() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001 and reverse the reminder.
    """
    return ledger()
