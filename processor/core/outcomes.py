"""What can become of a mail: the closed list of outcomes, and the codes that say why (`decisions.md`,
Outcomes and Codes).
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Where a message ends; each is also a folder."""

    APPLIED = "applied"
    NEEDS_DETAILS = "needs_details"
    REJECTED = "rejected"
    ANSWERED = "answered"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


class Missing(StrEnum):
    """What a question asks for."""

    INVOICE_NUMBER = "invoice_number"
    PAYMENT_REFERENCE = "payment_reference"
    AMOUNT = "amount"
    CURRENCY = "currency"
    PARTNER_ID = "partner_id"
    CONFIRMATION = "confirmation"
    READABLE_ATTACHMENT = "readable_attachment"


class Reason(StrEnum):
    """Why a line or a message is not simply applied."""

    SENDER_UNKNOWN = "sender_unknown"
    SENDER_UNAUTHENTICATED = "sender_unauthenticated"
    SENDER_SPOOFED = "sender_spoofed"
    ROLE_NOT_PERMITTED = "role_not_permitted"
    PARTNER_MISMATCH = "partner_mismatch"
    NO_REQUEST = "no_request"
    SENSITIVE_CONTENT = "sensitive_content"
    BANK_DETAILS_CHANGE = "bank_details_change"
    ATTACHMENT_UNREADABLE = "attachment_unreadable"
    SOURCES_DISAGREE = "sources_disagree"
    ON_BEHALF_OF_OTHER = "on_behalf_of_other"
    INVOICE_NOT_FOUND = "invoice_not_found"
    INVOICE_NOT_PAYABLE = "invoice_not_payable"
    INVOICE_LOCKED = "invoice_locked"
    INVOICE_SETTLED = "invoice_settled"
    PAYMENT_NOT_FOUND = "payment_not_found"
    PAYMENT_EXHAUSTED = "payment_exhausted"
    EXCEEDS_UNALLOCATED = "exceeds_unallocated"
    EXCEEDS_OPEN = "exceeds_open"
    CURRENCY_MISMATCH = "currency_mismatch"
    AMOUNTS_DO_NOT_ADD_UP = "amounts_do_not_add_up"
    AMBIGUOUS_PAYMENT = "ambiguous_payment"
    AMBIGUOUS_PAIRING = "ambiguous_pairing"
    AMBIGUOUS_AMOUNT = "ambiguous_amount"
    DUPLICATE_REQUEST = "duplicate_request"
    OVER_LIMIT = "over_limit"
    REVERSAL_REQUESTED = "reversal_requested"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    MAILING_LIST = "mailing_list"
    OWN_MESSAGE = "own_message"
    DUPLICATE_DELIVERY = "duplicate_delivery"
    SPAM = "spam"
