"""How much of a payment each line takes (`decisions.md` rows 34 to 42)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.matching.group import AskedLine, Group, fitting
from processor.core.reading.roles import matches
from processor.core.request import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.model import Payment
    from processor.core.reading.stated import Stated


def with_totals(group: Group, stated: Stated) -> Group:
    """Keep the sums named for these lines; a payment's own amount, when it is what the ledger says,
    is no such sum (row 42).
    """
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
    sums = [fitting(amount.readings, code) for amount in spoken if not (payment and matches(amount, payment))]
    return replace(group, totals=tuple(values[0] for values in sums if len(values) == 1))


def _payments(stated: Stated) -> set[str]:
    return {line.payment for line in stated.lines if line.payment} | set(stated.lone_payments)


def with_amounts(group: Group) -> Group:
    """Give every line the amount that would be applied;
    None where the mail and the ledger leave it open (rows 38 to 41).
    """
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
    """Give lines without an amount their open balance if all then fits (rows 39, 41);
    "the rest" takes what the others leave.
    """
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
