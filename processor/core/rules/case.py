"""What a rule is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.letter import LetterLine, Question, QuestionKind
from processor.core.model import Money

if TYPE_CHECKING:
    from processor.core.decision import Snapshot
    from processor.core.matching.group import AskedLine, Group
    from processor.core.model import Allocation, Invoice, Payment
    from processor.core.outcomes import Missing, Reason
    from processor.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found in one group: codes, whether operations must look, and the paragraph of the letter."""

    reason: Reason | None = None
    missing: Missing | None = None
    rejects: bool = False
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A group with everything that a rule may look at."""

    group: Group
    snapshot: Snapshot
    policy: Policy

    @property
    def items(self) -> Sequence[AskedLine]:
        """The lines of the group."""
        return self.group.lines

    def money(self, minor: int) -> Money:
        """Return an amount in the group's currency."""
        return Money(minor, self.group.currency or "")


Rule = Callable[[Case], Iterable[Finding]]


def standing(snapshot: Snapshot) -> list[Allocation]:
    """Return the allocations that no reversal took back."""
    reversed_ids = {row.reverses for row in snapshot.allocations if row.reverses}
    return [row for row in snapshot.allocations if not row.reverses and row.allocation_id not in reversed_ids]


def same_currency(case: Case) -> bool:
    """Tell whether all invoices of a group are in its currency."""
    return all(asked.invoice is None or asked.invoice.currency == case.group.currency for asked in case.items)


def money(minor: int | None, invoice: Invoice) -> Money | None:
    """Return an amount in an invoice's currency, where it is known."""
    return None if minor is None else Money(minor, invoice.currency)


def number_of(payment: Payment | None) -> str | None:
    """Return a payment's number, where there is a payment."""
    return payment.payment_number if payment else None


def which_payment(case: Case) -> Question:
    """Ask which payment is meant, with a numbered list in order of receipt."""
    ordered = sorted(case.group.candidates, key=lambda payment: (payment.received_on, payment.payment_number))
    choices = tuple(
        LetterLine(
            payment.payment_number,
            amount=Money(payment.amount, payment.currency),
            payment_left=Money(payment.unallocated, payment.currency),
            on=payment.received_on,
        )
        for payment in ordered
    )
    return Question(QuestionKind.WHICH_PAYMENT, choices=choices, currency=case.group.currency)
