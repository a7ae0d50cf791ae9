"""What is asked, divided into groups: a payment for each where exactly one is meant, amounts in minor units.
Nothing is chosen among several.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.matching.amounts import with_amounts, with_totals
from processor.core.matching.group import AskedLine, Group, asked_line
from processor.core.matching.payment import single_out
from processor.core.reading.stated import DESCRIBED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.model import Invoice, Payment
    from processor.core.policy import Policy
    from processor.core.reading.stated import Stated
    from processor.core.request import AskedAmount, Line


def groups(stated: Stated, snapshot: Snapshot, policy: Policy, partner_id: str | None) -> tuple[Group, ...]:
    """Divide what is asked into groups, in the order in which the mail names them."""
    asked = [*_by_payment(stated, snapshot)]
    if not stated.unpaired:
        asked += [(payment, ()) for payment in stated.lone_payments]
    found = [_group(lines, payment, stated, snapshot, policy, partner_id) for payment, lines in asked or [(None, ())]]
    return tuple(_without_grand_totals([*_after_others(found)]))


def _without_grand_totals(found: Sequence[Group]) -> list[Group]:
    """Leave out a total that is the sum of several groups: it names no group's own (row 42)."""
    sums = [part for group in found if (part := group.sum) is not None]
    if len(found) == 1 or len(sums) < len(found):
        return list(found)
    whole = sum(sums)
    return [replace(group, totals=tuple(total for total in group.totals if total != whole)) for group in found]


def _by_payment(stated: Stated, snapshot: Snapshot) -> Iterable[tuple[str | None, tuple[Line, ...]]]:
    """Yield lines by payment; those without one by the currency and partner of their invoices."""
    own: dict[str | None, Invoice] = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    keys: dict[tuple[str | None, str, str], list[Line]] = {}
    nobody: list[Line] = []
    for line in stated.lines:
        invoice = own.get(line.invoice)
        if line.payment is not None:
            keys.setdefault((line.payment, "", ""), []).append(line)
        elif invoice:
            keys.setdefault((None, invoice.currency, invoice.partner_id), []).append(line)
        else:
            nobody.append(line)
    if nobody:
        unnamed = next((key for key in keys if key[0] is None), (None, "", ""))
        keys.setdefault(unnamed, []).extend(nobody)
    return [(key[0], tuple(lines)) for key, lines in keys.items()]


def _group(
    lines: Sequence[Line], named: str | None, stated: Stated, snapshot: Snapshot, policy: Policy, partner_id: str | None
) -> Group:
    if named and named.startswith(DESCRIBED):
        stated = replace(
            stated,
            facts=tuple(replace(fact, payment=None) for fact in stated.facts if fact.payment == named),
            totals=(),
        )
        named = None
    invoices: dict[str | None, Invoice] = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    payments: dict[str | None, Payment] = {payment.payment_number: payment for payment in snapshot.payments}
    payment = payments.get(named)
    owner = _owner(lines, payment, invoices, snapshot, partner_id)
    currency = payment.currency if payment else _currency(lines, invoices, stated)
    asked = tuple(asked_line(line, invoices.get(line.invoice), payment, currency) for line in lines)
    marked = tuple(entry for entry in stated.ranges if any(line.invoice == entry[0] for line in lines))
    group = Group(
        owner,
        asked,
        named,
        payment,
        currency=currency,
        surplus_may_stay=stated.surplus_may_stay,
        deduction=stated.deduction,
        loose=stated.loose,
        ranges=marked,
        unpaired=stated.unpaired and named is None,
        vague_exclusion=stated.vague_exclusion,
    )
    if named is None:
        group = single_out(group, stated, snapshot, policy)
    return with_totals(group, stated)


def _owner(
    lines: Sequence[Line],
    payment: Payment | None,
    invoices: dict[str | None, Invoice],
    snapshot: Snapshot,
    partner_id: str | None,
) -> str | None:
    """Return the partner whose group this is: by its own items, else as stated, else the only one;
    None when that isn't clear (gate 11).
    """
    owners = {invoices[line.invoice].partner_id for line in lines if line.invoice in invoices} | (
        {payment.partner_id} if payment else set()
    )
    if partner_id:
        owners.add(partner_id)
    return _only(owners or {partner.partner_id for partner in snapshot.partners})


def _currency(lines: Sequence[Line], invoices: dict[str | None, Invoice], stated: Stated) -> str | None:
    """Return the currency in which a payment is looked for: the invoices', else the one that amounts are stated in."""
    own = {invoices[line.invoice].currency for line in lines if line.invoice in invoices}
    written = {amount.currencies[0] for amount in _amounts(lines, stated) if len(amount.currencies) == 1}
    return _only(own or written)


def _only(values: set[str]) -> str | None:
    return min(values) if len(values) == 1 else None


def _amounts(lines: Sequence[Line], stated: Stated) -> list[AskedAmount]:
    return (
        [line.amount for line in lines if line.amount]
        + [fact.amount for fact in stated.facts]
        + [total.amount for total in stated.totals]
        + list(stated.loose)
    )


def _after_others(found: Sequence[Group]) -> Iterable[Group]:
    """Let groups that share an invoice see what the groups before them take of it (row 44), in the order named."""
    taken: Counter[str] = Counter()
    for group in found:
        settled = with_amounts(replace(group, lines=tuple(_less(asked, taken) for asked in group.lines)))
        yield settled
        for asked in settled.lines:
            if asked.invoice and asked.amount:
                taken[asked.invoice.invoice_number] += asked.amount


def _less(asked: AskedLine, taken: Counter[str]) -> AskedLine:
    invoice = asked.invoice
    if invoice is None:
        return asked
    rest = max(0, invoice.open_amount - taken[invoice.invoice_number])
    return replace(asked, invoice=replace(invoice, open_amount=rest))
