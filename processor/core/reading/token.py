"""One finding of running text: a payment, an invoice, an amount, a quantity in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.core.request import AskedAmount, Quantity


class TokenKind(StrEnum):
    """What a token is."""

    PAYMENT = "payment"
    INVOICE = "invoice"
    AMOUNT = "amount"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Token:
    """One finding in reading order, with what it says."""

    kind: TokenKind
    start: int
    end: int
    value: str = ""
    own: bool = False
    amount: AskedAmount | None = None
    bare: bool = False
    quantity: Quantity | None = None
    range_end: str = ""
    firm: bool = False  # a quantity that names its object itself ("the open balance", "the whole payment")
