"""Tables to lines: what a column means is told by its heading and by what stands in it, and both must agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import exponent
from processor.core.reading.amounts import cell_amount
from processor.core.reading.identifiers import Kind, Mention
from processor.core.reading.stated import Stated
from processor.core.request import AskedAmount, Evidence, Line, Quantity, Total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.lexicon import Cue
    from processor.core.message import Cell, Table
    from processor.core.reading.page import Page

_AMOUNT_KINDS = ("net", "amount", "", "gross", "open")  # which heading is taken first for the amount of a line
_LONG_CELL = 60
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "円": "JPY"}


@dataclass(frozen=True, slots=True)
class Grid:
    """What a table states, and the stretch of the page that it covers."""

    stated: Stated
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    heading: str  # the kind of its heading, without "columns."; empty when there is none
    invoices: int
    payments: int
    amounts: int
    currency: tuple[str, ...]


def read_table(table: Table, page: Page) -> Grid | None:
    """Read a table that has a column of invoices; None when it has none (then it is read as running text)."""
    cells = [cell for row in table.rows for cell in row]
    if not cells or not table.rows[0]:
        return None
    header = _header_row(table, page)
    body = table.rows[header + 1 :] if header is not None else table.rows
    columns = [_column(index, table, header, body, page) for index in range(len(table.rows[0]))]
    invoices = max(columns, key=lambda column: (column.invoices, column.heading == "invoice"))
    if not invoices.invoices or (header is None and invoices.invoices < 2):
        return None
    payments = max(
        (column for column in columns if column.index != invoices.index and column.payments),
        key=lambda column: column.payments,
        default=None,
    )
    amount, torn = _amount_column(columns, invoices, payments, body)
    reader = _Rows(page, table.exact, columns, invoices.index, payments.index if payments else None, amount, torn)
    shown = [cell for row in table.rows[header or 0 :] for cell in row if cell.text]
    return Grid(reader.read(body), min(cell.start for cell in shown), max(cell.end for cell in shown))


def _header_row(table: Table, page: Page) -> int | None:
    """Return the first row in which at least two cells (or all) are headings and nothing is identified."""
    for index, row in enumerate(table.rows[:12]):
        if any(mention.kind is Kind.INVOICE for cell in row for mention in _mentions(cell, page)):
            return None
        headed = [cell for cell in row if _heading(cell, page)]
        if len({(cell.start, cell.end) for cell in headed}) >= 2 and not any(_mentions(cell, page) for cell in row):
            return index
    return None


def _mentions(cell: Cell, page: Page) -> list[Mention]:
    return [mention for mention in page.mentions if cell.start <= mention.start < cell.end]


def _cues(cell: Cell, page: Page) -> list[Cue]:
    return [cue for cue in page.cues if cell.start <= cue.start and cue.end <= cell.end]


def _heading(cell: Cell, page: Page) -> str:
    """Return the kind of a heading: the phrase that covers most of the cell, `net` before `amount` where both do."""
    text = page.text[cell.start : cell.end]
    words = len(re.findall(r"\w+", re.sub(r"\([^)]*\)|\b[A-Z]{3}\b", "", text))) or 1
    if len(text) > _LONG_CELL:
        return ""
    best = ("", 0.0)
    for cue in _cues(cell, page):
        if cue.kind.startswith("columns."):
            covered = len(re.findall(r"\w+", page.text[cue.start : cue.end])) / words
            kind = cue.kind.removeprefix("columns.")
            if covered > best[1] or (covered == best[1] and _rank(kind) < _rank(best[0])):
                best = (kind, covered)
    return best[0] if best[1] >= 0.5 else ""


def _rank(kind: str) -> int:
    order = ("net", "discount", "gross", "open", "payment", "invoice", "date", "currency", "amount", "other")
    return order.index(kind) if kind in order else len(order)


def _column(index: int, table: Table, header: int | None, body: Sequence[Sequence[Cell]], page: Page) -> _Column:
    cells = list({(row[index].start, row[index].end): row[index] for row in body}.values())
    kinds = [mention.kind for cell in cells for mention in _mentions(cell, page)]
    heading = _heading(table.rows[header][index], page) if header is not None else ""
    amounts = sum(_is_amount(cell, page, heading, exact=table.exact) for cell in cells)
    currency = _currency_in(table.rows[header][index].text) if header is not None else ()
    return _Column(index, heading, kinds.count(Kind.INVOICE), kinds.count(Kind.PAYMENT), amounts, currency)


def _currency_in(text: str) -> tuple[str, ...]:
    for code in _CODE.findall(text.upper()):
        if exponent(code) is not None:
            return (code,)
    return next(((code,) for sign, code in _SIGNS.items() if sign in text), ())


def _is_amount(cell: Cell, page: Page, heading: str, *, exact: bool) -> bool:
    if _mentions(cell, page) or any(cell.start <= found.start < cell.end for found in page.dates):
        return False
    amount = cell_amount(cell.text, _shifted(cell, page), exact=exact)
    if amount is None:
        return False
    return bool(
        heading in {"net", "amount", "gross", "open", "discount"}
        or exact
        or amount.currencies
        or re.search(r"[.,]\d{2}\b", cell.text)
    )


def _shifted(cell: Cell, page: Page) -> list[Cue]:
    """Return the currency words of a cell with places relative to its stripped text."""
    lead = len(cell.text) - len(cell.text.lstrip())
    return [
        type(cue)(cue.kind, cue.start - cell.start - lead, cue.end - cell.start - lead, cue.language, cue.value)
        for cue in _cues(cell, page)
        if cue.kind == "currency"
    ]


def _amount_column(
    columns: Sequence[_Column], invoices: _Column, payments: _Column | None, body: Sequence[Sequence[Cell]]
) -> tuple[_Column | None, bool]:
    """Choose the column of the lines' amounts; the second value says that several could be meant."""
    rest = [
        column
        for column in columns
        if column.index != invoices.index
        and column is not payments
        and column.amounts
        and column.heading not in {"discount", "date", "other", "currency"}
    ]
    for kind in _AMOUNT_KINDS:
        fitting = [column for column in rest if column.heading == kind]
        if fitting:
            summed = [column for column in fitting if _is_summed(body, column.index, invoices.index)]
            first = summed[0] if len(summed) == 1 else fitting[-1]
            differ = any(_numbers(body, column.index) != _numbers(body, first.index) for column in fitting)
            return first, differ and len(summed) != 1
    return None, False


def _is_summed(body: Sequence[Sequence[Cell]], index: int, invoices: int) -> bool:
    """Tell whether a row without an invoice holds the sum of a column: that column is what the sender adds up."""
    lines = [
        amount
        for row in body
        if row[invoices].text.strip() and (amount := cell_amount(row[index].text, (), exact=False))
    ]
    others = [
        amount
        for row in body
        if not re.search(r"\d{4}", row[invoices].text) and (amount := cell_amount(row[index].text, (), exact=False))
    ]
    values = [amount.readings for amount in lines]
    if not values or any(len(value) != 1 for value in values):
        return False
    total = sum(value[0] for value in values)
    return any(total in amount.readings for amount in others)


def _numbers(body: Sequence[Sequence[Cell]], index: int) -> list[str]:
    return [re.sub(r"[^\d.,]", "", row[index].text) for row in body]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Reads the rows of one table."""

    page: Page
    exact: bool
    columns: Sequence[_Column]
    invoice: int
    payment: int | None
    amount: _Column | None
    torn: bool

    def read(self, body: Sequence[Sequence[Cell]]) -> Stated:
        """Walk the rows; an empty payment cell goes on with the payment above."""
        lines: list[Line] = []
        totals: list[Total] = []
        lone: list[str] = []
        evidence: list[Evidence] = []
        ranges: list[tuple[str, str]] = []
        current: str | None = None
        for row in body:
            current = self._payment(row) or current
            found = list(
                {
                    mention.value: mention
                    for mention in _mentions(row[self.invoice], self.page)
                    if mention.kind is Kind.INVOICE
                }.values()
            )
            amount = self._amount(row)
            if not found and amount and (self._is_total(row)):
                totals.append(Total(amount, current))
            elif not found and self._payment(row):
                lone.append(current or "")
            ranges.extend((mention.value, mention.range_end) for mention in found if mention.range_end)
            lines.extend(self._line(mention, current, amount, row, several=len(found) > 1) for mention in found)
            evidence.extend(self._evidence(row, found))
        unpaid = tuple(payment for payment in lone if all(line.payment != payment for line in lines))
        return Stated(
            lines=tuple(lines),
            totals=tuple(totals),
            lone_payments=unpaid,
            ranges=tuple(ranges),
            evidence=tuple(evidence),
        )

    def _payment(self, row: Sequence[Cell]) -> str | None:
        if self.payment is None:
            return None
        return next(
            (mention.value for mention in _mentions(row[self.payment], self.page) if mention.kind is Kind.PAYMENT), None
        )

    def _amount(self, row: Sequence[Cell]) -> AskedAmount | None:
        """Read the amount cell: a number, a quantity in words (then None), or something that is neither and so doubtful."""
        if self.amount is None:
            return None
        cell = row[self.amount.index]
        amount = cell_amount(cell.text, _shifted(cell, self.page), exact=self.exact)
        if amount is None:
            unreadable = cell.text.strip(" -–—") and not any(
                cue.kind.startswith("quantity.") or cue.kind.startswith("columns.open")
                for cue in _cues(cell, self.page)
            )
            return AskedAmount((), (), cell.text.strip(), doubtful=True) if unreadable else None
        currencies = amount.currencies or self._row_currency(row) or self.amount.currency
        readable = AskedAmount(amount.readings, currencies, amount.seen, doubtful=amount.doubtful or self.torn)
        return readable

    def _row_currency(self, row: Sequence[Cell]) -> tuple[str, ...]:
        for column in self.columns:
            text = row[column.index].text.strip().upper()
            if exponent(text) is not None:
                return (text,)
        return ()

    def _is_total(self, row: Sequence[Cell]) -> bool:
        words = any(cue.kind == "cues.total" for cell in row for cue in _cues(cell, self.page))
        return words or not row[self.invoice].text.strip()

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
                for cue in _cues(cell, self.page)
                if cue.kind in named and not _mentions(cell, self.page)
            ),
            None,
        )

    def _evidence(self, row: Sequence[Cell], found: Sequence[Mention]) -> Iterable[Evidence]:
        for mention in found:
            yield self.page.evidence("invoice", mention.value, mention.start, mention.end, "table cell")
        if self.payment is not None:
            for mention in _mentions(row[self.payment], self.page):
                yield self.page.evidence("payment", mention.value, mention.start, mention.end, "table cell")
        if self.amount is not None and found:
            cell = row[self.amount.index]
            if cell.text.strip():
                yield self.page.evidence("amount", level(cell.text.strip()), cell.start, cell.end, "table cell")
