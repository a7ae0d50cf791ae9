"""Tables to lines: each row names an invoice, and what its columns mean is told by `columns.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import exponent
from processor.core.reading.amounts import cell_amount
from processor.core.reading.cells import cues_in, currency_words, mentions
from processor.core.reading.columns import Layout, layout_of
from processor.core.reading.mention import Kind, Mention
from processor.core.reading.stated import Stated
from processor.core.request import AskedAmount, Evidence, Line, Quantity, Total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.lexicon import Cue
    from processor.core.message import Cell, Table
    from processor.core.reading.page import Page


_WAITING = frozenset({"context.blocked", "context.hold", "context.negation", "intent.deny"})
_FEW_WORDS = 3
_REMARK_WORDS = 7


@dataclass(frozen=True, slots=True)
class Grid:
    """What a table states, and the stretch of the page that it covers."""

    stated: Stated
    start: int
    end: int


def read_table(table: Table, page: Page, snapshot: Snapshot) -> Grid | None:
    """Read a table that has a column of invoices; None when it has none (then it is read as running text)."""
    layout = layout_of(table, page, snapshot)
    if layout is None:
        return None
    shown = [cell for row in table.rows[layout.header :] for cell in row if cell.text]
    stated = _Rows(page, layout).read(table.rows[layout.first :])
    return Grid(stated, min(cell.start for cell in shown), max(cell.end for cell in shown))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Reads the rows of one table."""

    page: Page
    layout: Layout

    def read(self, body: Sequence[Sequence[Cell]]) -> Stated:
        """Walk the rows; an empty payment cell goes on with the payment above."""
        lines: list[Line] = []
        totals: list[Total] = []
        lone: list[str] = []
        evidence: list[Evidence] = []
        ranges: list[tuple[str, str]] = []
        told: list[tuple[Sequence[Cell], Line]] = []
        current: str | None = None
        for row in body:
            current = self._payment(row) or current
            if self._is_out(row):
                continue
            found = self._invoices(row, self.layout.invoice)
            amount = self._amount(row)
            if not found and self.layout.payment is not None:  # a row that stands under the wrong headings
                found = self._invoices(row, self.layout.payment)
                amount = AskedAmount((), (), amount.seen if amount else "", doubtful=True) if found else amount
            if not found and amount and self._is_total(row):
                totals.append(Total(amount, current))
            elif not found and self._payment(row):
                lone.append(current or "")
            ranges.extend((mention.value, mention.range_end) for mention in found if mention.range_end)
            stated = [self._line(mention, current, amount, row, several=len(found) > 1) for mention in found]
            lines.extend(stated)
            told.extend((row, line) for line in stated)
            evidence.extend(self._evidence(row, found))
        waiting = tuple(line.invoice or "" for row, line in told if self._waits(row, line))
        unpaid = tuple(payment for payment in lone if all(line.payment != payment for line in lines))
        return Stated(
            lines=tuple(lines),
            totals=tuple(totals),
            lone_payments=unpaid,
            asides=waiting,
            ranges=tuple(ranges),
            evidence=tuple(evidence),
        )

    def _is_out(self, row: Sequence[Cell]) -> bool:
        """Tell whether a cell of a few words says not to apply a row ("paid, do not apply")."""
        return any(
            len(cell.text.split()) <= _REMARK_WORDS
            and not mentions(cell, self.page)
            and _forbids(cues_in(cell, self.page))
            for cell in row
        )

    def _waits(self, row: Sequence[Cell], line: Line) -> bool:
        """Tell whether a cell of a few words says that a row is not to be paid ("hold", "no", "next run")."""
        return any(
            0 < len(cell.text.split()) <= _FEW_WORDS
            and not mentions(cell, self.page)
            and any(cue.kind in _WAITING for cue in cues_in(cell, self.page))
            for cell in row
            if line.invoice
        )

    def _invoices(self, row: Sequence[Cell], column: int) -> list[Mention]:
        found = (mention for mention in mentions(row[column], self.page) if mention.kind is Kind.INVOICE)
        return list({mention.value: mention for mention in found}.values())

    def _payment(self, row: Sequence[Cell]) -> str | None:
        if self.layout.payment is None:  # a column that mixes records has the payment where the invoices stand
            return next(
                (
                    mention.value
                    for mention in mentions(row[self.layout.invoice], self.page)
                    if mention.kind is Kind.PAYMENT
                ),
                None,
            )
        return next(
            (
                mention.value
                for mention in mentions(row[self.layout.payment], self.page)
                if mention.kind is Kind.PAYMENT
            ),
            None,
        )

    def _amount(self, row: Sequence[Cell]) -> AskedAmount | None:
        """Read the amount cell: a number, a quantity in words (then None),
        or something that is neither and so doubtful.
        """
        if self.layout.amount is None:
            return None
        cell = row[self.layout.amount.index]
        amount = cell_amount(cell, currency_words(cell, self.page), self.page.grammar)
        if amount is None:
            unreadable = cell.text.strip(" -–—") and not any(
                cue.kind.startswith("quantity.") or cue.kind.startswith("columns.open")
                for cue in cues_in(cell, self.page)
            )
            return AskedAmount((), (), cell.text.strip(), doubtful=True) if unreadable else None
        currencies = amount.currencies or self._row_currency(row) or self.layout.amount.currency
        return AskedAmount(amount.readings, currencies, amount.seen, doubtful=amount.doubtful or self.layout.torn)

    def _row_currency(self, row: Sequence[Cell]) -> tuple[str, ...]:
        for column in self.layout.columns:
            text = row[column.index].text.strip().upper()
            if exponent(text) is not None:
                return (text,)
        return ()

    def _is_total(self, row: Sequence[Cell]) -> bool:
        words = any(cue.kind == "cues.total" for cell in row for cue in cues_in(cell, self.page))
        return words or not row[self.layout.invoice].text.strip()

    def _line(
        self, mention: Mention, payment: str | None, amount: AskedAmount | None, row: Sequence[Cell], *, several: bool
    ) -> Line:
        own = AskedAmount((), (), amount.seen, doubtful=True) if several and amount else amount
        return Line(mention.value, payment, own, None if own else self._quantity(row))

    def _quantity(self, row: Sequence[Cell]) -> Quantity | None:
        named = {
            "quantity.full": Quantity.FULL,
            "quantity.open": Quantity.FULL,
            "quantity.rest": Quantity.REST,
            "quantity.all_of_payment": Quantity.ALL_OF_PAYMENT,
        }
        return next(
            (
                named[cue.kind]
                for cell in row
                for cue in cues_in(cell, self.page)
                if cue.kind in named and not mentions(cell, self.page)
            ),
            None,
        )

    def _evidence(self, row: Sequence[Cell], found: Sequence[Mention]) -> Iterable[Evidence]:
        for mention in found:
            yield self.page.evidence("invoice", mention.value, mention.start, mention.end, "table cell")
        if self.layout.payment is not None:
            for mention in mentions(row[self.layout.payment], self.page):
                yield self.page.evidence("payment", mention.value, mention.start, mention.end, "table cell")
        if self.layout.amount is not None and found:
            cell = row[self.layout.amount.index]
            if cell.text.strip():
                yield self.page.evidence("amount", level(cell.text.strip()), cell.start, cell.end, "table cell")


def _forbids(cues: Sequence[Cue]) -> bool:
    """Tell whether words that leave something out stand with a word for allocating, right before it or around it."""
    left_out = [cue for cue in cues if cue.kind in {"context.deleted_before", "context.deleted_after"}]
    asked = [cue for cue in cues if cue.kind == "intent.allocate"]
    return any(cue.start <= other.start <= cue.end + 1 for cue in left_out for other in asked)
