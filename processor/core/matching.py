"""What is asked, held against the sender's own ledger: lines to groups, a payment for each where exactly one is meant, amounts in minor units.

Nothing is chosen among several: a payment that isn't named is singled out by `decisions.md` rows 25 and 26 or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from processor.core.currencies import exponent, to_minor
from processor.core.model import DocumentType, InvoiceStatus
from processor.core.reading.numbers import decimals
from processor.core.request import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from processor.core.decision import Snapshot
    from processor.core.model import Invoice, Payment
    from processor.core.policy import Policy
    from processor.core.reading.stated import PaymentFact, Stated
    from processor.core.request import AskedAmount, Line


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line with what the ledger has for it. `stated` is the amount that the mail fixes, in minor units; `amount` what would be applied."""

    line: Line
    invoice: Invoice | None
    stated: int | None = None
    amount: int | None = None
    doubtful: bool = False  # an amount is written, but it can't be taken as a number
    foreign_currency: bool = False  # the currency written is not the ledger's

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

    `named` is the payment as the mail has it (None when it names none), `payment` the ledger's, `candidates` those that could be
    meant. `totals` are the sums that the mail names for these lines, in minor units.
    """

    partner_id: str | None
    lines: tuple[AskedLine, ...]
    named: str | None = None
    payment: Payment | None = None
    candidates: tuple[Payment, ...] = ()
    inferred_by: int = 0  # the row that singled the payment out
    totals: tuple[int, ...] = ()
    torn_totals: bool = False
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
        amounts = [line.amount for line in self.lines]
        return None if None in amounts else sum(amount or 0 for amount in amounts)


def is_payable(invoice: Invoice) -> bool:
    """Tell whether a document can take money: an invoice that is neither void nor replaced (row 22)."""
    return (
        invoice.document_type is DocumentType.INVOICE
        and invoice.status is not InvoiceStatus.VOID
        and not invoice.replaced_by
    )


def groups(stated: Stated, snapshot: Snapshot, policy: Policy, partner_id: str | None) -> tuple[Group, ...]:
    """Divide what is asked into groups, in the order in which the mail names them."""
    found = [
        _group(lines, payment, stated, snapshot, policy, partner_id) for payment, lines in _by_payment(stated, snapshot)
    ]
    found += [
        _group((), payment, stated, snapshot, policy, partner_id)
        for payment in stated.lone_payments
        if not stated.unpaired
    ]
    if not found:
        found = [_group((), None, stated, snapshot, policy, partner_id)]
    return tuple(_after_others(_without_grand_totals(found)))


def _without_grand_totals(found: Sequence[Group]) -> list[Group]:
    """Leave out a total that is the sum of several groups: it names no group's own (row 42)."""
    sums = [group.sum for group in found]
    if len(found) < 2 or any(part is None for part in sums):  # noqa: PLR2004 - one group's total is its own
        return list(found)
    whole = sum(part or 0 for part in sums)
    return [replace(group, totals=tuple(total for total in group.totals if total != whole)) for group in found]


def _by_payment(stated: Stated, snapshot: Snapshot) -> Iterable[tuple[str | None, tuple[Line, ...]]]:
    """Yield lines by payment; those without one by the currency and partner of their invoices."""
    own = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    keys: dict[tuple[str | None, str, str], list[Line]] = {}
    nobody: list[Line] = []
    for line in stated.lines:
        invoice = own.get(line.invoice or "")
        if line.payment is None and invoice is None:
            nobody.append(line)
        else:
            apart = (invoice.currency, invoice.partner_id) if line.payment is None and invoice else ("", "")
            keys.setdefault((line.payment, *apart), []).append(line)
    unnamed = [key for key in keys if key[0] is None]
    if nobody:
        keys.setdefault(unnamed[0] if unnamed else (None, "", ""), []).extend(nobody)
    return [(key[0], tuple(lines)) for key, lines in keys.items()]


def _group(
    lines: Sequence[Line], named: str | None, stated: Stated, snapshot: Snapshot, policy: Policy, partner_id: str | None
) -> Group:
    invoices = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    payments = {payment.payment_number: payment for payment in snapshot.payments}
    payment = payments.get(named or "")
    owner = _owner(lines, payment, invoices, snapshot, partner_id)
    currency = payment.currency if payment else _currency(lines, invoices, stated)
    asked = tuple(_asked_line(line, invoices.get(line.invoice or ""), payment, currency) for line in lines)
    marked = tuple(entry for entry in stated.ranges if any(line.invoice == entry[0] for line in lines))
    group = Group(
        owner, asked, named, payment, currency=currency, surplus_may_stay=stated.surplus_may_stay, deduction=stated.deduction, loose=stated.loose, ranges=marked,
        unpaired=stated.unpaired and named is None, vague_exclusion=stated.vague_exclusion,
    )  # fmt: skip
    if named is None:
        group = _single_out(group, stated, snapshot, policy)
    return _with_amounts(_with_totals(group, stated))


def _owner(
    lines: Sequence[Line],
    payment: Payment | None,
    invoices: dict[str, Invoice],
    snapshot: Snapshot,
    partner_id: str | None,
) -> str | None:
    """Return the partner whose group this is: by its own items, else as stated, else the only one; None when that isn't clear (gate 11)."""
    owners = {invoices[line.invoice].partner_id for line in lines if line.invoice in invoices} | (
        {payment.partner_id} if payment else set()
    )
    if len(owners) > 1:
        return None
    if owners:
        owner = next(iter(owners))
        return None if partner_id and partner_id != owner else owner
    if partner_id:
        return partner_id
    return snapshot.partners[0].partner_id if len(snapshot.partners) == 1 else None


def _currency(lines: Sequence[Line], invoices: dict[str, Invoice], stated: Stated) -> str | None:
    """Return the currency in which a payment is looked for: the invoices', else the one that amounts are stated in."""
    own = {invoices[line.invoice].currency for line in lines if line.invoice in invoices}
    if own:
        return min(own) if len(own) == 1 else None
    written = {currencies for amount in _amounts(lines, stated) if len(currencies := amount.currencies) == 1}
    return next(iter(written))[0] if len(written) == 1 else None


def _amounts(lines: Sequence[Line], stated: Stated) -> list[AskedAmount]:
    return (
        [line.amount for line in lines if line.amount]
        + [fact.amount for fact in stated.facts]
        + [total.amount for total in stated.totals]
        + list(stated.loose)
    )


def _asked_line(line: Line, invoice: Invoice | None, payment: Payment | None, currency: str | None) -> AskedLine:
    """Resolve a line's amount in the ledger's currency."""
    code = invoice.currency if invoice else payment.currency if payment else currency
    if line.amount is None:
        return AskedLine(line, invoice)
    ledger = {item.currency for item in (invoice, payment) if item}
    foreign = bool(line.amount.currencies and ledger) and not ledger & set(line.amount.currencies)
    if line.amount.doubtful or code is None:
        return AskedLine(line, invoice, doubtful=line.amount.doubtful, foreign_currency=foreign)
    values = fitting(line.amount.readings, code, invoice, payment)
    if len(values) != 1 or values[0] <= 0:
        return AskedLine(line, invoice, doubtful=True, foreign_currency=foreign)
    return AskedLine(line, invoice, stated=values[0], foreign_currency=foreign)


def fitting(
    readings: Sequence[Decimal], currency: str, invoice: Invoice | None = None, payment: Payment | None = None
) -> tuple[int, ...]:
    """Return the minor units that readings can mean in a currency: grouped thousands where it has no three decimals, else what fits the ledger."""
    places = exponent(currency) or 0
    possible = [value for value in readings if decimals(value) <= places or value == value.to_integral_value()]
    if len(possible) > 1 and places < 3:  # noqa: PLR2004 - "1.250" in euro is twelve hundred and fifty
        possible = [value for value in possible if decimals(value) != 3]  # noqa: PLR2004
    minors = tuple(dict.fromkeys(minor for value in possible if (minor := to_minor(value, currency)) is not None))
    if len(minors) <= 1:
        return minors
    balances = {item for item in (invoice and invoice.open_amount, payment and payment.unallocated) if item}
    exact = tuple(minor for minor in minors if minor in balances)
    within = tuple(minor for minor in minors if all(minor <= balance for balance in balances))
    return exact if len(exact) == 1 else within if len(within) == 1 else minors


# --- which payment (rows 25 to 28) --------------------------------------------------------------------------------


def _single_out(group: Group, stated: Stated, snapshot: Snapshot, policy: Policy) -> Group:
    """Find the payment that a group without one can only mean."""
    candidates = tuple(
        payment for payment in snapshot.payments
        if payment.unallocated > 0 and (group.partner_id is None or payment.partner_id == group.partner_id) and (group.currency is None or payment.currency == group.currency)
    )  # fmt: skip
    facts = [fact for fact in stated.facts if fact.payment is None]
    if group.partner_id is None or stated.unpaired or not candidates:
        return replace(group, candidates=candidates)
    if len(candidates) == 1:
        fits = _may_be(candidates[0], group, facts)
        return _chosen(group, candidates[0], 25, candidates) if fits else replace(group, candidates=candidates)
    agreeing = [payment for payment in candidates if _agrees(payment, group, facts, stated)]
    timely = [payment for payment in (agreeing or candidates) if _timely(payment, stated, policy)]
    if len(timely) == 1 and agreeing:
        return _chosen(group, timely[0], 26, candidates)
    return replace(group, candidates=tuple(timely or agreeing or candidates))


def _chosen(group: Group, payment: Payment, row: int, candidates: tuple[Payment, ...]) -> Group:
    lines = tuple(_asked_line(asked.line, asked.invoice, payment, payment.currency) for asked in group.lines)
    return replace(
        group, lines=lines, payment=payment, inferred_by=row, candidates=candidates, currency=payment.currency
    )


def _may_be(payment: Payment, group: Group, facts: Sequence[PaymentFact]) -> bool:
    """Row 25: the lines are at most what is left; a stated payment amount is its amount or what is left."""
    total = sum(asked.stated or 0 for asked in group.lines)
    told = all(_is_amount_of(fact.amount, payment) for fact in facts)
    return total <= payment.unallocated and told


def _is_amount_of(amount: AskedAmount, payment: Payment) -> bool:
    if amount.currencies and payment.currency not in amount.currencies:
        return False
    minors = {to_minor(value, payment.currency) for value in amount.readings}
    return bool(minors & {payment.amount, payment.unallocated})


def _agrees(payment: Payment, group: Group, facts: Sequence[PaymentFact], stated: Stated) -> bool:
    """Row 26: its amount, or what it has left, equals the payment amount stated, else the total, else the sum of the lines."""
    if facts:
        return all(_is_amount_of(fact.amount, payment) for fact in facts)
    if stated.totals:
        return any(_is_amount_of(total.amount, payment) for total in stated.totals)
    amounts = [asked.stated for asked in group.lines]
    if not amounts or None in amounts:
        return not group.lines and any(_is_amount_of(amount, payment) for amount in stated.loose)
    return sum(amount or 0 for amount in amounts) in (payment.amount, payment.unallocated)


def _timely(payment: Payment, stated: Stated, policy: Policy) -> bool:
    """Tell whether some date said of the payment is within the tolerance of the ledger's, or none is said."""
    tolerance = timedelta(days=policy.date_tolerance_days)
    return not stated.days or any(abs(day - payment.received_on) <= tolerance for days in stated.days for day in days)


# --- how much (rows 34 to 42) -------------------------------------------------------------------------------------


def _with_totals(group: Group, stated: Stated) -> Group:
    """Keep the sums named for these lines; a payment's own amount, when it is what the ledger says, is no such sum (row 42)."""
    code = group.currency
    if code is None:
        return group
    spoken = [total.amount for total in stated.totals if total.payment in (None, group.named) or group.named is None]
    spoken += [fact.amount for fact in stated.facts if fact.payment is not None and fact.payment == group.named]
    spoken += [
        fact.amount
        for fact in stated.facts
        if fact.payment is None and len(stated.facts) == 1 and group.payment and len(_payments(stated)) <= 1
    ]
    payment = group.payment
    sums = [fitting(amount.readings, code) for amount in spoken if not (payment and _is_amount_of(amount, payment))]
    return replace(group, totals=tuple(values[0] for values in sums if len(values) == 1))


def _payments(stated: Stated) -> set[str]:
    return {line.payment for line in stated.lines if line.payment} | set(stated.lone_payments)


def _with_amounts(group: Group) -> Group:
    """Give every line the amount that would be applied; None where the mail and the ledger leave it open (rows 38 to 41)."""
    payment = group.payment
    if payment is None or any(not asked.payable and asked.invoice is not None for asked in group.lines):
        return replace(group, lines=tuple(replace(asked, amount=asked.stated) for asked in group.lines))
    lines = [_definite(asked, payment, group) for asked in group.lines]
    open_lines = [asked for asked in lines if asked.amount is None and not asked.doubtful and asked.payable]
    if len(lines) == 1 and open_lines:
        (asked,) = open_lines
        invoice = asked.invoice
        lines = [replace(asked, amount=min(payment.unallocated, invoice.open_amount) if invoice else None)]
    elif open_lines:
        lines = _shared_out(lines, payment)
    return replace(group, lines=tuple(lines))


def _definite(asked: AskedLine, payment: Payment, group: Group) -> AskedLine:
    """Turn a stated amount or a definite quantity into the amount to apply."""
    invoice = asked.invoice
    if asked.doubtful or invoice is None:
        return replace(asked, amount=asked.stated)
    stated = asked.stated
    if stated is None and asked.line.quantity is Quantity.FULL:
        stated = invoice.open_amount
    elif stated is None and asked.line.quantity is Quantity.ALL_OF_PAYMENT and len(group.lines) == 1:
        stated = payment.unallocated
    if stated is not None and group.surplus_may_stay:
        return replace(asked, stated=stated, amount=min(stated, invoice.open_amount))
    return replace(asked, stated=stated, amount=stated)


def _shared_out(lines: Sequence[AskedLine], payment: Payment) -> list[AskedLine]:
    """Give lines without an amount their open balance if all then fits (rows 39, 41); "the rest" takes what the others leave."""
    fixed = sum(asked.amount or 0 for asked in lines)
    whole = all(
        asked.line.quantity is Quantity.ALL_OF_PAYMENT for asked in lines
    )  # "all of it to G1 and G2" shares it out
    resting = [
        asked
        for asked in lines
        if asked.amount is None
        and asked.payable
        and not whole
        and asked.line.quantity in {Quantity.REST, Quantity.ALL_OF_PAYMENT}
    ]
    plain = [asked for asked in lines if asked.amount is None and asked.payable and asked not in resting]
    needed = sum(asked.invoice.open_amount for asked in plain if asked.invoice)
    if fixed + needed > payment.unallocated or len(resting) > 1:
        return list(lines)
    filled = [
        replace(asked, amount=asked.invoice.open_amount) if asked in plain and asked.invoice else asked
        for asked in lines
    ]
    left = payment.unallocated - fixed - needed
    return [
        replace(asked, amount=min(left, asked.invoice.open_amount))
        if asked in resting and asked.invoice and left > 0
        else asked
        for asked in filled
    ]


def _after_others(found: Sequence[Group]) -> Iterable[Group]:
    """Let groups that share an invoice see what the groups before them take of it (row 44), in the order named."""
    taken: dict[str, int] = {}
    for group in found:
        shared = any(asked.invoice and taken.get(asked.invoice.invoice_number) for asked in group.lines)
        settled = _with_amounts(_reduced(group, taken)) if shared else group
        yield settled
        for asked in settled.lines:
            if asked.invoice and asked.amount:
                taken[asked.invoice.invoice_number] = taken.get(asked.invoice.invoice_number, 0) + asked.amount


def _reduced(group: Group, taken: dict[str, int]) -> Group:
    lines = []
    for asked in group.lines:
        invoice = asked.invoice
        used = taken.get(invoice.invoice_number, 0) if invoice else 0
        if invoice and used:
            rest = max(0, invoice.open_amount - used)
            stated = (
                min(asked.stated, rest)
                if asked.stated is not None and asked.stated == invoice.open_amount
                else asked.stated
            )
            asked = replace(asked, invoice=replace(invoice, open_amount=rest), stated=stated, amount=None)
        lines.append(asked)
    return replace(group, lines=tuple(lines))
