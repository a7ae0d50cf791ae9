"""Several sources of one mail to one statement: gaps are filled, and what two sources say differently is told,
never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.reading.stated import DESCRIBED, Stated
from processor.core.request import Line, Total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.request import AskedAmount


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources that say different things; `invoice` where they speak of the same one."""

    body: str
    other: str
    invoice: str | None = None


def join(parts: Sequence[Stated]) -> Stated:
    """Put statements of one source side by side (its tables and the words around them)."""
    lines: list[Line] = []
    places: dict[str | None, list[int]] = {}
    parts = without_spared(parts)
    for part in parts:
        for line in part.lines:
            _add(lines, line, places.setdefault(line.invoice, []))
    payments = tuple(dict.fromkeys(payment for part in parts for payment in part.lone_payments))
    joined = Stated(
        lines=tuple(lines),
        lone_payments=payments,
        facts=tuple(fact for part in parts for fact in part.facts),
        totals=tuple(total for part in parts for total in part.totals),
        loose=tuple(amount for part in parts for amount in part.loose),
        strays=tuple(amount for part in parts for amount in part.strays),
        asides=tuple(dict.fromkeys(number for part in parts for number in part.asides)),
        spared=tuple(dict.fromkeys(number for part in parts for number in part.spared)),
        left_out=tuple(dict.fromkeys(number for part in parts for number in part.left_out)),
        days=tuple(days for part in parts for days in part.days),
        ranges=tuple(dict.fromkeys(found for part in parts for found in part.ranges)),
        unpaired=any(part.unpaired for part in parts),
        vague_exclusion=any(part.vague_exclusion for part in parts),
        surplus_may_stay=any(part.surplus_may_stay for part in parts),
        deduction=any(part.deduction for part in parts),
        all_open=any(part.all_open for part in parts),
        evidence=tuple(evidence for part in parts for evidence in part.evidence),
    )
    return adopt_payment(joined)


def without_spared(parts: Sequence[Stated]) -> Sequence[Stated]:
    """Leave out the lines of invoices that are only told of, where another statement asks for others."""
    return [
        replace(part, lines=tuple(line for line in part.lines if line.invoice not in part.spared))
        if part.spared and any(other.lines for other in parts if other is not part)
        else part
        for part in parts
    ]


def _add(lines: list[Line], line: Line, places: list[int]) -> None:
    """Add a line, or fill the gaps of one that speaks of the same invoice (and payment).
    `places` are those of the invoice's lines.
    """
    for index in places:
        known = lines[index]
        same = known.payment == line.payment or None in (known.payment, line.payment)
        if same and (known.amount is None or line.amount is None or _one_amount(known.amount, line.amount)):
            lines[index] = replace(
                known,
                payment=known.payment or line.payment,
                amount=_clearer(known.amount, line.amount),
                quantity=known.quantity or line.quantity,
            )
            return
    places.append(len(lines))
    lines.append(line)


def _one_amount(left: AskedAmount, right: AskedAmount) -> bool:
    """Tell whether two amounts are written alike, or one can be read as the other says ("1.815", "1.815,00")."""
    clear, other = sorted((left.readings, right.readings), key=len)
    return left.readings == right.readings or (len(clear) == 1 and clear[0] in other)


def _clearer(left: AskedAmount | None, right: AskedAmount | None) -> AskedAmount | None:
    if left is None or right is None:
        return left or right
    return right if 0 < len(right.readings) < len(left.readings) else left


def adopt_payment(stated: Stated) -> Stated:
    """Give lines without a payment the only payment that the source names beside them."""
    named = {line.payment for line in stated.lines if line.payment} | set(stated.lone_payments)
    named = named or {fact.payment for fact in stated.facts if fact.payment and not fact.payment.startswith(DESCRIBED)}
    open_lines = [line for line in stated.lines if line.payment is None]
    if len(named) != 1 or not open_lines or stated.unpaired:
        return stated
    payment = next(iter(named))
    lines = tuple(replace(line, payment=line.payment or payment) for line in stated.lines)
    return replace(stated, lines=lines, lone_payments=())


def combine(body: Stated, others: Sequence[tuple[str, Stated]], *, refers: bool) -> tuple[Stated, Disagreement | None]:
    """Bring body and attachments together. `refers` says that the body points at what is attached."""
    result = without_spared([body, *(other for _, other in others)])[0]
    for name, other in others:
        if not other.lines:
            result = result if other.empty else _beside(result, other)
            continue
        if not result.lines:
            result = _adopted(result, other)
            continue
        told = _disagreement(result, other, name, refers=refers)
        if told:
            return result, told
        result = join([result, other])
    return result, None


def _beside(body: Stated, other: Stated) -> Stated:
    """Add an attachment without lines: its payment, where the body names none (a bank's confirmation, say)."""
    named = {line.payment for line in body.lines if line.payment} | set(body.lone_payments)
    lone = other.lone_payments if not named and len(other.lone_payments) == 1 else ()
    return adopt_payment(
        replace(body, lone_payments=(*body.lone_payments, *lone), evidence=(*body.evidence, *other.evidence))
    )


def _adopted(body: Stated, other: Stated) -> Stated:
    """Let the attachment give the lines and the body the payment; an amount in the body is then a sum of them."""
    totals = tuple(Total(amount) for amount in body.loose)
    named = {line.payment for line in other.lines if line.payment}
    lone = tuple(payment for payment in body.lone_payments if payment not in named)
    return join([replace(body, loose=(), totals=(*body.totals, *totals), lone_payments=lone), other])


def _disagreement(body: Stated, other: Stated, name: str, *, refers: bool) -> Disagreement | None:
    ours, theirs = {line.invoice: line for line in body.lines}, {line.invoice: line for line in other.lines}
    for invoice in (invoice for invoice in ours if invoice in theirs):
        mine, attached = ours[invoice], theirs[invoice]
        if mine.payment and attached.payment and mine.payment != attached.payment:
            return Disagreement(mine.payment, attached.payment, invoice)
        if mine.amount and attached.amount and not _agree(mine.amount, attached.amount):
            return Disagreement(mine.amount.seen, attached.amount.seen, invoice)
    payments = {line.payment for line in body.lines}, {line.payment for line in other.lines}
    apart = None not in payments[0] | payments[1] and not payments[0] & payments[1]
    same = ours.keys() == theirs.keys() or apart or (refers and ours.keys() < theirs.keys())
    return None if same else Disagreement(_listed(ours), f"{_listed(theirs)} ({name})")


def _agree(left: AskedAmount, right: AskedAmount) -> bool:
    return bool(set(left.readings) & set(right.readings)) or (left.doubtful and right.doubtful)


def _listed(lines: dict[str | None, Line]) -> str:
    return ", ".join(sorted(invoice for invoice in lines if invoice))
