"""What each column of a table means: told by its heading and by what stands in it, by sums,
and by what fits the sender's ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.currencies import exponent, to_minor
from processor.core.reading.amounts import cell_amount
from processor.core.reading.identifiers import Kind, Mention

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.lexicon import Cue
    from processor.core.message import Cell, Table
    from processor.core.reading.page import Page

_ORDER = ("net", "amount", "", "gross", "open", "discount")  # which heading is taken first for the amount of a line
_NO_AMOUNT = frozenset({"date", "other", "currency"})  # headings of columns that hold amounts only when no other does
_LONG_CELL = 60
_MOSTLY = 0.5  # of the words of a heading
_HEADER_REACH = 12
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "円": "JPY"}
_RANK = ("net", "discount", "gross", "open", "payment", "invoice", "date", "currency", "amount", "other")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the kind of its heading (empty when there is none), and how many cells of each kind it has."""

    index: int
    heading: str
    invoices: int
    payments: int
    amounts: int
    currency: tuple[str, ...]


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
    amount, torn = _amount_column(amounts, invoices, body, page, snapshot)
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


def mentions(cell: Cell, page: Page) -> list[Mention]:
    """Return the identifiers in a cell."""
    return [mention for mention in page.mentions if cell.start <= mention.start < cell.end]


def cues_in(cell: Cell, page: Page) -> list[Cue]:
    """Return the phrases in a cell."""
    return [cue for cue in page.cues if cell.start <= cue.start and cue.end <= cell.end]


def _heading(cell: Cell, page: Page) -> str:
    """Return the kind of a heading: the phrase that covers most of the cell, `net` before `amount` where both do."""
    text = page.text[cell.start : cell.end]
    words = len(re.findall(r"\w+", re.sub(r"\([^)]*\)|\b[A-Z]{3}\b", "", text))) or 1
    if len(text) > _LONG_CELL:
        return ""
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
        heading in _ORDER[:2] + _ORDER[3:] or cell.number or amount.currencies or re.search(r"[.,]\d{2}\b", cell.text)
    )


def currency_words(cell: Cell, page: Page) -> list[Cue]:
    """Return the currency words of a cell with places relative to its stripped text."""
    lead = len(cell.text) - len(cell.text.lstrip())
    back = cell.start + lead
    return [
        type(cue)(cue.kind, cue.start - back, cue.end - back, cue.language, cue.value)
        for cue in cues_in(cell, page)
        if cue.kind == "currency"
    ]


def _amount_column(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> tuple[Column | None, bool]:
    """Choose the column of the lines' amounts; the second value says that several could be meant.

    A heading that says "to apply" or "paid" decides when one column has it. Else what fits the ledger decides when one
    column does, then a sum below one column alone, then the kind of heading.
    """
    paid = [column for column in columns if column.heading == "net"]
    if len(paid) == 1:
        return paid[0], False
    rest = paid or list(columns)
    for chosen in _telling(rest, invoices, body, page, snapshot):
        if len(chosen) == 1:
            return chosen[0], False
    for kind in _ORDER:
        fitting = [column for column in rest if column.heading == kind]
        if fitting:
            figures = [_figures(body, column.index, invoices.index, page) for column in fitting]
            return fitting[-1], any(other != figures[-1] for other in figures)
    return None, False


def _telling(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> Iterable[list[Column]]:
    """Yield the columns that each sign points at, the surest sign first."""
    yield _settling(columns, invoices, body, page, snapshot)
    yield _matching(columns, invoices, body, page, snapshot)
    yield [column for column in columns if _has_sum(body, column.index, invoices.index, page)]


def _lines(
    column: Column, invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> list[tuple[int, int]] | None:
    """Return (amount, open balance) of a column's lines in minor units; None where something can't be compared."""
    own = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    pairs: list[tuple[int, int]] = []
    for row in body:
        named = [
            own.get(mention.value) for mention in mentions(row[invoices.index], page) if mention.kind is Kind.INVOICE
        ]
        if not named:
            continue
        amount = cell_amount(row[column.index], (), page.grammar)
        invoice = named[0]
        minors = {to_minor(value, invoice.currency) for value in amount.readings} if amount and invoice else set()
        if invoice is None or len(minors - {None}) == 0:
            return None
        pairs.append(
            (next(minor for minor in sorted(minor for minor in minors if minor is not None)), invoice.open_amount)
        )
    return pairs or None


def _settling(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> list[Column]:
    """Return the columns whose amounts fit the invoices and add up to one of the sender's payments."""
    sums = {minor for payment in snapshot.payments for minor in (payment.amount, payment.unallocated) if minor}
    found = [(column, _lines(column, invoices, body, page, snapshot)) for column in columns]
    return [
        column
        for column, pairs in found
        if pairs and all(amount <= left for amount, left in pairs) and sum(amount for amount, _ in pairs) in sums
    ]


def _matching(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> list[Column]:
    """Return the columns whose amounts are just what is open."""
    found = [(column, _lines(column, invoices, body, page, snapshot)) for column in columns]
    return [column for column, pairs in found if pairs and all(amount == left for amount, left in pairs)]


def _has_sum(body: Sequence[Sequence[Cell]], index: int, invoices: int, page: Page) -> bool:
    """Tell whether a column's sum stands below it, in a row without an invoice."""
    named = [any(mention.kind is Kind.INVOICE for mention in mentions(row[invoices], page)) for row in body]
    amounts = [cell_amount(row[index], (), page.grammar) for row in body]
    lines = [amount.readings for amount, line in zip(amounts, named, strict=True) if line and amount]
    if not lines or any(len(values) != 1 for values in lines):
        return False
    total = sum(values[0] for values in lines)
    return any(total in amount.readings for amount, line in zip(amounts, named, strict=True) if not line and amount)


def _figures(body: Sequence[Sequence[Cell]], index: int, invoices: int, page: Page) -> list[str]:
    """Return the figures of a column in the rows that name an invoice."""
    lines = (row for row in body if any(mention.kind is Kind.INVOICE for mention in mentions(row[invoices], page)))
    return [re.sub(r"[^\d.,]", "", row[index].text) for row in lines]
