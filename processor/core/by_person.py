"""What a person decides about a matter that was held: the same decision as the processor's own, with the same letters.

A person may choose what to apply; what the books forbid stays forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.currencies import to_text
from processor.core.decision import Application, Decision, RequestState, RuleTrace
from processor.core.letter import Letter, LetterKind, LetterLine, Question, QuestionKind
from processor.core.matching.group import is_payable
from processor.core.matching.groups import groups
from processor.core.memory import Memory, load_memory
from processor.core.model import InvoiceStatus, Money
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.remembering import asked_about

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from processor.core.decision import Conversation, Snapshot
    from processor.core.model import Allocation, Contact, Invoice, Payment
    from processor.core.policy import Policy
    from processor.core.profile import Profile
    from processor.core.reading.stated import Stated


@dataclass(frozen=True, slots=True)
class Chosen:
    """A line that a person chose; `amount` in minor units, None for as much as fits."""

    payment: str
    invoice: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A matter before a person: one partner's account today, the request, what its mail asked, whom a letter may reach.

    `recipient` is None where nobody may be written to; `served` are the partners of the sender, as letters name them.
    """

    account: Snapshot
    sender: str
    recipient: Contact | None
    language: str
    subject: str
    stated: Stated
    conversation: Conversation | None = None
    served: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def partner_id(self) -> str | None:
        """The partner whose account it is."""
        return self.account.partners[0].partner_id if self.account.partners else None

    @property
    def memory(self) -> Memory:
        """What the request remembers; where it remembers nothing, what its mail states."""
        remembered = self.conversation.memory if self.conversation else ""
        return load_memory(remembered) if remembered else Memory(replace(self.stated, evidence=()))


def understood(held: Held, policy: Policy) -> tuple[Chosen, ...]:
    """Return the lines that were understood whole: what a person is offered to apply."""
    found = groups(held.memory.stated, held.account, policy, held.partner_id)
    return tuple(
        Chosen(group.payment.payment_number, asked.invoice.invoice_number, asked.amount)
        for group in found
        for asked in group.lines
        if group.payment and asked.invoice and asked.amount
    )


def applications_of(chosen: Sequence[Chosen], account: Snapshot) -> tuple[tuple[Application, ...], tuple[str, ...]]:
    """Return what would be written to the ledger, or one sentence for each thing that forbids it."""
    payments = {one.payment_number: one for one in account.payments}
    invoices = {one.invoice_number: one for one in account.invoices}
    left = {number: one.unallocated for number, one in payments.items()}
    still_open = {number: one.open_amount for number, one in invoices.items()}
    made: list[Application] = []
    problems: list[str] = [] if chosen else ["nothing is chosen to be applied"]
    for line in chosen:
        payment, invoice = payments.get(line.payment), invoices.get(line.invoice)
        wrong = [*_unknown(line, payment, invoice)]
        if payment and invoice and not wrong:
            fits = min(left[line.payment], still_open[line.invoice])
            amount = fits if line.amount is None else line.amount
            wrong = [*_forbidden(line, payment, invoice, amount, fits)]
            before = (left[line.payment], still_open[line.invoice])
            made.append(Application(payment.partner_id, line.payment, line.invoice, amount, payment.currency, *before))
            left[line.payment] -= amount
            still_open[line.invoice] -= amount
        problems += wrong
    return (() if problems else tuple(made)), tuple(problems)


def applied_by_person(held: Held, made: Sequence[Application], policy: Policy, note: str = "") -> Decision:
    """Decide to apply."""
    profile, today = policy.profile, held.account.today
    letter = _letter(
        held,
        LetterKind.CONFIRMATION,
        note,
        applied=tuple(map(_line, made)),
        publication_from=profile.business_day(today, profile.publication_from_days),
        publication_by=profile.business_day(today, profile.publication_to_days),
    )
    return _decision(held, Outcome.APPLIED, RequestState.APPLIED, letter, applications=tuple(made))


def asked_by_person(held: Held, missing: Sequence[Missing], policy: Policy, note: str = "") -> Decision:
    """Decide to ask the partner for what is missing; the answer joins the request and is decided as any other."""
    questions = tuple(_question(one, held, policy) for one in missing)
    profile = policy.profile
    letter = _letter(
        held,
        LetterKind.QUESTION,
        note,
        questions=questions,
        answer_by=profile.business_day(held.account.today, profile.expiry_days),
    )
    memory = replace(held.memory, asked=tuple(map(asked_about, questions)), reasons=())
    decision = _decision(held, Outcome.NEEDS_DETAILS, RequestState.WAITING, letter, missing=tuple(missing))
    return replace(decision, memory=memory.dump())


def rejected_by_person(held: Held, reason: Reason, note: str = "", *, tell: bool = True) -> Decision:
    """Decide to end the matter without an allocation; `tell` writes that to the partner."""
    letter = _letter(held, LetterKind.STATUS, note, status=RequestState.REJECTED.value) if tell else None
    return _decision(held, Outcome.REJECTED, RequestState.REJECTED, letter, reasons=(reason,))


def reversal_letter(row: Allocation, left: int, still_open: int, profile: Profile, today: date) -> Letter:
    """Write that an allocation was taken back; `left` and `still_open` are the balances before, in minor units."""
    amounts = (row.amount, left + row.amount, still_open + row.amount)
    amount, payment_left, invoice_open = (Money(minor, row.currency) for minor in amounts)
    line = LetterLine(row.payment_number, row.invoice_number, amount, payment_left, invoice_open)
    return Letter(
        LetterKind.REVERSED,
        language="en",
        to="",
        name="",
        subject="",
        reference=row.request,
        applied=(line,),
        publication_from=profile.business_day(today, profile.publication_from_days),
        publication_by=profile.business_day(today, profile.publication_to_days),
    )


def _decision(held: Held, outcome: Outcome, state: RequestState, letter: Letter | None, **facts: object) -> Decision:
    remembered = held.conversation.memory if held.conversation else ""
    return Decision(
        outcome=outcome,
        sender=held.sender,
        partner_id=held.partner_id,
        letter=letter,
        language=held.language,
        state=state,
        memory=remembered,
        joins=held.conversation is not None,
        opens=held.conversation is None,
        trail=(RuleTrace("a_person_decided", hit=True),),
        **facts,  # type: ignore[arg-type]
    )


def _letter(held: Held, kind: LetterKind, note: str, **facts: object) -> Letter | None:
    if held.recipient is None:
        return None
    reference = held.conversation.reference if held.conversation else ""
    to, name = held.recipient.email, held.recipient.name
    return Letter(kind, held.language, to, name, held.subject, reference, note=_pieces(note), **facts)  # type: ignore[arg-type]


def _pieces(note: str) -> tuple[str, ...]:
    return tuple(note.split())


def _line(one: Application) -> LetterLine:
    left, still_open = one.payment_left_before - one.amount, one.invoice_open_before - one.amount
    amount, after = Money(one.amount, one.currency), Money(left, one.currency)
    return LetterLine(one.payment, one.invoice, amount, after, Money(still_open, one.currency))


# --- what forbids -------------------------------------------------------------------------------------------------


def _unknown(line: Chosen, payment: Payment | None, invoice: Invoice | None) -> Iterator[str]:
    if payment is None:
        yield f"payment {line.payment}: the partner has none of this number"
    if invoice is None:
        yield f"invoice {line.invoice}: the partner has none of this number"


def _forbidden(line: Chosen, payment: Payment, invoice: Invoice, amount: int, fits: int) -> Iterator[str]:
    if not is_payable(invoice):
        yield f"invoice {line.invoice}: is no document that takes money"
    elif invoice.status is InvoiceStatus.LOCKED:
        yield f"invoice {line.invoice}: is locked"
    elif invoice.currency != payment.currency:
        yield f"payment {line.payment} is in {payment.currency}, invoice {line.invoice} in {invoice.currency}"
    elif not 0 < amount <= fits:
        asked, most = to_text(amount, payment.currency), to_text(fits, payment.currency)
        yield f"{asked} {payment.currency} of {line.payment} to {line.invoice}: at most {most} fits"


# --- what is asked ------------------------------------------------------------------------------------------------


def _question(missing: Missing, held: Held, policy: Policy) -> Question:
    lines = understood_lines(held, policy)
    named = next((line.payment for line in lines if line.payment), None)
    account = {one.payment_number: one for one in held.account.payments}
    match missing:
        case Missing.INVOICE_NUMBER:
            return Question(QuestionKind.WHICH_INVOICE, payment=named)
        case Missing.PAYMENT_REFERENCE:
            return Question(QuestionKind.WHICH_PAYMENT, choices=tuple(_choices(held.account.payments)))
        case Missing.AMOUNT | Missing.CURRENCY if named in account:
            left = Money(account[named].unallocated, account[named].currency)
            return Question(QuestionKind.WHICH_AMOUNTS, payment=named, available=left, lines=lines)
        case Missing.PARTNER_ID:
            return Question(QuestionKind.WHICH_PARTNER, names=held.served)
        case Missing.READABLE_ATTACHMENT:
            return Question(QuestionKind.READABLE_ATTACHMENT, names=held.unreadable)
        case _:  # a confirmation; amounts without a payment that they could be of
            return Question(QuestionKind.PAIRING)


def unaskable(missing: Sequence[Missing], held: Held) -> tuple[str, ...]:
    """Say what can't be asked, one sentence each."""
    problems = [] if missing else ["nothing is chosen to be asked"]
    if held.recipient is None:
        problems.append("nobody on file can be asked: the sender is not proved, or may not ask for the partner")
    if Missing.PARTNER_ID in missing and len(held.served) < 2:  # noqa: PLR2004 a choice
        problems.append("partner_id: the sender serves no more than one partner")
    if Missing.READABLE_ATTACHMENT in missing and not held.unreadable:
        problems.append("readable_attachment: no attachment of the mail was unreadable")
    return tuple(problems)


def understood_lines(held: Held, policy: Policy) -> tuple[LetterLine, ...]:
    """Return the own invoices that were understood, with what is open on each."""
    found = groups(held.memory.stated, held.account, policy, held.partner_id)
    return tuple(
        LetterLine(
            group.payment.payment_number if group.payment else None,
            asked.invoice.invoice_number,
            invoice_open=Money(asked.invoice.open_amount, asked.invoice.currency),
        )
        for group in found
        for asked in group.lines
        if asked.invoice
    )


def _choices(payments: Iterable[Payment]) -> Iterator[LetterLine]:
    for one in sorted(payments, key=lambda one: (one.received_on, one.payment_number)):
        if one.unallocated:
            amount, left = Money(one.amount, one.currency), Money(one.unallocated, one.currency)
            yield LetterLine(one.payment_number, amount=amount, payment_left=left, on=one.received_on)
