"""What the pages of one source state together: its tables as tables, the rest as running text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.currencies import to_minor
from processor.core.reading.grid import read_table
from processor.core.reading.mention import Kind
from processor.core.reading.merge import join
from processor.core.reading.prose import read_prose
from processor.core.reading.set_aside import in_doubt, set_aside
from processor.core.reading.stated import Stated
from processor.core.reading.stretches import Taken, within, without
from processor.core.reading.text_tables import text_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.message import Table
    from processor.core.reading.grid import Grid
    from processor.core.reading.page import Page
    from processor.core.reading.scope import Stretches
    from processor.core.request import AskedAmount


def stated_in(scope: Sequence[Stretches], snapshot: Snapshot) -> Stated:
    """Read pages of one source: its tables as tables, the rest as running text."""
    parts: list[tuple[str, Stated]] = []
    for page, ranges in scope:
        grids = [grid for table in _tables(page, ranges) if (grid := read_table(table, page, snapshot))]
        rest = tuple(
            piece for stretch in ranges for piece in without(stretch, [(grid.start, grid.end) for grid in grids])
        )
        aside = set_aside(page)
        told = [grid for grid in grids if not within(grid.start, aside)]
        prose = _without_remarks(read_prose(page, rest, snapshot), told, snapshot)
        parts.append((page.name, replace(prose, asides=(*prose.asides, *_doubted(page, ranges)))))
        parts.extend((page.name, _headed(grid.stated, page, rest, grid.start)) for grid in told)
    return _settled(join(_without_titles(parts))) if parts else Stated()


def _doubted(page: Page, ranges: Sequence[tuple[int, int]]) -> Sequence[str]:
    """Return the invoices below headings that don't say whether to pay them now."""
    below = Taken(in_doubt(page))
    return [
        mention.value
        for mention in page.mentions
        if mention.kind is Kind.INVOICE and below.holds(mention.start) and within(mention.start, ranges)
    ]


def _without_titles(parts: Sequence[tuple[str, Stated]]) -> list[Stated]:
    """Leave out the invoices of the subject where the text names others: "G012… and more" is a title then."""
    told = {line.invoice for name, part in parts if name != "subject" for line in part.lines}
    return [_titled(part, told) if told and name == "subject" else part for name, part in parts]


def _titled(subject: Stated, told: set[str | None]) -> Stated:
    kept = tuple(line for line in subject.lines if line.invoice in told)
    payments = (line.payment for line in subject.lines if line not in kept and line.payment)
    return replace(subject, lines=kept, lone_payments=tuple(dict.fromkeys((*subject.lone_payments, *payments))))


def _without_remarks(prose: Stated, grids: Sequence[Grid], snapshot: Snapshot) -> Stated:
    """Leave out of running text the invoices whose amounts a table beside it states: there is only talk of them,
    and of what they have open afterwards.
    """
    listed = {line.invoice: line.amount for grid in grids for line in grid.stated.lines if line.amount}
    rests = {
        item.invoice_number: (item.open_amount - paid, item.currency)
        for item in snapshot.invoices
        for paid in _minors(listed.get(item.invoice_number), item.currency)
    }
    talk = {
        line.invoice
        for line in prose.lines
        if line.invoice in listed and (line.amount is None or _is_rest(line.amount, rests.get(line.invoice or "")))
    }
    return replace(
        prose,
        lines=tuple(line for line in prose.lines if line.invoice not in talk),
        asides=tuple(number for number in prose.asides if number not in listed),
    )


def _minors(amount: AskedAmount | None, currency: str) -> set[int]:
    return {minor for value in amount.readings if (minor := to_minor(value, currency)) is not None} if amount else set()


def _is_rest(amount: AskedAmount, rest: tuple[int, str] | None) -> bool:
    return rest is not None and rest[0] in _minors(amount, rest[1])


def adopt(own: Stated, inner: Stated) -> Stated:
    """Read what is passed on as the request, with the payment and words of the one who passes it on."""
    if own.lone_payments and inner.lines:
        payment = own.lone_payments[0] if len(own.lone_payments) == 1 else None
        inner = replace(inner, lines=tuple(replace(line, payment=payment or line.payment) for line in inner.lines))
    return _settled(join([own, inner]))


def _tables(page: Page, ranges: Sequence[tuple[int, int]]) -> tuple[Table, ...]:
    given = tuple(
        table
        for table in page.tables
        if table.rows
        and table.rows[0]
        and any(within(cell.start, ranges) for row in table.rows for cell in row if cell.text)
    )
    covered = [
        (min(cell.start for row in table.rows for cell in row), max(cell.end for row in table.rows for cell in row))
        for table in given
    ]
    free = tuple(piece for stretch in ranges for piece in without(stretch, covered))
    return (*given, *text_tables(page, free))


def _headed(table: Stated, page: Page, rest: Sequence[tuple[int, int]], start: int) -> Stated:
    """Give a table without a payment column the payment that its heading names, when the text names several."""
    if any(line.payment for line in table.lines):
        return table
    named = [mention for mention in page.mentions if mention.kind is Kind.PAYMENT and within(mention.start, rest)]
    if len({mention.value for mention in named}) <= 1:
        return table
    above = next((mention.value for mention in reversed(named) if mention.end <= start), None)
    totals = tuple(replace(total, payment=total.payment or above) for total in table.totals)
    return replace(table, lines=tuple(replace(line, payment=above) for line in table.lines), totals=totals)


def _settled(stated: Stated) -> Stated:
    """Give a lone amount to the only line, and drop payments that have got their lines."""
    lines = stated.lines
    if len(lines) == 1 and lines[0].amount is None and len({amount.readings for amount in stated.loose}) == 1:
        lines = (replace(lines[0], amount=stated.loose[0], quantity=None),)
        stated = replace(stated, lines=lines, loose=())
    used = {line.payment for line in lines}
    return replace(stated, lone_payments=tuple(payment for payment in stated.lone_payments if payment not in used))
