"""What a request remembers: what a fresh mail asks for, and what waits once groups are done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.judge import Judged, Standing
from processor.core.letter import Question, QuestionKind
from processor.core.memory import Asked, Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.outcomes import Reason
    from processor.core.reading.read import Reading


def fresh_memory(reading: Reading) -> Memory:
    """Return what a mail that opens a request asks for."""
    partner_id = reading.partner_ids[0] if len(set(reading.partner_ids)) == 1 else None
    return Memory(
        reading.stated,
        partner_id=partner_id,
        confirm=reading.forwarded,
        unread=bool(reading.unreadable),
        disagreed=reading.disagreement is not None,
    )


def what_waits(memory: Memory, judged: Sequence[Judged], reasons: Sequence[Reason]) -> Memory:
    """Keep what waits, without the groups that are done, and what was offered to choose from."""
    done = [entry.group for entry in judged if entry.standing in {Standing.APPLIED, Standing.REPEATED}]
    lines_done = {id(asked.line) for group in done for asked in group.lines}
    payments_done = {group.named for group in done if group.named}
    stated = replace(
        memory.stated,
        lines=tuple(line for line in memory.stated.lines if id(line) not in lines_done),
        lone_payments=tuple(payment for payment in memory.stated.lone_payments if payment not in payments_done),
        totals=memory.stated.totals if not done else (),
        evidence=(),
    )
    asked = tuple(asked_about(finding.question) for entry in judged for finding in entry.findings if finding.question)
    return replace(memory, stated=stated, asked=asked, reasons=tuple(reason.value for reason in reasons))


def asked_about(question: Question) -> Asked:
    """Return what a request remembers of a question: what it offered to choose from."""
    choices = tuple(choice.payment or "" for choice in question.choices)
    if question.neighbour:
        choices = (question.neighbour,)
    if question.kind is QuestionKind.CURRENCY and question.currency:
        choices = (question.currency,)
    alternatives = tuple(
        tuple((line.payment or "", line.invoice or "") for line in option) for option in question.alternatives
    )
    about = question.payment if question.kind is QuestionKind.PAYMENT_UNKNOWN else question.invoice
    return Asked(question.kind, about or "", choices, alternatives)
