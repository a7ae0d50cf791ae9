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
from processor.core.hedges import is_hedged
from processor.core.held import (
    explained,
    findings_about_the_mail,
    to_confirm,
    waits_for_a_yes,
    within_balances,
    without_the_unread,
)
from processor.core.identity import identify
from processor.core.judge import Judged, Standing, judge
from processor.core.matching.groups import groups
from processor.core.memory import Memory, load_memory
from processor.core.outcomes import Outcome, Reason
from processor.core.remembering import fresh_memory, what_waits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Conversation
    from processor.core.matching.group import Group
    from processor.core.message import Message
    from processor.core.policy import Policy


def decide(message: Message, snapshot: Snapshot, policy: Policy) -> Decision:
    """Decide one mail by `decisions.md`: the gates in their order, then each group by its rows."""
    case = Situation(message, snapshot, policy, identify(message, policy, snapshot))
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
    language = _ending_language(case, ending)
    joins = conversation is not None and (ending.state is RequestState.WITHDRAWN or ending.reason is Reason.BOUNCE)
    read = case.permitted.contacts or ending.letter
    report = case.message.report
    return Decision(
        outcome=ending.outcome,
        sender=case.identity.address or "",
        missing=(ending.missing,) if ending.missing else (),
        reasons=(ending.reason,) if ending.reason else (),
        partner_id=_partner_of(case),
        letter=writing.ending_letter(ending, case, language) if ending.letter else None,
        language=language,
        state=_ending_state(ending),
        memory=_ending_memory(ending, conversation if joins else None),
        joins=joins,
        opens=not joins and ending.outcome in {Outcome.REJECTED, Outcome.NEEDS_DETAILS},
        reviews=_ending_reviews(ending),
        undelivered=report.original_message_id if ending.reason is Reason.BOUNCE and report else "",
        evidence=case.reading.evidence if read and not case.message.over_limit else (),
        trail=trail,
    )


def _ending_language(case: Situation, ending: Ending) -> str:
    if not ending.letter and not case.snapshot.contacts:
        return "en"
    return _language(case, case.permitted if case.permitted.partners else case.snapshot)


def _ending_state(ending: Ending) -> RequestState | None:
    by_outcome = {Outcome.REJECTED: RequestState.IN_REVIEW, Outcome.ANSWERED: RequestState.ANSWERED}
    return ending.state or by_outcome.get(ending.outcome)


def _ending_memory(ending: Ending, joined: Conversation | None) -> str:
    if joined:
        return joined.memory
    return Memory().dump() if ending.state is RequestState.WAITING else ""


def _ending_reviews(ending: Ending) -> tuple[ReviewItem, ...]:
    if ending.reviews or ending.outcome is not Outcome.REJECTED or not ending.reason:
        return ending.reviews
    return (ReviewItem(ending.reason.value),)


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
    memory = fresh_memory(reading)
    narrowed: tuple[str, ...] = ()
    if waiting and conversation:
        merged = merge(load_memory(conversation.memory), reading, snapshot)
        if not merged.changed:
            return _unchanged(case, conversation, trail)
        memory, narrowed = merged.memory, merged.narrowed
    partner_id = memory.partner_id
    found = groups(memory.stated, snapshot, case.policy, partner_id)
    found = tuple(_narrowed(group, narrowed) for group in found)
    extra = findings_about_the_mail(memory, found, reading)
    judged = [judge(group, snapshot, case.policy, extra) for group in found]
    judged = within_balances(without_the_unread(judged, reading), snapshot)
    judged = explained(judged, memory.stated, snapshot)
    if memory.hedged or is_hedged(reading, found, answering=waiting):
        judged = [to_confirm(entry) for entry in judged]
        memory = replace(memory, hedged=any(waits_for_a_yes(entry) for entry in judged))
    return _decided(case, memory, judged, trail, joins=waiting)


def _narrowed(group: Group, payments: Sequence[str]) -> Group:
    if not payments or group.payment or group.named:
        return group
    return replace(
        group, candidates=tuple(payment for payment in group.candidates if payment.payment_number in payments)
    )


def _unchanged(case: Situation, conversation: Conversation, trail: tuple[RuleTrace, ...]) -> Decision:
    """Leave a request waiting, for an answer that adds nothing."""
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
    remembered = what_waits(memory, judged, reasons) if state is RequestState.WAITING else memory
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
