"""Lines that draw on one payment, with what the ledger has for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.currencies import exponent, to_minor
from processor.core.model import DocumentType, InvoiceStatus
from processor.core.reading.numbers import decimals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from processor.core.model import Invoice, Payment
    from processor.core.request import AskedAmount, Line

_GROUP_DIGITS = 3  # of a group of thousands: "1.250" is 1250 where a currency has fewer decimals


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line with what the ledger has for it. `stated` is the amount that the mail fixes, in minor units;
    `amount` what would be applied.
    """

    line: Line
    invoice: Invoice | None
    stated: int | None = None
    amount: int | None = None
    doubtful: bool = False  # an amount is written, but it can't be taken as a number
    foreign_currency: bool = False  # the currency written is not the ledger's

    @property
    def paying(self) -> int | None:
        """The amount that the mail fixes as paid, in minor units:
        what it says the invoice has open is none (row 26).
        """
        return None if self.line.amount and self.line.amount.balance else self.stated

    @property
    def payable(self) -> bool:
        """Whether the invoice can take money at all."""
        return (
            self.invoice is not None
            and is_payable(self.invoice)
            and self.invoice.status is not InvoiceStatus.LOCKED
            and self.invoice.open_amount > 0
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that draw on one payment; applied whole or not at all.

    `named` is the payment as the mail has it (None when it names none), `payment` the ledger's,
    `candidates` those that could be meant. `totals` are the sums that the mail names for these lines, in minor units.
    """

    partner_id: str | None
    lines: tuple[AskedLine, ...]
    named: str | None = None
    payment: Payment | None = None
    candidates: tuple[Payment, ...] = ()
    totals: tuple[int, ...] = ()
    surplus_may_stay: bool = False
    deduction: bool = False
    loose: tuple[AskedAmount, ...] = ()
    currency: str | None = None
    ranges: tuple[tuple[str, str], ...] = ()
    unpaired: bool = False
    vague_exclusion: bool = False

    @property
    def sum(self) -> int | None:
        """What the lines come to, when each has an amount."""
        amounts = [line.amount for line in self.lines if line.amount is not None]
        return sum(amounts) if len(amounts) == len(self.lines) else None


def is_payable(invoice: Invoice) -> bool:
    """Tell whether a document can take money: an invoice that is neither void nor replaced (row 22)."""
    return (
        invoice.document_type is DocumentType.INVOICE
        and invoice.status is not InvoiceStatus.VOID
        and not invoice.replaced_by
    )


def asked_line(line: Line, invoice: Invoice | None, payment: Payment | None, currency: str | None) -> AskedLine:
    """Resolve a line's amount in the ledger's currency: the invoice's, else the one given."""
    code = invoice.currency if invoice else currency
    if line.amount is None:
        return AskedLine(line, invoice)
    ledger = {item.currency for item in (invoice, payment) if item}
    foreign = bool(line.amount.currencies and ledger) and not ledger & set(line.amount.currencies)
    if line.amount.doubtful or code is None:
        return AskedLine(line, invoice, doubtful=line.amount.doubtful, foreign_currency=foreign)
    values = fitting(line.amount.readings, code, invoice, payment)
    told_open = line.amount.balance and invoice is not None and values != (invoice.open_amount,)
    if len(values) != 1 or values[0] <= 0 or told_open:
        return AskedLine(line, invoice, doubtful=True, foreign_currency=foreign)
    return AskedLine(line, invoice, stated=values[0], foreign_currency=foreign)


def fitting(
    readings: Sequence[Decimal], currency: str, invoice: Invoice | None = None, payment: Payment | None = None
) -> tuple[int, ...]:
    """Return the minor units that readings can mean in a currency:
    grouped thousands where it has no three decimals, else what fits the ledger.
    """
    places = exponent(currency) or 0
    possible = [value for value in readings if decimals(value) <= places or value == value.to_integral_value()]
    if len(possible) > 1 and places < _GROUP_DIGITS:
        possible = [value for value in possible if decimals(value) != _GROUP_DIGITS]
    minors = tuple(dict.fromkeys(minor for value in possible if (minor := to_minor(value, currency)) is not None))
    if len(minors) <= 1:
        return minors
    balances = {item for item in (invoice and invoice.open_amount, payment and payment.unallocated) if item}
    exact = tuple(minor for minor in minors if minor in balances)
    within = tuple(minor for minor in minors if all(minor <= balance for balance in balances))
    return exact if len(exact) == 1 else within if len(within) == 1 else minors
