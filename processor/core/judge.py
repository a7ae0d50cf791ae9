"""One group judged by the rules: what was found, and what would be applied. A group is applied whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from processor.core.decision import Application, RuleTrace
from processor.core.letter import Question, QuestionKind
from processor.core.outcomes import Missing, Reason
from processor.core.rules.case import Case, Finding
from processor.core.rules.payments import is_repeated
from processor.core.rules.table import ALONE, RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.matching.group import Group
    from processor.core.policy import Policy


class Standing(StrEnum):
    """How far a group got."""

    APPLIED = "applied"
    REPEATED = "repeated"  # row 31
    NEEDS_DETAILS = "needs_details"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Judged:
    """A group with its findings and the trail of rules that hit or missed."""

    group: Group
    standing: Standing
    findings: tuple[Finding, ...] = ()
    trail: tuple[RuleTrace, ...] = ()

    @property
    def applications(self) -> tuple[Application, ...]:
        """What this group writes to the ledger."""
        return tuple(_applications(self.group)) if self.standing is Standing.APPLIED else ()


def judge(group: Group, snapshot: Snapshot, policy: Policy, extra: Sequence[Finding] = ()) -> Judged:
    """Hold a group against every rule. `extra` are findings about the whole mail that keep the group waiting."""
    case = Case(group, snapshot, policy)
    if group.partner_id is None:
        names = tuple(f"{partner.partner_id} ({partner.name})" for partner in snapshot.partners)
        ask = Finding(None, Missing.PARTNER_ID, question=Question(QuestionKind.WHICH_PARTNER, names=names))
        return Judged(group, Standing.NEEDS_DETAILS, (ask,), (RuleTrace("partner_is_singled_out", hit=True),))
    alone, trail = _walk(ALONE, case)
    if alone:
        return Judged(group, Standing.NEEDS_DETAILS, tuple(alone), tuple(trail))
    if is_repeated(case):
        return Judged(
            group,
            Standing.REPEATED,
            (Finding(Reason.DUPLICATE_REQUEST),),
            (*trail, RuleTrace("is_repeated", hit=True, note="row 31")),
        )
    found, more = _walk(RULES, case)
    findings = (*found, *extra)
    trail = [*trail, RuleTrace("is_repeated", hit=False, note="row 31"), *more]
    if any(finding.rejects for finding in findings):
        return Judged(group, Standing.REJECTED, findings, tuple(trail))
    if findings or not _sound(group):
        return Judged(group, Standing.NEEDS_DETAILS, findings or (_doubt(group),), tuple(trail))
    return Judged(group, Standing.APPLIED, (), (*trail, RuleTrace("everything_agrees", hit=True, note="row 46")))


def _walk(rules: Iterable[tuple[int, object]], case: Case) -> tuple[list[Finding], list[RuleTrace]]:
    findings: list[Finding] = []
    trail: list[RuleTrace] = []
    for row, rule in rules:
        found = list(rule(case))  # type: ignore[operator]
        findings.extend(found)
        trail.append(RuleTrace(rule.__name__, hit=bool(found), note=f"row {row}" if row else "reading"))  # type: ignore[attr-defined]
    return findings, trail


def _sound(group: Group) -> bool:
    """Check once more, whatever the rules said, that nothing impossible is applied."""
    payment, amounts = group.payment, [asked.amount for asked in group.lines]
    if payment is None or not amounts or any(not amount or amount <= 0 for amount in amounts):
        return False
    whole = all(
        asked.payable
        and asked.invoice
        and (asked.amount or 0) <= asked.invoice.open_amount
        and asked.invoice.currency == payment.currency
        and asked.invoice.partner_id == payment.partner_id
        for asked in group.lines
    )
    return (
        whole
        and sum(amount or 0 for amount in amounts) <= payment.unallocated
        and len({asked.line.invoice for asked in group.lines}) == len(group.lines)
    )


def _doubt(group: Group) -> Finding:
    """Ask for the amounts when no rule has words for what is wrong."""
    about = group.lines[0].line.invoice if group.lines else None
    return Finding(
        Reason.AMBIGUOUS_AMOUNT, Missing.AMOUNT, question=Question(QuestionKind.AMOUNT_UNCLEAR, invoice=about)
    )


def held_back(entry: Judged) -> Judged:
    """Return a group that would be applied as one whose amounts are asked for."""
    return Judged(entry.group, Standing.NEEDS_DETAILS, (_doubt(entry.group),), entry.trail)


def _applications(group: Group) -> Iterable[Application]:
    payment = group.payment
    if payment is None:
        return
    left = payment.unallocated
    for asked in group.lines:
        if asked.invoice and asked.amount:
            yield Application(
                payment.partner_id,
                payment.payment_number,
                asked.invoice.invoice_number,
                asked.amount,
                payment.currency,
                left,
                asked.invoice.open_amount,
            )
            left -= asked.amount
