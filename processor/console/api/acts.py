"""Acts: without `shown` the effect is answered and nothing done; with the seal of what was shown, exactly that is done.

They run through the same layer as the console's pages, so that roles, four eyes and bindings are one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from processor.adapters.approval_sql import pending
from processor.adapters.queue_sql import read_item
from processor.console import acting
from processor.console.acting import Came, Effect, Wish
from processor.console.acting import Line as WishedLine
from processor.console.api.ledger_shapes import Allocation, Application, allocation, application
from processor.console.api.problems import Code, ProblemError
from processor.console.api.shape import Asked, Money, Name, Number, Sent, Shape, Text, Word, Words, money
from processor.console.room import Visit
from processor.core.outcomes import Missing, Reason
from processor.reversing import TakingBack
from processor.review import Proposal

Seal = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Decimal = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}(\.[0-9]{1,4})?$")]
_CODES = {Came.CHANGED: Code.CHANGED, Came.HELD_BACK: Code.HELD_BACK, Came.REFUSED: Code.REFUSED}
_WORDS = {
    Came.CHANGED: "Something has changed since this was shown, so nothing was done.",
    Came.HELD_BACK: "This is held back, so nothing was done.",
    Came.REFUSED: "This can't be done.",
}


class ItemAsked(Asked):
    """Which item of the queue."""

    item: Number


class ApprovalAsked(Asked):
    """Which proposal that waits for a second person."""

    approval: Number


class AllocationAsked(Asked):
    """Which allocation, by its name."""

    name: Name


class Bound(Sent):
    """`shown` is the seal of the effect that was answered before; without it, nothing is done."""

    shown: Seal | None = None


class Decided(Bound):
    """A decision. `partner` where the item names none, `to` another contact on file; `note` is also in the letter."""

    partner: Word = ""
    to: Word = ""
    note: Words = ""


class Line(Sent):
    """A line to apply; the amount in the payment's currency, without it as much as fits."""

    payment: Name
    invoice: Name
    amount: Decimal | None = None


class ApplySent(Decided):
    """What to apply; without lines, what was understood."""

    lines: tuple[Line, ...] = Field(default=(), max_length=200)


class AskSent(Decided):
    """What to ask the partner for."""

    missing: tuple[Missing, ...] = Field(min_length=1, max_length=len(Missing))


class RejectSent(Decided):
    """Why nothing is allocated, and whether to tell the partner."""

    reason: Reason
    tell: bool = False


class LetterToLeave(Shape):
    """A letter that leaves."""

    recipient: Text
    subject: Text
    text: Text


class EffectOfDecision(Shape):
    """What a decision does. `state`: `shown`, `done`, or `proposed`, where so much needs a second person.

    `shown` is the seal that must come back to do this; `approval` is what the second person decides about.
    """

    state: Literal["shown", "done", "proposed"]
    shown: str
    outcome: str
    request: str
    applications: tuple[Application, ...]
    letter: LetterToLeave | None
    approval: int | None


class EffectOfReversal(Shape):
    """What taking an allocation back does. `state`: `shown` or `done`; `to` is told by letter, if anybody is."""

    state: Literal["shown", "done"]
    shown: str
    allocation: Allocation
    payment_left_after: Money
    invoice_open_after: Money
    to: Text | None


class ReverseSent(Bound):
    """Why it is taken back, for the record: without it nothing is done."""

    note: Words = ""


def apply_item(visit: Visit, asked: ItemAsked, sent: ApplySent) -> EffectOfDecision:
    """Apply payments to invoices."""
    lines = tuple(WishedLine(one.payment, one.invoice, one.amount or "") for one in sent.lines)
    return _decide(visit, asked, sent, Wish("apply", sent.partner, sent.to, sent.note, lines))


def ask_partner(visit: Visit, asked: ItemAsked, sent: AskSent) -> EffectOfDecision:
    """Ask the partner for what is missing; the answer joins the request."""
    return _decide(visit, asked, sent, Wish("ask", sent.partner, sent.to, sent.note, missing=sent.missing))


def reject_item(visit: Visit, asked: ItemAsked, sent: RejectSent) -> EffectOfDecision:
    """End the matter without an allocation."""
    wish = Wish("reject", sent.partner, sent.to, sent.note, reason=sent.reason, tell=sent.tell)
    return _decide(visit, asked, sent, wish)


def release_item(visit: Visit, asked: ItemAsked, sent: Decided) -> EffectOfDecision:
    """Decide the mail again, on a person's word for its sender, against a spam verdict, or above the limit."""
    return _decide(visit, asked, sent, Wish("release", sent.partner, sent.to, sent.note))


def approve_proposal(visit: Visit, asked: ApprovalAsked, sent: Bound) -> EffectOfDecision:
    """Carry out, as the second person, what the first proposed; nobody approves what is their own."""
    found = pending(visit.room.engine, asked.approval)
    if not found:
        raise ProblemError(Code.NOT_FOUND, "This proposal doesn't wait any more.")
    return _answer(acting.approve(visit.room.desk(visit.login), found[0], sent.shown or ""))


def reverse_allocation(visit: Visit, asked: AllocationAsked, sent: ReverseSent) -> EffectOfReversal:
    """Take an allocation back: a new row that names it; the payment has so much left again, the invoice is open."""
    note = acting.one_line(sent.note)
    return _taken_back(acting.take_back(visit.room.desk(visit.login), asked.name, note, sent.shown or ""))


def _decide(visit: Visit, asked: ItemAsked, sent: Bound, wish: Wish) -> EffectOfDecision:
    if read_item(visit.room.engine, asked.item) is None:
        raise ProblemError(Code.NOT_FOUND, f"There is no review item {asked.item}.")
    return _answer(acting.decide(visit.room.desk(visit.login), asked.item, wish, sent.shown or ""))


def _answer(effect: Effect[Proposal]) -> EffectOfDecision:
    approval = effect.waiting.id if effect.waiting else None
    shown = _effect(effect.proposal, effect.came, approval) if effect.proposal else None
    if shown is None or effect.came in _CODES:
        raise _problem(effect.came, effect.problems, shown)
    return shown


def _effect(proposal: Proposal, came: Came, approval: int | None) -> EffectOfDecision:
    return EffectOfDecision(
        state="done" if came is Came.DONE else "proposed" if came is Came.PROPOSED else "shown",
        shown=proposal.seal,
        outcome=proposal.decision.outcome.value,
        request=proposal.reference,
        applications=tuple(map(application, proposal.decision.applications)),
        letter=LetterToLeave.model_validate(proposal.letter) if proposal.letter else None,
        approval=approval,
    )


def _taken_back(effect: Effect[TakingBack]) -> EffectOfReversal:
    shown = _reversal(effect.proposal, effect.came) if effect.proposal else None
    if shown is None or effect.came in _CODES:
        raise _problem(effect.came, effect.problems, shown)
    return shown


def _reversal(proposal: TakingBack, came: Came) -> EffectOfReversal:
    row = proposal.origin.allocation
    return EffectOfReversal(
        state="done" if came is Came.DONE else "shown",
        shown=proposal.seal,
        allocation=allocation(row),
        payment_left_after=money(proposal.payment_left, row.currency),
        invoice_open_after=money(proposal.invoice_open, row.currency),
        to=proposal.letter.to if proposal.letter else None,
    )


def _problem(came: Came, problems: tuple[str, ...], shown: Shape | None) -> ProblemError:
    more: dict[str, object] = {"problems": problems}
    if shown is not None:
        more["effect"] = shown.model_dump(mode="json")
    return ProblemError(_CODES[came], _WORDS[came], more)
