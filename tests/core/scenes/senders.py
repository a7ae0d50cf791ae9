"""Gates 6 to 9: who wrote, and may they ask? And mail too large to read."""

from __future__ import annotations

from processor.core.decision import Snapshot
from tests.builders import contact, invoice, payment, snapshot
from tests.core.scenes import DONE, fires, ledger, spares


@fires("6", "rejected sender_spoofed")
def two_authors() -> Snapshot:
    """
    From: ap@harbourlane.example, boss@harbourlane.example
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("6", "rejected sender_spoofed")
def a_forged_author() -> Snapshot:
    """
    Authentication-Results: mx.billing.example; dmarc=fail header.from=harbourlane.example
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@spares("6", DONE)
def an_author_with_a_name() -> Snapshot:
    """
    From: "Lane, Harbour (AP)" <ap@harbourlane.example>
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("7", "rejected sender_unauthenticated")
def spf_alone_is_no_proof() -> Snapshot:
    """
    Authentication-Results: mx.billing.example; spf=pass smtp.mailfrom=harbourlane.example; dmarc=none
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@spares("7", DONE)
def a_signature_of_the_authors_domain() -> Snapshot:
    """
    Authentication-Results: mx.billing.example; dkim=pass header.d=harbourlane.example; dmarc=none
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("8", "rejected sender_unknown")
def a_colleague_who_is_not_on_file() -> Snapshot:
    """
    From: temp@harbourlane.example
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return Snapshot(today=ledger().today)


@spares("8", DONE)
def an_address_in_capitals() -> Snapshot:
    """
    From: AP@HarbourLane.example
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@fires("9", "rejected role_not_permitted")
def a_sales_agent() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return snapshot(payment(), invoice(), contact(role="sales_agent"))


@spares("9", DONE)
def an_account_admin() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return snapshot(payment(), invoice(), contact(role="account_admin"))


@fires("limits", "rejected attachment_unreadable", over_limit="message")
def a_mail_too_large_to_read() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()


@spares("limits", DONE)
def a_mail_of_an_ordinary_size() -> Snapshot:
    """
    Subject: Payment 1400000001

    Please apply it to invoice G000000001.
    """
    return ledger()
