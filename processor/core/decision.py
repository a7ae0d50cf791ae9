"""What the core is given (`Snapshot`, `Policy` parts) and what it gives back (`Decision`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from processor.core.letter import Letter
    from processor.core.model import Allocation, Contact, Invoice, Partner, Payment
    from processor.core.outcomes import Missing, Outcome, Reason
    from processor.core.request import Evidence


class RequestState(StrEnum):
    """The life of a request; a request is one conversation."""

    WAITING = "waiting"  # we asked, the partner's turn
    IN_REVIEW = "in_review"  # operations' turn
    APPLIED = "applied"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REJECTED = "rejected"  # closed by operations


@dataclass(frozen=True, slots=True)
class Conversation:
    """The request that a mail belongs to, as it stood before the mail. `memory` is the core's own JSON."""

    reference: str
    state: RequestState
    language: str
    memory: str
    partner_id: str | None = None
    missing: tuple[Missing, ...] = ()
    letters: int = 0  # how many letters of ours it has seen (loop limit, gate 1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of the ledger and the journal that may bear on one mail: the sender's own partners' and no other's.

    `allocations` are those of these partners' payments, reversals included. `delivered_before` answers gate 2.
    `today` is the date of arrival at the mailbox (UTC). `signers` are the domains whose signature held on that day:
    keys come and go, and a decision must be made again alike.
    """

    today: date
    contacts: tuple[Contact, ...] = ()
    partners: tuple[Partner, ...] = ()
    payments: tuple[Payment, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    conversation: Conversation | None = None
    delivered_before: bool = False
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """One allocation to be written: minor units of `currency`;
    the balances that the decision saw, checked again under lock.
    """

    partner_id: str
    payment: str
    invoice: str
    amount: int
    currency: str
    payment_left_before: int
    invoice_open_before: int


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule of the table and whether it held. `note` is for people."""

    rule: str
    hit: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """Something a person must look at: `kind` is a reason code, or `deduction`, `undelivered`, `look_alike`."""

    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one mail. `memory` is what the request remembers for the next mail (JSON), `state` its new state.

    `joins` says that the mail belongs to `Snapshot.conversation`; otherwise, when `opens` is true, a new request begins
    (linked to that conversation, if there is one). `undelivered` is the Message-ID of a letter of ours that bounced.
    """

    outcome: Outcome
    sender: str
    missing: tuple[Missing, ...] = ()
    reasons: tuple[Reason, ...] = ()
    partner_id: str | None = None
    applications: tuple[Application, ...] = ()
    letter: Letter | None = None
    language: str = "en"
    state: RequestState | None = None
    memory: str = ""
    joins: bool = False
    opens: bool = False
    reviews: tuple[ReviewItem, ...] = ()
    undelivered: str = ""
    evidence: tuple[Evidence, ...] = ()
    trail: tuple[RuleTrace, ...] = ()
