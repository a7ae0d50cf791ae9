"""Which invoices an answer names, replaces or accepts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.answers.question import agrees, asked, number_in_list
from processor.core.letter import QuestionKind
from processor.core.matching.group import is_payable
from processor.core.model import InvoiceStatus
from processor.core.request import Line
from processor.core.rules.alone import in_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.memory import Memory
    from processor.core.model import Invoice
    from processor.core.reading.read import Reading
    from processor.core.reading.stated import Stated


def with_alternative(stated: Stated, memory: Memory, reading: Reading) -> Stated:
    """Take the numbered pairing that an answer names."""
    question = asked(memory, QuestionKind.PAIRING)
    if question is None or reading.stated.lines:
        return stated
    number = number_in_list(reading, len(question.alternatives))
    if number is None:
        return stated
    pairs = question.alternatives[number]
    known = {line.invoice: line for line in stated.lines}
    lines = tuple(replace(known.get(invoice, Line(invoice)), payment=payment) for payment, invoice in pairs)
    return replace(stated, lines=lines, lone_payments=(), unpaired=False)


def with_invoices(stated: Stated, memory: Memory, reading: Reading, snapshot: Snapshot) -> Stated:
    """Take the invoices that an answer names, corrects or accepts."""
    new = reading.stated
    stated = _without(stated, new.left_out)
    offered = _confirmed_neighbours(memory, reading)
    if offered:
        return replace(
            stated,
            lines=tuple(replace(line, invoice=offered.get(line.invoice or "", line.invoice)) for line in stated.lines),
        )
    if asked(memory, QuestionKind.RANGE) and agrees(reading) and not new.lines:
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
        ranges=new.ranges or tuple(entry for entry in stated.ranges if not asked(memory, QuestionKind.RANGE)),
    )


def _without(stated: Stated, numbers: Sequence[str]) -> Stated:
    """Drop the lines that an answer excepts, where others stay ("leave out G012… then, and apply the other two")."""
    kept = tuple(line for line in stated.lines if line.invoice not in numbers)
    return replace(stated, lines=kept) if kept else stated


def _confirmed_neighbours(memory: Memory, reading: Reading) -> dict[str, str]:
    """Return the offered neighbours and replacements that a plain yes accepts."""
    if reading.stated.lines or not agrees(reading):
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
    """Tell whether an answer names all lines anew: pairs with payments,
    after a question about which or how they pair.
    """
    new = reading.stated
    paired = all(line.payment for line in new.lines)
    wholly = {line.invoice for line in new.lines} >= {line.invoice for line in stated.lines}
    open_question = asked(memory, QuestionKind.PAIRING, QuestionKind.WHICH_MEANT, QuestionKind.RANGE) is not None
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
    """Update lines of the same invoice, replace lines that can't be used by the new ones in order,
    and add what is left.
    """
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
