"""Which payment a group without one can only mean (`decisions.md` rows 25 to 28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from processor.core.matching.group import Group, asked_line
from processor.core.reading.roles import matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.model import Payment
    from processor.core.policy import Policy
    from processor.core.reading.stated import PaymentFact, Stated


def single_out(group: Group, stated: Stated, snapshot: Snapshot, policy: Policy) -> Group:
    """Find the payment that a group without one can only mean."""
    candidates = tuple(
        payment
        for payment in snapshot.payments
        if payment.unallocated > 0
        and group.partner_id in {None, payment.partner_id}
        and group.currency in {None, payment.currency}
    )
    offered = replace(group, candidates=candidates)
    if group.partner_id is None or stated.unpaired:
        return offered
    facts = [fact for fact in stated.facts if fact.payment is None]
    if len(candidates) == 1:
        return _chosen(group, candidates[0]) if _may_be(candidates[0], group, facts) else offered
    agreeing = [payment for payment in candidates if _agrees(payment, group, facts, stated)]
    timely = [payment for payment in (agreeing or candidates) if _timely(payment, stated, policy)]
    if len(timely) == 1 and agreeing:
        return _chosen(group, timely[0])
    return replace(group, candidates=tuple(timely or agreeing or candidates))


def _chosen(group: Group, payment: Payment) -> Group:
    lines = tuple(asked_line(asked.line, asked.invoice, payment, payment.currency) for asked in group.lines)
    return replace(group, lines=lines, payment=payment, currency=payment.currency)


def _may_be(payment: Payment, group: Group, facts: Sequence[PaymentFact]) -> bool:
    """Row 25: the lines are at most what is left; a stated payment amount is its amount or what is left."""
    total = sum(asked.paying or 0 for asked in group.lines)
    told = all(matches(fact.amount, payment) for fact in facts)
    return total <= payment.unallocated and told


def _agrees(payment: Payment, group: Group, facts: Sequence[PaymentFact], stated: Stated) -> bool:
    """Row 26: its amount, or what it has left, equals the payment amount stated, else the total,
    else the sum of the lines.
    """
    if facts:
        return all(matches(fact.amount, payment) for fact in facts)
    if stated.totals:
        return any(matches(total.amount, payment) for total in stated.totals)
    if not group.lines:
        return any(matches(amount, payment) for amount in stated.loose)
    amounts = [asked.paying for asked in group.lines if asked.paying is not None]
    return len(amounts) == len(group.lines) and sum(amounts) in (payment.amount, payment.unallocated)


def _timely(payment: Payment, stated: Stated, policy: Policy) -> bool:
    """Tell whether some date said of the payment is within the tolerance of the ledger's, or none is said."""
    tolerance = timedelta(days=policy.date_tolerance_days)
    return not stated.days or any(abs(day - payment.received_on) <= tolerance for days in stated.days for day in days)
