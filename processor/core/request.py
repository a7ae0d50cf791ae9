"""What a mail asks for, before the ledger is looked at, and what a conversation remembers of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


class Quantity(StrEnum):
    """A definite quantity in words (`decisions.md`, Reading the mail)."""

    FULL = "full"  # what the invoice has open
    ALL_OF_PAYMENT = "all_of_payment"  # what the payment has left
    REST = "rest"  # what the other lines of the group leave, at most what is open


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a finding was read: source, character range, the words as seen, and the reading applied to them."""

    field: str  # invoice, payment, amount, currency, date, total, partner_id, quantity, intent
    value: str
    source: str
    start: int
    end: int
    seen: str
    reading: str = ""


@dataclass(frozen=True, slots=True)
class AskedAmount:
    """An amount as written: every value it can have, and the currencies that what stands by it can mean (none:
    not stated).
    """

    readings: tuple[Decimal, ...]
    currencies: tuple[str, ...] = ()
    seen: str = ""
    doubtful: bool = False  # zero, negative, shorthand, an estimate: never taken as a number
    balance: bool = False  # told of what the invoice has open: no statement about the payment (row 26)

    @property
    def is_share(self) -> bool:
        """Whether it is written in percent: a part of something, and no amount that anything has."""
        return self.seen.endswith(("%", "％"))


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be done: this much of that payment to this invoice. What the mail doesn't say is None."""

    invoice: str | None = None
    payment: str | None = None
    amount: AskedAmount | None = None
    quantity: Quantity | None = None
    deduction: bool = False  # a reason is given for paying less (row 37)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum that the mail names for lines; `payment` where it stands with one."""

    amount: AskedAmount
    payment: str | None = None
