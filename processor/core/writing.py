"""From a decision to what a letter says: facts only, the words are the templates'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.decision import RequestState
from processor.core.judge import Judged, Standing
from processor.core.letter import Letter, LetterKind, LetterLine, Question, QuestionKind, StatementFacts
from processor.core.matching.group import is_payable
from processor.core.model import Money
from processor.core.outcomes import Missing, Outcome
from processor.core.rules.case import standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from processor.core.decision import Snapshot
    from processor.core.gates import Ending, Situation
    from processor.core.matching.group import Group
    from processor.core.model import Allocation, Partner


def _letter(case: Situation, kind: LetterKind, language: str, **facts: object) -> Letter:
    snapshot = case.snapshot
    name = snapshot.contacts[0].name if snapshot.contacts else ""
    return Letter(kind, language, case.identity.address or "", name, case.message.subject, **facts)  # type: ignore[arg-type]


def ending_letter(ending: Ending, case: Situation, language: str) -> Letter:
    """Write the letter of a gate."""
    kind = ending.letter or LetterKind.ACKNOWLEDGEMENT
    return (
        _status(case, language) if kind is LetterKind.STATUS else _letter(case, kind, language, **_facts(ending, case))
    )


def _facts(ending: Ending, case: Situation) -> dict[str, object]:
    """Return what the letter of a gate says beyond its kind."""
    roles = tuple(sorted(case.policy.profile.roles))
    conversation = case.snapshot.conversation
    if ending.letter is LetterKind.ROLE:
        return {"roles": roles}
    if ending.letter is LetterKind.STATEMENT:
        return {"statements": tuple(statement(partner, case.permitted) for partner in _asked_partners(case))}
    if ending.letter is LetterKind.QUESTION and ending.missing is Missing.PARTNER_ID:
        names = tuple(f"{partner.partner_id} ({partner.name})" for partner in case.permitted.partners)
        return {"questions": (Question(QuestionKind.WHICH_PARTNER, names=names),), "answer_by": _answer_by(case)}
    if ending.letter is LetterKind.WITHDRAWN and conversation:
        made = _made_by(case.permitted, conversation.reference)
        return {"reference": conversation.reference, "applied": made}
    if ending.letter is LetterKind.HOW_TO:
        return {"roles": roles, **_publication(case, case.snapshot.today)}
    return {}


def _made_by(snapshot: Snapshot, reference: str) -> tuple[LetterLine, ...]:
    """Return what a request has brought about so far."""
    return tuple(_allocated(row) for row in standing(snapshot) if row.request == reference)


def _allocated(row: Allocation) -> LetterLine:
    return LetterLine(
        row.payment_number, row.invoice_number, Money(row.amount, row.currency), on=row.allocated_at.date()
    )


def _publication(case: Situation, day: date) -> dict[str, date]:
    """Return between which days the billing page shows what is applied on a day."""
    profile = case.policy.profile
    return {
        "publication_from": profile.business_day(day, profile.publication_from_days),
        "publication_by": profile.business_day(day, profile.publication_to_days),
    }


def _asked_partners(case: Situation) -> Iterable[Partner]:
    stated = set(case.reading.partner_ids)
    return [partner for partner in case.permitted.partners if not stated or partner.partner_id in stated]


def statement(partner: Partner, snapshot: Snapshot) -> StatementFacts:
    """Return a partner's own unallocated payments and open invoices (gate 13)."""
    payments = tuple(
        LetterLine(
            payment.payment_number,
            amount=Money(payment.amount, payment.currency),
            payment_left=Money(payment.unallocated, payment.currency),
            on=payment.received_on,
        )
        for payment in sorted(snapshot.payments, key=lambda payment: (payment.received_on, payment.payment_number))
        if payment.partner_id == partner.partner_id and payment.unallocated
    )
    invoices = tuple(
        LetterLine(
            invoice=invoice.invoice_number,
            amount=Money(invoice.total, invoice.currency),
            invoice_open=Money(invoice.open_amount, invoice.currency),
            on=invoice.due_on,
        )
        for invoice in sorted(snapshot.invoices, key=lambda invoice: (invoice.issued_on, invoice.invoice_number))
        if invoice.partner_id == partner.partner_id and invoice.open_amount and is_payable(invoice)
    )
    return StatementFacts(partner.partner_id, partner.name, payments, invoices)


def _status(case: Situation, language: str) -> Letter:
    """Say where a request, or an own item that the mail names, stands."""
    conversation = case.snapshot.conversation
    named = {value for _, value in case.reading.named}
    reference = conversation.reference if conversation else ""
    rows = [
        row
        for row in standing(case.permitted)
        if (reference and row.request == reference) or row.payment_number in named or row.invoice_number in named
    ]
    status = conversation.state.value if conversation else "item" if rows or named else "unknown"
    waiting = conversation is not None and conversation.state is RequestState.WAITING
    dates = _publication(case, min(row.allocated_at.date() for row in rows)) if rows else {}
    return _letter(
        case,
        LetterKind.STATUS,
        language,
        reference=reference,
        applied=tuple(_allocated(row) for row in rows),
        kept=() if rows else _items(case, named),
        status=status,
        answer_by=_answer_by(case) if waiting else None,
        **dates,
    )


def _items(case: Situation, named: set[str]) -> tuple[LetterLine, ...]:
    """Return the balances of own items that a question names."""
    snapshot = case.permitted
    payments = [
        LetterLine(payment.payment_number, payment_left=Money(payment.unallocated, payment.currency))
        for payment in snapshot.payments
        if payment.payment_number in named
    ]
    invoices = [
        LetterLine(invoice=invoice.invoice_number, invoice_open=Money(invoice.open_amount, invoice.currency))
        for invoice in snapshot.invoices
        if invoice.invoice_number in named
    ]
    return (*payments, *invoices)


def request_letter(case: Situation, judged: Sequence[Judged], outcome: Outcome, language: str) -> Letter:
    """Write the answer to a request: what was applied, what is kept, what is asked;
    or what an earlier mail brought about.
    """
    applied = tuple(line for entry in judged for line in _applied(entry))
    questions = _questions(judged)
    conversation = case.permitted.conversation
    reference = conversation.reference if conversation and conversation.state is RequestState.WAITING else ""
    review = any(entry.standing is Standing.REJECTED for entry in judged)
    dates = _publication(case, case.snapshot.today) if applied else {}
    if outcome is Outcome.ANSWERED:
        return _letter(
            case, LetterKind.DUPLICATE, language, reference=reference, applied=tuple(_earlier(case.permitted, judged))
        )
    kind = LetterKind.QUESTION if questions else LetterKind.CONFIRMATION if applied else LetterKind.ACKNOWLEDGEMENT
    waiting = [entry.group for entry in judged if entry.standing is Standing.NEEDS_DETAILS]
    return _letter(
        case,
        kind,
        language,
        reference=reference,
        applied=applied,
        kept=() if kind is LetterKind.ACKNOWLEDGEMENT else understood(waiting),
        questions=questions,
        answer_by=_answer_by(case) if questions else None,
        unread=case.reading.unreadable if applied else (),
        under_review=review,
        deductions=tuple(line for entry in judged for line in deductions(entry)),
        **dates,
    )


def _answer_by(case: Situation) -> date:
    return case.policy.profile.business_day(case.snapshot.today, case.policy.profile.expiry_days)


def _questions(judged: Sequence[Judged]) -> tuple[Question, ...]:
    """Return each question once, in the order of the groups; a rejected group asks nothing."""
    asked = [
        finding.question
        for entry in judged
        if entry.standing is Standing.NEEDS_DETAILS
        for finding in entry.findings
        if finding.question
    ]
    return tuple(dict.fromkeys(asked))


def _applied(entry: Judged) -> Iterable[LetterLine]:
    group = entry.group
    for application, asked in zip(entry.applications, group.lines, strict=False):
        left = application.payment_left_before - application.amount
        still = application.invoice_open_before - application.amount
        currency = application.currency
        yield LetterLine(
            application.payment,
            asked.line.invoice,
            Money(application.amount, currency),
            Money(left, currency),
            Money(still, currency),
            payment_named=group.named is not None,
        )


def deductions(entry: Judged) -> Iterable[LetterLine]:
    """Return lines applied below the open balance with a reason (row 37)."""
    if entry.group.deduction:
        yield from (line for line in _applied(entry) if line.invoice_open and line.invoice_open.minor)


def understood(found: Sequence[Group]) -> tuple[LetterLine, ...]:
    """Return what is kept of groups that wait."""
    return tuple(line for group in found for line in _kept(group))


def _kept(group: Group) -> Iterable[LetterLine]:
    payment = group.payment
    left = Money(payment.unallocated, payment.currency) if payment else None
    number = payment.payment_number if payment else None
    sound = [(asked.invoice, asked.amount) for asked in group.lines if asked.invoice and asked.payable]
    for invoice, minor in sound:
        amount = Money(minor, invoice.currency) if minor else None
        yield LetterLine(
            number, invoice.invoice_number, amount, payment_left=left, payment_named=group.named is not None
        )
    if not sound and number:
        yield LetterLine(number, payment_left=left)


def _earlier(snapshot: Snapshot, judged: Sequence[Judged]) -> Iterable[LetterLine]:
    """Return the allocations that an earlier mail brought about for these lines (row 31)."""
    pairs = {
        (entry.group.payment.payment_number, asked.line.invoice)
        for entry in judged
        if entry.group.payment
        for asked in entry.group.lines
    }
    for row in standing(snapshot):
        if (row.payment_number, row.invoice_number) in pairs:
            yield _allocated(row)
