"""An answer is merged into its request: what is new and explicit wins, the rest stays, and the whole is decided afresh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.letter import QuestionKind
from processor.core.matching import is_payable
from processor.core.model import InvoiceStatus
from processor.core.reading.merge import adopt_payment
from processor.core.request import Line, Quantity
from processor.core.rules import in_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.memory import Asked, Memory
    from processor.core.model import Invoice, Payment
    from processor.core.reading.read import Reading
    from processor.core.reading.stated import Stated
    from processor.core.request import AskedAmount

_PAYMENT_QUESTIONS = frozenset(
    {QuestionKind.WHICH_PAYMENT, QuestionKind.PAYMENT_UNKNOWN, QuestionKind.NO_PAYMENT, QuestionKind.PAYMENT_EXHAUSTED}
)
_INVOICE_QUESTIONS = frozenset(
    {
        QuestionKind.WHICH_INVOICE,
        QuestionKind.INVOICE_UNKNOWN,
        QuestionKind.INVOICE_SETTLED,
        QuestionKind.INVOICE_NOT_PAYABLE,
        QuestionKind.RANGE,
        QuestionKind.WHICH_MEANT,
    }
)
_AMOUNT_QUESTIONS = frozenset(
    {
        QuestionKind.WHICH_AMOUNTS,
        QuestionKind.EXCEEDS_OPEN,
        QuestionKind.EXCEEDS_UNALLOCATED,
        QuestionKind.TOTAL_DIFFERS,
        QuestionKind.AMOUNT_UNCLEAR,
        QuestionKind.SOURCES_DISAGREE,
    }
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The request after an answer; `changed` is False when the answer adds nothing; `narrowed` are the payments still possible."""

    memory: Memory
    changed: bool
    narrowed: tuple[str, ...] = ()


def merge(memory: Memory, reading: Reading, snapshot: Snapshot) -> Merged:
    """Merge an answer into what is remembered."""
    new = reading.stated
    chosen, narrowed = _chosen_payment(memory, reading, snapshot)
    before = memory.stated
    merged = _with_alternative(before, memory, reading)
    merged = _with_invoices(merged, memory, reading, snapshot)
    merged = _with_payments(merged, memory, new, chosen, snapshot)
    merged = _with_amounts(merged, memory, reading, snapshot)
    merged = replace(
        merged,
        surplus_may_stay=before.surplus_may_stay or new.surplus_may_stay or _accepts_open(memory, reading),
        deduction=before.deduction or new.deduction,
        days=(*before.days, *new.days) if not chosen else before.days,
        facts=(*before.facts, *(fact for fact in new.facts if not chosen)),
        totals=new.totals or (() if _asked(memory, QuestionKind.TOTAL_DIFFERS) and new.lines else before.totals),
    )
    used = {line.payment for line in merged.lines}
    merged = replace(merged, lone_payments=tuple(payment for payment in merged.lone_payments if payment not in used))
    confirmed = (
        memory.confirm
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
        disagreed=settled,
        unread=memory.unread and not new.lines,
    )
    changed = after != memory or bool(narrowed)
    return Merged(after, changed, narrowed)


def _asked(memory: Memory, *kinds: QuestionKind) -> Asked | None:
    return next((entry for entry in memory.asked if entry.kind in kinds), None)


# --- which payment ------------------------------------------------------------------------------------------------


def _chosen_payment(memory: Memory, reading: Reading, snapshot: Snapshot) -> tuple[str | None, tuple[str, ...]]:
    """Return the payment that an answer picks from the list, or the shorter list that it leaves."""
    question = _asked(memory, *_PAYMENT_QUESTIONS)
    named = reading.stated.lone_payments or any(line.payment for line in reading.stated.lines)
    if question is None or not question.choices or named:
        return None, ()
    if len(question.choices) == 1 and _agrees(reading):
        return question.choices[0], ()
    if (number := _number(reading, len(question.choices))) is not None:
        return question.choices[number], ()
    offered = [
        payment for number in question.choices for payment in snapshot.payments if payment.payment_number == number
    ]
    left = _described(offered, reading)
    if len(left) == 1:
        return left[0].payment_number, ()
    return None, tuple(payment.payment_number for payment in left) if len(left) < len(offered) else ()


def _agrees(reading: Reading) -> bool:
    return reading.has("intent.confirm") and not reading.has("intent.deny")


def _number(reading: Reading, count: int) -> int | None:
    """Return the place in a list that an answer names by a number or an ordinal."""
    places = {int(cue.value) for cue in reading.cues if cue.kind == "ordinals"} or set(reading.numbers)
    if len(places) != 1:
        return None
    place = places.pop()
    index = count + place if place < 0 else place - 1
    return index if 0 <= index < count else None


def _described(offered: Sequence[Payment], reading: Reading) -> list[Payment]:
    """Keep the offered payments that agree with what the answer says: date, month, amount, or a superlative."""
    left = list(offered)
    days = {day for option in reading.stated.days for day in option}
    if days:
        left = [payment for payment in left if payment.received_on in days]
    months = {int(cue.value) for cue in reading.cues if cue.kind == "months"}
    if months and not days:
        left = [payment for payment in left if payment.received_on.month in months]
    amounts = {value for fact in reading.stated.facts for value in fact.amount.readings} | {
        value for amount in reading.stated.loose for value in amount.readings
    }
    if amounts:
        left = [
            payment
            for payment in left
            if any(_is(value, minor, payment) for value in amounts for minor in (payment.amount, payment.unallocated))
        ]
    words = {cue.value for cue in reading.cues if cue.kind == "superlatives"}
    if len(words) == 1 and left:
        left = _extreme(left, words.pop())
    return left if days or months or amounts or len(left) < len(offered) else list(offered)


def _is(value: object, minor: int, payment: Payment) -> bool:
    from processor.core.currencies import to_minor

    return to_minor(value, payment.currency) == minor  # type: ignore[arg-type]


def _extreme(payments: Sequence[Payment], word: str) -> list[Payment]:
    keys = {
        "latest": lambda payment: payment.received_on,
        "earliest": lambda payment: payment.received_on,
        "largest": lambda payment: payment.unallocated,
        "smallest": lambda payment: payment.unallocated,
    }
    key = keys.get(word)
    if key is None:
        return list(payments)
    wanted = (max if word in {"latest", "largest"} else min)(key(payment) for payment in payments)
    return [payment for payment in payments if key(payment) == wanted]


def _with_payments(stated: Stated, memory: Memory, new: Stated, chosen: str | None, snapshot: Snapshot) -> Stated:
    """Put the payment of an answer on every line that has none, or one that can't be used, or simply another one named now."""
    named = list(dict.fromkeys([*([chosen] if chosen else []), *new.lone_payments]))
    if len(named) != 1 or stated.unpaired:
        return (
            stated
            if not named
            else adopt_payment(replace(stated, lone_payments=tuple(dict.fromkeys([*stated.lone_payments, *named]))))
        )
    payment = named[0]
    usable = {item.payment_number for item in snapshot.payments if item.unallocated}
    current = {line.payment for line in stated.lines} - {None}
    single = len(current) <= 1
    lines = tuple(
        replace(line, payment=payment) if line.payment is None or line.payment not in usable or single else line
        for line in stated.lines
    )
    lone = () if lines else (payment,)
    return replace(stated, lines=lines, lone_payments=lone)


# --- which invoices -----------------------------------------------------------------------------------------------


def _with_alternative(stated: Stated, memory: Memory, reading: Reading) -> Stated:
    """Take the numbered pairing that an answer names."""
    question = _asked(memory, QuestionKind.PAIRING)
    if question is None or reading.stated.lines:
        return stated
    number = _number(reading, len(question.alternatives))
    if number is None:
        return stated
    pairs = question.alternatives[number]
    known = {line.invoice: line for line in stated.lines}
    lines = tuple(replace(known.get(invoice, Line(invoice)), payment=payment) for payment, invoice in pairs)
    return replace(stated, lines=lines, lone_payments=(), unpaired=False)


def _with_invoices(stated: Stated, memory: Memory, reading: Reading, snapshot: Snapshot) -> Stated:
    new = reading.stated
    offered = _confirmed_neighbours(memory, reading)
    if offered:
        return replace(
            stated,
            lines=tuple(replace(line, invoice=offered.get(line.invoice or "", line.invoice)) for line in stated.lines),
        )
    if _asked(memory, QuestionKind.RANGE) and _agrees(reading) and not new.lines:
        return _spread_range(stated, snapshot)
    if not new.lines:
        return stated
    if _restates(stated, memory, reading):
        lines = tuple(_filled(line, stated) for line in new.lines)
        return replace(
            stated, lines=lines, ranges=new.ranges, lone_payments=(), unpaired=new.unpaired, vague_exclusion=False
        )
    return replace(
        stated,
        lines=tuple(_updated(stated, new.lines, snapshot)),
        ranges=new.ranges or tuple(entry for entry in stated.ranges if not _asked(memory, QuestionKind.RANGE)),
        lone_payments=stated.lone_payments if not stated.lone_payments or stated.lines else stated.lone_payments,
    )


def _confirmed_neighbours(memory: Memory, reading: Reading) -> dict[str, str]:
    """Return the offered neighbours and replacements that a plain yes accepts."""
    if reading.stated.lines or not _agrees(reading):
        return {}
    return {
        entry.about: entry.choices[0]
        for entry in memory.asked
        if entry.kind in {QuestionKind.INVOICE_UNKNOWN, QuestionKind.INVOICE_NOT_PAYABLE} and len(entry.choices) == 1
    }


def _spread_range(stated: Stated, snapshot: Snapshot) -> Stated:
    lines = list(stated.lines)
    for first, last in stated.ranges:
        model = next((line for line in lines if line.invoice == first), None)
        inside = in_range(first, last, snapshot)
        if model and inside:
            at = lines.index(model)
            lines[at : at + 1] = [replace(model, invoice=invoice.invoice_number) for invoice in inside]
    return replace(stated, lines=tuple(lines), ranges=())


def _restates(stated: Stated, memory: Memory, reading: Reading) -> bool:
    """Tell whether an answer names all lines anew: pairs with payments, after a question about which or how they pair."""
    new = reading.stated
    paired = all(line.payment for line in new.lines)
    wholly = {line.invoice for line in new.lines} >= {line.invoice for line in stated.lines}
    open_question = _asked(memory, QuestionKind.PAIRING, QuestionKind.WHICH_MEANT, QuestionKind.RANGE) is not None
    return (paired and wholly) or open_question


def _filled(line: Line, stated: Stated) -> Line:
    known = next((other for other in stated.lines if other.invoice == line.invoice), None)
    first = next((other.payment for other in stated.lines if other.payment), None)
    lone = stated.lone_payments[0] if len(stated.lone_payments) == 1 else None
    payment = (
        line.payment
        or (known.payment if known else None)
        or (first if len({other.payment for other in stated.lines}) == 1 else None)
        or lone
    )
    if known is None or line.amount or line.quantity:
        return replace(line, payment=payment)
    return replace(line, payment=payment, amount=known.amount, quantity=known.quantity)


def _updated(stated: Stated, lines: Sequence[Line], snapshot: Snapshot) -> Iterable[Line]:
    """Update lines of the same invoice, replace lines that can't be used by the new ones in order, and add what is left."""
    by_number = {line.invoice: line for line in lines}
    fresh = [line for line in lines if all(line.invoice != known.invoice for known in stated.lines)]
    invoices = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    for known in stated.lines:
        if known.invoice in by_number:
            newer = by_number[known.invoice]
            amount, quantity = (
                (newer.amount, newer.quantity) if newer.amount or newer.quantity else (known.amount, known.quantity)
            )
            yield replace(known, payment=newer.payment or known.payment, amount=amount, quantity=quantity)
        elif fresh and not _usable(invoices.get(known.invoice or "")):
            newer = fresh.pop(0)
            amount, quantity = (
                (newer.amount, newer.quantity) if newer.amount or newer.quantity else (known.amount, known.quantity)
            )
            yield Line(newer.invoice, newer.payment or known.payment, amount, quantity, known.deduction)
        else:
            yield known
    yield from (_filled(line, stated) for line in fresh)


def _usable(invoice: Invoice | None) -> bool:
    return (
        invoice is not None
        and is_payable(invoice)
        and invoice.status is not InvoiceStatus.LOCKED
        and invoice.open_amount > 0
    )


# --- how much -----------------------------------------------------------------------------------------------------


def _with_amounts(stated: Stated, memory: Memory, reading: Reading, snapshot: Snapshot) -> Stated:
    new = reading.stated
    stated = _with_currency(stated, memory, reading)
    if new.lines and any(line.amount or line.quantity for line in new.lines):
        return replace(stated, loose=())
    question = _asked(memory, *_AMOUNT_QUESTIONS)
    targets = _targets(stated, question)
    amounts = [
        amount
        for amount in (*new.loose, *(fact.amount for fact in new.facts if question))
        if amount.readings or amount.doubtful
    ]
    if amounts and len(targets) == 1 and len({amount.readings for amount in amounts}) == 1:
        return _set(stated, {targets[0]: amounts[0]})
    if (
        amounts
        and question
        and len(amounts) == len(targets)
        and (
            reading.has("context.respectively")
            or len({cue.value for cue in reading.cues if cue.kind == "ordinals"}) == len(targets)
        )
    ):
        return _set(stated, dict(zip(targets, amounts, strict=True)))
    if quantity := _quantity(reading, question):
        return replace(
            stated,
            lines=tuple(
                replace(line, amount=None, quantity=quantity) if line.invoice in targets and len(targets) == 1 else line
                for line in stated.lines
            ),
        )
    return stated


def _targets(stated: Stated, question: Asked | None) -> list[str]:
    """Return the invoices whose amount an answer without an invoice can mean."""
    if (
        question
        and question.kind in {QuestionKind.EXCEEDS_OPEN, QuestionKind.AMOUNT_UNCLEAR, QuestionKind.SOURCES_DISAGREE}
        and question.about
    ):
        return [question.about]
    numbers = [line.invoice for line in stated.lines if line.invoice]
    if len(numbers) == 1:
        return numbers
    return [line.invoice for line in stated.lines if line.invoice and line.amount is None] if question else []


def _set(stated: Stated, amounts: dict[str, AskedAmount]) -> Stated:
    return replace(
        stated,
        lines=tuple(
            replace(line, amount=amounts[line.invoice], quantity=None) if line.invoice in amounts else line
            for line in stated.lines
        ),
        loose=(),
    )


def _quantity(reading: Reading, question: Asked | None) -> Quantity | None:
    """Return the quantity in words that an answer gives to a question about an amount ("just what is left", "only what is open")."""
    if question is None:
        return None
    if reading.has("quantity.all_of_payment") or (
        question.kind is QuestionKind.EXCEEDS_UNALLOCATED and (reading.has("quantity.rest") or _agrees(reading))
    ):
        return Quantity.ALL_OF_PAYMENT
    if reading.has("quantity.open", "quantity.full") or (
        question.kind is QuestionKind.EXCEEDS_OPEN and _agrees(reading)
    ):
        return Quantity.FULL
    return None


def _accepts_open(memory: Memory, reading: Reading) -> bool:
    """Tell whether an answer to row 35 lets the open balance do."""
    return (
        _asked(memory, QuestionKind.EXCEEDS_OPEN) is not None
        and (reading.has("quantity.open", "context.stays") or _agrees(reading))
        and not reading.stated.loose
    )


def _with_currency(stated: Stated, memory: Memory, reading: Reading) -> Stated:
    """Let an answer to row 33 say which currency was meant."""
    question = _asked(memory, QuestionKind.CURRENCY)
    if question is None or not (reading.currencies or _agrees(reading)):
        return stated
    meant = reading.currencies if reading.currencies else question.choices
    lines = tuple(
        replace(line, amount=replace(line.amount, currencies=tuple(meant))) if line.amount else line
        for line in stated.lines
    )
    return replace(stated, lines=lines)
