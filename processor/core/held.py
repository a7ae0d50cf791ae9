"""What holds a judged group back: the mail as a whole, an attachment that can't be read, balances, doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core import writing
from processor.core.decision import Application, RuleTrace
from processor.core.hedges import unexplained
from processor.core.judge import Judged, Standing, held_back
from processor.core.letter import Question, QuestionKind
from processor.core.outcomes import Missing, Reason
from processor.core.rules.case import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.matching.group import Group
    from processor.core.memory import Memory
    from processor.core.reading.read import Reading
    from processor.core.reading.stated import Stated
    from processor.core.request import AskedAmount

_INCOMPLETE = frozenset(
    {
        QuestionKind.WHICH_INVOICE,
        QuestionKind.WHICH_PAYMENT,
        QuestionKind.NO_PAYMENT,
        QuestionKind.WHICH_AMOUNTS,
        QuestionKind.PAIRING,
        QuestionKind.TOTAL_DIFFERS,
    }
)


def findings_about_the_mail(memory: Memory, found: Sequence[Group], reading: Reading) -> list[Finding]:
    """Return what keeps every group waiting: a passed-on text without an instruction, two sources that disagree."""
    findings = []
    if memory.confirm:
        lines = writing.understood(found)
        findings.append(
            Finding(None, Missing.CONFIRMATION, question=Question(QuestionKind.CONFIRM_FORWARD, lines=lines))
        )
    if memory.disagreed:
        told = reading.disagreement
        findings.append(
            Finding(
                Reason.SOURCES_DISAGREE,
                question=Question(
                    QuestionKind.SOURCES_DISAGREE,
                    invoice=told.invoice if told else None,
                    seen=told.body if told else None,
                    other=told.other if told else None,
                ),
            )
        )
    return findings


def without_the_unread(judged: Sequence[Judged], reading: Reading) -> list[Judged]:
    """Ask for a readable attachment alone, where what is missing may stand in one that can't be read."""
    if not reading.unreadable or all(entry.standing is not Standing.NEEDS_DETAILS for entry in judged):
        return list(judged)
    question = Question(QuestionKind.READABLE_ATTACHMENT, names=reading.unreadable)
    ask = Finding(Reason.ATTACHMENT_UNREADABLE, Missing.READABLE_ATTACHMENT, question=question)
    incomplete = [
        entry
        for entry in judged
        if any(finding.question and finding.question.kind in _INCOMPLETE for finding in entry.findings)
    ]
    return [replace(entry, findings=(ask,)) if entry in incomplete else entry for entry in judged]


def explained(judged: Sequence[Judged], stated: Stated, snapshot: Snapshot) -> list[Judged]:
    """Hold back what would be applied beside an amount that nothing explains."""
    amount = unexplained([entry.group for entry in judged], stated, snapshot)
    return [_asked_about(entry, amount) if amount else entry for entry in judged]


def _asked_about(entry: Judged, amount: AskedAmount) -> Judged:
    if entry.standing is not Standing.APPLIED:
        return entry
    ask = Finding(
        Reason.AMBIGUOUS_AMOUNT, Missing.AMOUNT, question=Question(QuestionKind.AMOUNT_UNCLEAR, seen=amount.seen)
    )
    trail = (*entry.trail, RuleTrace("amounts_are_explained", hit=True, note="reading"))
    return Judged(entry.group, Standing.NEEDS_DETAILS, (ask,), trail)


def to_confirm(entry: Judged) -> Judged:
    """Hold back a group that would be applied, until the partner says yes: the words leave it open."""
    if entry.standing is not Standing.APPLIED:
        return entry
    question = Question(QuestionKind.CONFIRM_NOW, lines=writing.understood((entry.group,)))
    ask = Finding(None, Missing.CONFIRMATION, question=question)
    trail = (*entry.trail, RuleTrace("words_leave_no_doubt", hit=True, note="reading"))
    return Judged(entry.group, Standing.NEEDS_DETAILS, (ask,), trail)


def waits_for_a_yes(entry: Judged) -> bool:
    """Tell whether only the partner's yes is asked for: `to_confirm` held the group back."""
    return any(finding.question and finding.question.kind is QuestionKind.CONFIRM_NOW for finding in entry.findings)


def within_balances(judged: Sequence[Judged], snapshot: Snapshot) -> list[Judged]:
    """Hold back groups that each fit the ledger and together don't: two that draw on one payment, say."""
    room: dict[tuple[str, str, str], int] = {
        **{("invoice", item.partner_id, item.invoice_number): item.open_amount for item in snapshot.invoices},
        **{("payment", item.partner_id, item.payment_number): item.unallocated for item in snapshot.payments},
    }
    for entry in judged:
        for one in entry.applications:
            room["invoice", one.partner_id, one.invoice] -= one.amount
            room["payment", one.partner_id, one.payment] -= one.amount
    over = {key for key, rest in room.items() if rest < 0}
    if not over:
        return list(judged)
    return [held_back(entry) if any(_touches(one, over) for one in entry.applications) else entry for entry in judged]


def _touches(one: Application, over: set[tuple[str, str, str]]) -> bool:
    return bool({("invoice", one.partner_id, one.invoice), ("payment", one.partner_id, one.payment)} & over)
