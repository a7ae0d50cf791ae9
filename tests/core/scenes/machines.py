"""Gates 1 to 5: mail that no person wrote, and mail that nobody may open."""

from __future__ import annotations

from processor.core.decision import Snapshot
from processor.core.message import Attachment, AttachmentState, DeliveryReport
from tests.core.scenes import DONE, fires, ledger, spares, waiting

FAILED = DeliveryReport("delivery", ("failed",), "<ar.question.AR-1@billing.example>")
DELAYED = DeliveryReport("delivery", ("delayed",), "<ar.question.AR-1@billing.example>")
REPORT = ("multipart/report", "message/delivery-status")


@fires("1", "ignored own_message")
def a_mail_from_our_own_mailbox() -> Snapshot:
    """
    From: allocations@billing.example
    Subject: Your request [AR-K7Q2M]

    Please apply payment 1400000001 to invoice G000000001.
    """
    return ledger()


@fires("1", "ignored own_message")
def a_thread_that_never_ends() -> Snapshot:
    """
    Subject: Re: Your request

    Please apply payment 1400000001 to invoice G000000001.
    """
    return ledger(conversation=waiting(letters=10))


@spares("1", DONE)
def a_thread_that_is_only_long() -> Snapshot:
    """
    Subject: Re: Your request

    Please apply payment 1400000001 to invoice G000000001.
    """
    return ledger(conversation=waiting(letters=9))


@fires("2", "ignored duplicate_delivery")
def the_same_mail_once_more() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger(delivered_before=True)


@spares("2", DONE)
def a_mail_that_is_new() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("3", "ignored bounce", report=FAILED, content_types=REPORT)
def our_letter_could_not_be_delivered() -> Snapshot:
    """
    Subject: Undelivered Mail Returned to Sender

    The recipient's mailbox is full.
    """
    return ledger()


@spares("3", "ignored auto_reply", report=DELAYED, content_types=REPORT)
def our_letter_is_only_late() -> Snapshot:
    """
    Subject: Delayed Mail (still being retried)

    No action is required on your part.
    """
    return ledger()


@fires("4", "ignored auto_reply")
def a_machine_says_that_it_is_one() -> Snapshot:
    """
    Auto-Submitted: auto-replied
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@spares("4", DONE)
def a_person_who_says_so_too() -> Snapshot:
    """
    Auto-Submitted: no
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("4a", "rejected mailing_list")
def a_request_through_a_distribution_list() -> Snapshot:
    """
    List-Id: <finance.harbourlane.example>
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("4a", "ignored mailing_list")
def a_newsletter() -> Snapshot:
    """
    List-Unsubscribe: <https://news.harbourlane.example/out>
    Subject: What is new in November

    Five ideas to get more from your cloud this winter.
    """
    return ledger()


@spares("4a", DONE)
def a_field_that_is_no_sign_at_all() -> Snapshot:
    """
    X-Auto-Response-Suppress: All
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("5", "quarantined spam")
def our_server_calls_it_spam() -> Snapshot:
    """
    X-Spam-Flag: YES
    Received: from mail.harbourlane.example by mx.billing.example; Mon, 16 Nov 2026 09:00:00 +0000
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("5", "quarantined spam", attachments=(Attachment("list.xlsm", "", 900, AttachmentState.EXECUTABLE),))
def a_workbook_with_macros() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@spares("5", DONE)
def a_verdict_that_came_with_the_mail() -> Snapshot:
    """
    Received: from mail.harbourlane.example by mx.billing.example; Mon, 16 Nov 2026 09:00:00 +0000
    Received: from desk.harbourlane.example by mail.harbourlane.example; Mon, 16 Nov 2026 08:59:58 +0000
    X-Spam-Flag: YES
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()
