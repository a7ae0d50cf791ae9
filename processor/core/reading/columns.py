"""What each column of a table means: told by its heading and by what stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.currencies import exponent
from processor.core.reading.amount_columns import ORDER, Column, amount_column
from processor.core.reading.amounts import cell_amount
from processor.core.reading.cells import cues_in, currency_words, mentions
from processor.core.reading.mention import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.message import Cell, Table
    from processor.core.reading.page import Page

_NO_AMOUNT = frozenset({"date", "other", "currency"})  # headings of columns that hold amounts only when no other does
_LONG_CELL = 60
_MOSTLY = 0.5  # of the words of a heading
_HEADER_REACH = 12
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "円": "JPY"}
_RANK = ("net", "discount", "tax", "gross", "open", "payment", "invoice", "date", "currency", "amount", "other")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is to be read; `torn` says that several columns could hold the amounts."""

    columns: tuple[Column, ...]
    invoice: int
    payment: int | None
    amount: Column | None
    torn: bool
    first: int  # the first row of the body
    header: int  # the first heading row, or the first row of the body


def layout_of(table: Table, page: Page, snapshot: Snapshot) -> Layout | None:
    """Find the columns of a table; None when it has no column of invoices (then it is read as running text)."""
    header = _header_rows(table, page)
    first = header[-1] + 1 if header else 0
    body = table.rows[first:]
    columns = tuple(_column(index, table, header, body, page) for index in range(len(table.rows[0])))
    invoices = max(columns, key=lambda column: (column.invoices, column.heading == "invoice"))
    if not invoices.invoices or (not header and invoices.invoices == 1):  # one row without a heading is no table
        return None
    others = [column for column in columns if column.index != invoices.index]
    payments = max((column for column in others if column.payments), key=lambda column: column.payments, default=None)
    amounts = [column for column in others if column is not payments and column.amounts]
    amounts = [column for column in amounts if column.heading not in _NO_AMOUNT] or amounts
    amount, torn = amount_column(amounts, invoices, body, page, snapshot)
    return Layout(
        columns, invoices.index, payments.index if payments else None, amount, torn, first, header[0] if header else 0
    )


def _header_rows(table: Table, page: Page) -> list[int]:
    """Return the first row in which at least two cells are headings and nothing is identified,
    and a second one right below it.
    """
    for index, row in enumerate(table.rows[:_HEADER_REACH]):
        if any(mention.kind is Kind.INVOICE for cell in row for mention in mentions(cell, page)):
            return []
        if _is_heading_row(row, page):
            below = table.rows[index + 1] if index + 1 < len(table.rows) else ()
            return [index, index + 1] if below and _is_heading_row(below, page) else [index]
    return []


def _is_heading_row(row: Sequence[Cell], page: Page) -> bool:
    headed = {(cell.start, cell.end) for cell in row if _heading(cell, page)}
    return (
        len(headed) > 1  # one word is chance
        and not any(mentions(cell, page) for cell in row)
        and not any(_is_figure(cell, page) for cell in row)
    )


def _is_figure(cell: Cell, page: Page) -> bool:
    amount = cell_amount(cell, currency_words(cell, page), page.grammar)
    return amount is not None and bool(amount.readings) and re.search(r"[.,]\d{2}\b", cell.text) is not None


def _heading(cell: Cell, page: Page) -> str:
    """Return the kind of a heading: the phrase that covers most of the cell, `net` before `amount` where both do."""
    text = page.text[cell.start : cell.end]
    if len(text) > _LONG_CELL:
        return ""
    words = len(re.findall(r"\w+", re.sub(r"\([^)]*\)|\b[A-Z]{3}\b", "", text))) or 1
    best = ("", 0.0)
    for cue in cues_in(cell, page):
        if cue.kind.startswith("columns."):
            covered = len(re.findall(r"\w+", page.text[cue.start : cue.end])) / words
            kind = cue.kind.removeprefix("columns.")
            if covered > best[1] or (covered == best[1] and _rank(kind) < _rank(best[0])):
                best = (kind, covered)
    return best[0] if best[1] >= _MOSTLY else ""


def _rank(kind: str) -> int:
    return _RANK.index(kind) if kind in _RANK else len(_RANK)


def _column(index: int, table: Table, header: Sequence[int], body: Sequence[Sequence[Cell]], page: Page) -> Column:
    own = [row for row in body if len({(cell.start, cell.end) for cell in row}) > 1]  # a heading over all is in none
    cells = list({(row[index].start, row[index].end): row[index] for row in own}.values())
    kinds = [mention.kind for cell in cells for mention in mentions(cell, page)]
    titles = [table.rows[row][index] for row in reversed(header)]
    heading = next((kind for title in titles if (kind := _heading(title, page))), "")
    payments = kinds.count(Kind.PAYMENT)
    if heading == "payment" and not payments:
        heading = "net"  # a column "Payment" with figures is what was paid
    amounts = sum(_is_amount(cell, page, heading) for cell in cells)
    currency = next((code for title in titles if (code := _currency_in(title.text))), ())
    return Column(index, heading, kinds.count(Kind.INVOICE), payments, amounts, currency)


def _currency_in(text: str) -> tuple[str, ...]:
    for code in _CODE.findall(text.upper()):
        if exponent(code) is not None:
            return (code,)
    return next(((code,) for sign, code in _SIGNS.items() if sign in text), ())


def _is_amount(cell: Cell, page: Page, heading: str) -> bool:
    if mentions(cell, page) or any(cell.start <= found.start < cell.end for found in page.dates):
        return False
    amount = cell_amount(cell, currency_words(cell, page), page.grammar)
    if amount is None:
        return False
    return bool(
        heading in ORDER[:2] + ORDER[3:] or cell.number or amount.currencies or re.search(r"[.,]\d{2}\b", cell.text)
    )
