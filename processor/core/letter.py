"""What a letter says, as facts. Words live in `templates/`; a template gets these facts and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from processor.core.model import Money


class LetterKind(StrEnum):
    """One folder under `templates/mail/<language>/` each."""

    CONFIRMATION = "confirmation"  # everything was applied
    QUESTION = "question"  # what was applied, what is kept, and a question for each thing missing
    ROLE = "role"  # gate 9: which roles may ask; no ledger facts
    ACKNOWLEDGEMENT = "acknowledgement"  # neutral: under review; no ledger facts
    STATEMENT = "statement"  # gate 13: own unallocated payments and open invoices, also as CSV
    STATUS = "status"  # gate 14: where a request or an own item stands
    HOW_TO = "how_to"  # gate 14: what to send and how long it takes
    DUPLICATE = "duplicate"  # row 31: already applied, with the existing result
    WITHDRAWN = "withdrawn"  # gate 16
    REMINDER = "reminder"  # after two and four business days
    EXPIRED = "expired"  # on the fifth: the money stays unallocated
    REVERSED = "reversed"  # an allocation was taken back
    OVERSIZE = "oversize"  # a mail too large to read, from a known sender


class QuestionKind(StrEnum):
    """One paragraph of a question letter each; the comment names the row of `decisions.md`."""

    WHICH_INVOICE = "which_invoice"  # 20
    INVOICE_UNKNOWN = "invoice_unknown"  # 21: `invoice` as written, `neighbour` may offer an own one
    INVOICE_NOT_PAYABLE = (
        "invoice_not_payable"  # 22: `invoice`, `document` (void, credit_note, …), `neighbour` replaces it
    )
    INVOICE_SETTLED = "invoice_settled"  # 24: `invoice`, `on` when known
    WHICH_PAYMENT = "which_payment"  # 27: `choices`, numbered (one: is it this; none: which)
    NO_PAYMENT = "no_payment"  # 28: `currency`
    PAYMENT_UNKNOWN = "payment_unknown"  # 29: `payment` as written, `neighbour` may offer an own one
    PAYMENT_EXHAUSTED = "payment_exhausted"  # 30: `payment`, `lines` are its own allocations
    CURRENCY = "currency"  # 33: `invoice`, `seen` is the currency written, `currency` the ledger's
    EXCEEDS_UNALLOCATED = "exceeds_unallocated"  # 34: `payment`, `stated`, `available`
    EXCEEDS_OPEN = "exceeds_open"  # 35: `invoice`, `stated`, `available`
    WHICH_AMOUNTS = (
        "which_amounts"  # 40, 41: `payment`, `available` left, `lines` with what is open, `stated` their sum
    )
    TOTAL_DIFFERS = "total_differs"  # 42: `stated` total, `available` sum of the lines, `difference`
    PAIRING = "pairing"  # 43: `alternatives`, numbered, may be none; each is a tuple of lines
    WHICH_PARTNER = "which_partner"  # 11: `names` are "ID (name)" of the partners that the sender serves
    RANGE = "range"  # `seen` as written, `lines` the own invoices it could mean
    CONFIRM_FORWARD = "confirm_forward"  # `lines` as understood
    CONFIRM_NOW = "confirm_now"  # it isn't certain that it may be done now; `lines` as understood
    WHICH_MEANT = "which_meant"  # it isn't clear which invoices are left out; `lines` are those named
    AMOUNT_UNCLEAR = "amount_unclear"  # `seen` as written, `invoice` when known
    READABLE_ATTACHMENT = "readable_attachment"  # `names` of the attachments
    SOURCES_DISAGREE = "sources_disagree"  # `seen` in the body, `other` in the attachment, `invoice` when known


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A line of a request or an allocation; parts that aren't known are None."""

    payment: str | None = None
    invoice: str | None = None
    amount: Money | None = None
    payment_left: Money | None = None  # after the allocation
    invoice_open: Money | None = None  # after the allocation
    payment_named: bool = True  # False: the ledger singled it out (rows 25, 26), the letter says so
    on: date | None = None  # when it was allocated or received


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked; the fields that a kind uses are named at `QuestionKind`."""

    kind: QuestionKind
    payment: str | None = None
    invoice: str | None = None
    neighbour: str | None = None
    document: str | None = None
    currency: str | None = None
    seen: str | None = None
    other: str | None = None
    stated: Money | None = None
    available: Money | None = None
    difference: Money | None = None
    on: date | None = None
    choices: tuple[LetterLine, ...] = ()  # payments: number, amount left, `on` received
    lines: tuple[LetterLine, ...] = ()
    alternatives: tuple[tuple[LetterLine, ...], ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A partner's own unallocated payments and open invoices (gate 13)."""

    partner_id: str
    partner_name: str
    payments: tuple[LetterLine, ...]  # payment, payment_left, on received; `amount` is the whole payment
    invoices: tuple[LetterLine, ...]  # invoice, invoice_open, on due; `amount` is the total


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be written: kind, language (ISO 639-1) and facts. Dates to people are calendar dates."""

    kind: LetterKind
    language: str
    to: str
    name: str  # of the contact on file; empty when the sender is unknown
    subject: str  # of the mail it answers, one line, may be empty
    reference: str = ""  # AR-…, empty where there is no request
    applied: tuple[LetterLine, ...] = ()  # also what was applied earlier (`on`), or taken back (`reversed`)
    kept: tuple[LetterLine, ...] = ()  # understood and not applied; the items asked about (status `item`)
    questions: tuple[Question, ...] = ()
    statements: tuple[StatementFacts, ...] = ()
    publication_from: date | None = None
    publication_by: date | None = None
    answer_by: date | None = None  # when a waiting request expires
    unread: tuple[str, ...] = ()  # attachments that could not be read, although the body was enough
    deductions: tuple[
        LetterLine, ...
    ] = ()  # applied below the open amount with a reason (row 37): operations looks at the rest
    under_review: bool = False  # some other line of the mail is with operations
    roles: tuple[str, ...] = ()  # gate 9: which roles may ask
    note: tuple[str, ...] = ()  # words of a person of ours, in pieces as short as an identifier may be
    status: str = ""  # letter `status`: waiting, applied, in_review, rejected, withdrawn, expired, unknown, item
