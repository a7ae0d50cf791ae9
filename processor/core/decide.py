"""The one place that decides: a message and a snapshot go in, a decision with its trail comes out.
No I/O, no clock, no chance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core import writing
from processor.core.answers.merge import merge
from processor.core.decision import Application, Decision, RequestState, ReviewItem, RuleTrace, Snapshot
from processor.core.gates import GATES, Ending, Situation
from processor.core.hedges import is_hedged, unexplained
from processor.core.identity import identify
from processor.core.judge import Judged, Standing, held_back, judge
from processor.core.letter import Question, QuestionKind
from processor.core.matching.groups import groups
from processor.core.memory import Asked, Memory, load_memory
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.rules.case import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.matching.group import Group
    from processor.core.message import Message
    from processor.core.policy import Policy
    from processor.core.reading.read import Reading
    from processor.core.reading.stated import Stated

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


def decide(message: Message, snapshot: Snapshot, policy: Policy) -> Decision:
    """Decide one mail by `decisions.md`: the gates in their order, then each group by its rows."""
    case = Situation(message, snapshot, policy, identify(message, policy))
    trail: list[RuleTrace] = []
    for number, gate in GATES:
        ending = gate(case)
        trail.append(RuleTrace(gate.__name__, hit=ending is not None, note=f"gate {number}"))
        if ending is not None:
            return _ended(case, ending, tuple(trail))
    return _requested(case, tuple(trail))


def _ended(case: Situation, ending: Ending, trail: tuple[RuleTrace, ...]) -> Decision:
    """Turn a gate's ending into a decision."""
    conversation = case.snapshot.conversation
    known = bool(case.snapshot.contacts)
    language = (
        _language(case, case.permitted if case.permitted.partners else case.snapshot)
        if ending.letter or known
        else "en"
    )
    letter = writing.ending_letter(ending, case, language) if ending.letter else None
    joins = conversation is not None and (ending.state is RequestState.WITHDRAWN or ending.reason is Reason.BOUNCE)
    read = case.permitted.contacts or ending.letter
    return Decision(
        outcome=ending.outcome,
        sender=case.identity.address or "",
        missing=(ending.missing,) if ending.missing else (),
        reasons=(ending.reason,) if ending.reason else (),
        partner_id=_partner_of(case),
        letter=letter,
        language=language,
        state=ending.state
        or (
            RequestState.IN_REVIEW
            if ending.outcome is Outcome.REJECTED
            else RequestState.ANSWERED
            if ending.outcome is Outcome.ANSWERED
            else None
        ),
        memory=conversation.memory
        if joins and conversation
        else Memory().dump()
        if ending.state is RequestState.WAITING
        else "",
        joins=joins,
        opens=not joins and ending.outcome in {Outcome.REJECTED, Outcome.NEEDS_DETAILS},
        reviews=ending.reviews
        or ((ReviewItem(ending.reason.value),) if ending.outcome is Outcome.REJECTED and ending.reason else ()),
        undelivered=case.message.report.original_message_id
        if ending.reason is Reason.BOUNCE and case.message.report
        else "",
        evidence=case.reading.evidence if read and not case.message.over_limit else (),
        trail=trail,
    )


def _partner_of(case: Situation) -> str | None:
    partners = case.permitted.partners or case.snapshot.partners
    return partners[0].partner_id if len(partners) == 1 else None


def _language(case: Situation, snapshot: Snapshot) -> str:
    """Return the language of the mail, else the partner's, else English."""
    spoken = case.reading.language if not case.message.over_limit else None
    known = next(
        (partner.language for partner in snapshot.partners if partner.language in case.policy.phrases.function_words),
        None,
    )
    return spoken or known or "en"


# --- a request ----------------------------------------------------------------------------------------------------


def _requested(case: Situation, trail: tuple[RuleTrace, ...]) -> Decision:
    """Decide a request, or an answer to one that waits."""
    snapshot, reading = case.permitted, case.reading
    conversation = snapshot.conversation
    waiting = conversation is not None and conversation.state is RequestState.WAITING
    memory = _fresh(reading)
    narrowed: tuple[str, ...] = ()
    if waiting and conversation:
        merged = merge(load_memory(conversation.memory), reading, snapshot)
        if not merged.changed:
            return _unchanged(case, trail)
        memory, narrowed = merged.memory, merged.narrowed
    partner_id = memory.partner_id
    found = groups(memory.stated, snapshot, case.policy, partner_id)
    found = tuple(_narrowed(group, narrowed) for group in found)
    extra = _findings_about_the_mail(memory, found, reading)
    judged = [judge(group, snapshot, case.policy, extra) for group in found]
    judged = _within_balances(_without_the_unread(judged, reading), snapshot)
    judged = [_explained(entry, memory.stated, snapshot) for entry in judged]
    if memory.hedged or is_hedged(reading, found):
        judged = [_to_confirm(entry) for entry in judged]
        memory = replace(memory, hedged=any(_waits_for_a_yes(entry) for entry in judged))
    return _decided(case, memory, judged, trail, joins=waiting)


def _fresh(reading: Reading) -> Memory:
    partner_id = reading.partner_ids[0] if len(set(reading.partner_ids)) == 1 else None
    return Memory(
        reading.stated,
        partner_id=partner_id,
        confirm=reading.forwarded,
        unread=bool(reading.unreadable),
        disagreed=reading.disagreement is not None,
    )


def _narrowed(group: Group, payments: Sequence[str]) -> Group:
    if not payments or group.payment or group.named:
        return group
    return replace(
        group, candidates=tuple(payment for payment in group.candidates if payment.payment_number in payments)
    )


def _findings_about_the_mail(memory: Memory, found: Sequence[Group], reading: Reading) -> list[Finding]:
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


def _without_the_unread(judged: Sequence[Judged], reading: Reading) -> list[Judged]:
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


def _explained(entry: Judged, stated: Stated, snapshot: Snapshot) -> Judged:
    """Hold back a group beside which an amount stands that nothing explains."""
    amount = unexplained(entry.group, stated, snapshot) if entry.standing is Standing.APPLIED else None
    if amount is None:
        return entry
    ask = Finding(
        Reason.AMBIGUOUS_AMOUNT, Missing.AMOUNT, question=Question(QuestionKind.AMOUNT_UNCLEAR, seen=amount.seen)
    )
    trail = (*entry.trail, RuleTrace("amounts_are_explained", hit=True, note="reading"))
    return Judged(entry.group, Standing.NEEDS_DETAILS, (ask,), trail)


def _to_confirm(entry: Judged) -> Judged:
    """Hold back a group that would be applied, until the partner says yes: the words leave it open."""
    if entry.standing is not Standing.APPLIED:
        return entry
    question = Question(QuestionKind.CONFIRM_NOW, lines=writing.understood((entry.group,)))
    ask = Finding(None, Missing.CONFIRMATION, question=question)
    trail = (*entry.trail, RuleTrace("words_leave_no_doubt", hit=True, note="reading"))
    return Judged(entry.group, Standing.NEEDS_DETAILS, (ask,), trail)


def _waits_for_a_yes(entry: Judged) -> bool:
    return any(finding.question and finding.question.kind is QuestionKind.CONFIRM_NOW for finding in entry.findings)


def _within_balances(judged: Sequence[Judged], snapshot: Snapshot) -> list[Judged]:
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


def _unchanged(case: Situation, trail: tuple[RuleTrace, ...]) -> Decision:
    """Leave a request waiting, for an answer that adds nothing."""
    conversation = case.permitted.conversation
    if conversation is None:
        raise AssertionError
    memory = load_memory(conversation.memory)
    return Decision(
        Outcome.NEEDS_DETAILS,
        case.identity.address or "",
        missing=conversation.missing,
        reasons=tuple(Reason(reason) for reason in memory.reasons),
        partner_id=conversation.partner_id,
        language=_language(case, case.permitted),
        state=RequestState.WAITING,
        memory=conversation.memory,
        joins=True,
        evidence=case.reading.evidence,
        trail=(*trail, RuleTrace("answer_adds_something", hit=False)),
    )


def _decided(
    case: Situation, memory: Memory, judged: Sequence[Judged], trail: tuple[RuleTrace, ...], *, joins: bool
) -> Decision:
    """Bring the groups together: the message's outcome is that of its least finished group."""
    outcome = _outcome(judged)
    findings = [finding for entry in judged for finding in entry.findings]
    missing = tuple(dict.fromkeys(finding.missing for finding in findings if finding.missing))
    reasons = tuple(dict.fromkeys(finding.reason for finding in findings if finding.reason))
    if outcome is Outcome.APPLIED:
        missing, reasons = (), ()
    language = _language(case, case.permitted)
    state = {
        Outcome.APPLIED: RequestState.APPLIED,
        Outcome.ANSWERED: RequestState.ANSWERED,
        Outcome.REJECTED: RequestState.IN_REVIEW,
    }.get(outcome, RequestState.WAITING)
    if outcome is Outcome.REJECTED and missing:
        state = RequestState.WAITING
    partners = {entry.group.partner_id for entry in judged}
    remembered = _remembered(memory, judged, reasons) if state is RequestState.WAITING else memory
    return Decision(
        outcome=outcome,
        sender=case.identity.address or "",
        missing=missing,
        reasons=reasons,
        partner_id=next(iter(partners)) if len(partners) == 1 else None,
        applications=_in_turn(judged, case.permitted),
        letter=writing.request_letter(case, judged, outcome, language),
        language=language,
        state=state,
        memory=remembered.dump(),
        joins=joins,
        opens=not joins,
        reviews=_reviews(judged, outcome, reasons),
        evidence=case.reading.evidence,
        trail=(*trail, *(step for entry in judged for step in entry.trail)),
    )


def _in_turn(judged: Sequence[Judged], snapshot: Snapshot) -> tuple[Application, ...]:
    """Return what is written, each application with the balances that those before it leave:
    what waits takes nothing (row 44).
    """
    opened = {(invoice.partner_id, invoice.invoice_number): invoice.open_amount for invoice in snapshot.invoices}
    left = {(payment.partner_id, payment.payment_number): payment.unallocated for payment in snapshot.payments}
    written: list[Application] = []
    for application in (application for entry in judged for application in entry.applications):
        invoice = (application.partner_id, application.invoice)
        payment = (application.partner_id, application.payment)
        written.append(replace(application, payment_left_before=left[payment], invoice_open_before=opened[invoice]))
        left[payment] -= application.amount
        opened[invoice] -= application.amount
    return tuple(written)


def _outcome(judged: Sequence[Judged]) -> Outcome:
    standings = {entry.standing for entry in judged}
    if Standing.REJECTED in standings:
        return Outcome.REJECTED
    if Standing.NEEDS_DETAILS in standings:
        return Outcome.NEEDS_DETAILS
    return Outcome.APPLIED if Standing.APPLIED in standings else Outcome.ANSWERED


def _reviews(judged: Sequence[Judged], outcome: Outcome, reasons: Sequence[Reason]) -> tuple[ReviewItem, ...]:
    """Return what people must look at: rejections, and the deductions of row 37."""
    items = [ReviewItem(reason.value) for reason in reasons] if outcome is Outcome.REJECTED else []
    items += [ReviewItem("deduction", f"{line.invoice}") for entry in judged for line in writing.deductions(entry)]
    return tuple(items)


def _remembered(memory: Memory, judged: Sequence[Judged], reasons: Sequence[Reason]) -> Memory:
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
