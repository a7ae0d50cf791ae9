"""What one scope of a mail states, before the ledger judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from processor.core.request import AskedAmount, Evidence, Line, Total


DESCRIBED = "~"  # opens the name of a payment that a mail tells of by its amount alone


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """What is said of a payment itself: its own amount; `payment` is None where it isn't named."""

    amount: AskedAmount
    payment: str | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """Lines, and what stands beside them.

    `lone_payments` are named without an invoice of their own; `loose` are amounts that belong to no line, `strays`
    those whose words tie them to none or that stay open; `asides` are invoices that are only spoken of,
    `spared` those of which is told what else becomes of them, should anything else be asked for; `left_out` are
    invoices that words except; `days` are dates said of the payment; `ranges` are invoices that open a range;
    `unpaired` says that several payments and invoices have no clear pairing.
    """

    lines: tuple[Line, ...] = ()
    lone_payments: tuple[str, ...] = ()
    facts: tuple[PaymentFact, ...] = ()
    totals: tuple[Total, ...] = ()
    loose: tuple[AskedAmount, ...] = ()
    strays: tuple[AskedAmount, ...] = ()
    asides: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    days: tuple[tuple[date, ...], ...] = ()
    ranges: tuple[tuple[str, str], ...] = ()
    unpaired: bool = False
    vague_exclusion: bool = False
    surplus_may_stay: bool = False
    deduction: bool = False
    all_open: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing of a request was found."""
        return not (
            self.lines or self.lone_payments or self.facts or self.totals or self.loose or self.ranges or self.all_open
        )
