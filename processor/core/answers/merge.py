"""An answer is merged into its request: what is new and explicit wins, the rest stays,
and the whole is decided afresh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.answers.amounts import accepts_open, with_amounts
from processor.core.answers.invoices import with_alternative, with_invoices
from processor.core.answers.payments import chosen_payment, with_payments
from processor.core.answers.question import asked
from processor.core.letter import QuestionKind
from processor.core.reading.roles import matches

if TYPE_CHECKING:
    from collections.abc import Collection

    from processor.core.decision import Snapshot
    from processor.core.memory import Memory
    from processor.core.reading.read import Reading


@dataclass(frozen=True, slots=True)
class Merged:
    """The request after an answer; `changed` is False when the answer adds nothing;
    `narrowed` are the payments still possible.
    """

    memory: Memory
    changed: bool
    narrowed: tuple[str, ...] = ()


def merge(memory: Memory, reading: Reading, snapshot: Snapshot) -> Merged:
    """Merge an answer into what is remembered."""
    new = reading.stated
    chosen, narrowed = chosen_payment(memory, reading, snapshot)
    before = memory.stated
    merged = with_alternative(before, memory, reading)
    merged = with_invoices(merged, memory, reading, snapshot)
    merged = with_payments(merged, new, chosen, snapshot)
    merged = with_amounts(merged, memory, _without_its_own(reading, {chosen, *narrowed}, snapshot))
    merged = replace(
        merged,
        surplus_may_stay=before.surplus_may_stay or new.surplus_may_stay or accepts_open(memory, reading),
        deduction=before.deduction or new.deduction,
        days=(*before.days, *new.days) if not chosen else before.days,
        facts=(*before.facts, *(fact for fact in new.facts if not chosen)),
        totals=new.totals or (() if asked(memory, QuestionKind.TOTAL_DIFFERS) and new.lines else before.totals),
    )
    used = {line.payment for line in merged.lines}
    merged = replace(merged, lone_payments=tuple(payment for payment in merged.lone_payments if payment not in used))
    confirmed = (
        (memory.confirm or memory.hedged)
        and reading.has("intent.confirm", "intent.process_below", "intent.allocate")
        and not reading.has("intent.deny")
    )
    partner_id = reading.partner_ids[-1] if reading.partner_ids else memory.partner_id
    settled = memory.disagreed and not (new.lines or new.loose)
    after = replace(
        memory,
        stated=merged,
        partner_id=partner_id,
        confirm=memory.confirm and not confirmed and not new.lines,
        hedged=memory.hedged and not confirmed and not new.lines,
        disagreed=settled,
        unread=memory.unread and not new.lines,
    )
    changed = after != memory or bool(narrowed)
    return Merged(after, changed, narrowed)


def _without_its_own(reading: Reading, chosen: Collection[str | None], snapshot: Snapshot) -> Reading:
    """Leave out the amount by which an answer picks a payment, or a few of them: it says nothing of the invoice."""
    picked = [payment for payment in snapshot.payments if payment.payment_number in chosen]
    loose = tuple(amount for amount in reading.stated.loose if not any(matches(amount, payment) for payment in picked))
    return replace(reading, stated=replace(reading.stated, loose=loose))
