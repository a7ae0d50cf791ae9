"""Which column holds the amounts of the lines: told by its heading, by what fits the sender's ledger, by sums."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.currencies import to_minor
from processor.core.reading.amounts import cell_amount
from processor.core.reading.cells import mentions
from processor.core.reading.mention import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.message import Cell
    from processor.core.model import Invoice
    from processor.core.reading.page import Page

# Which heading is taken first for the amount of a line.
ORDER = ("net", "amount", "", "gross", "open", "discount", "tax")
_THREE = 3  # amounts in a row: without the tax, the tax, with it


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the kind of its heading (empty when there is none), and how many cells of each kind it has."""

    index: int
    heading: str
    invoices: int
    payments: int
    amounts: int
    currency: tuple[str, ...]


def amount_column(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> tuple[Column | None, bool]:
    """Choose the column of the lines' amounts; the second value says that several could be meant.

    A heading that says "to apply" or "paid" decides when one column has it; "net" beside a tax is what lacks it.
    Else what fits the ledger decides when one column does, then a sum below one column alone, then the kind of heading.
    """
    paid = [column for column in columns if column.heading == "net"]
    if len(paid) == 1 and _lacks_tax(paid[0], columns, body, page):
        columns, paid = [column for column in columns if column is not paid[0]], []
    if len(paid) == 1:
        return paid[0], False
    rest = paid or list(columns)
    for chosen in _telling(rest, invoices, body, page, snapshot):
        if len(chosen) == 1:
            return chosen[0], _says_otherwise(chosen[0], rest, invoices, body, page, snapshot)
    for kind in ORDER:
        fitting = [column for column in rest if column.heading == kind]
        if fitting:
            figures = [_figures(body, column.index, invoices.index, page) for column in fitting]
            return fitting[-1], any(other != figures[-1] for other in figures)
    return None, False


def _lacks_tax(net: Column, columns: Sequence[Column], body: Sequence[Sequence[Cell]], page: Page) -> bool:
    """Tell whether a column with the tax comes to another one, row by row ("Net | VAT | Gross")."""
    taxes, wholes = ([column for column in columns if column.heading == kind] for kind in ("tax", "gross"))
    if len(taxes) != 1 or len(wholes) != 1:
        return False
    rows = [[cell_amount(row[column.index], (), page.grammar) for column in (net, taxes[0], wholes[0])] for row in body]
    told = [[amount.readings for amount in row if amount] for row in rows]
    sums = [
        any(first + second == whole for first in row[0] for second in row[1] for whole in row[2] if second)
        for row in told
        if len(row) == _THREE and all(row)
    ]
    return bool(sums) and all(sums)


def _says_otherwise(
    chosen: Column,
    columns: Sequence[Column],
    invoices: Column,
    body: Sequence[Sequence[Cell]],
    page: Page,
    snapshot: Snapshot,
) -> bool:
    """Tell whether a column headed as the amount has other figures than one headed as what the invoice comes to or has
    open, and than the invoices' totals.
    """
    if chosen.heading not in {"gross", "open"}:
        return False
    figures = _figures(body, chosen.index, invoices.index, page)
    others = [
        column
        for column in columns
        if column.heading == "amount" and _figures(body, column.index, invoices.index, page) != figures
    ]
    lines = [_lines(column, invoices, body, page, snapshot) for column in others]
    return any(found is None or any(amount != invoice.total for amount, invoice in found) for found in lines)


def _telling(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> Iterable[list[Column]]:
    """Yield the columns that each sign points at, the surest sign first."""
    yield _settling(columns, invoices, body, page, snapshot)
    yield _matching(columns, invoices, body, page, snapshot)
    yield [column for column in columns if _has_sum(body, column.index, invoices.index, page)]


def _lines(
    column: Column, invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> list[tuple[int, Invoice]] | None:
    """Return a column's amounts in minor units, each with its invoice; None where something can't be compared."""
    own = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    pairs: list[tuple[int, Invoice]] = []
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
        pairs.append((min(minor for minor in minors if minor is not None), invoice))
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
        if pairs
        and all(amount <= invoice.open_amount for amount, invoice in pairs)
        and sum(amount for amount, _ in pairs) in sums
    ]


def _matching(
    columns: Sequence[Column], invoices: Column, body: Sequence[Sequence[Cell]], page: Page, snapshot: Snapshot
) -> list[Column]:
    """Return the columns whose amounts are just what is open."""
    found = [(column, _lines(column, invoices, body, page, snapshot)) for column in columns]
    return [
        column for column, pairs in found if pairs and all(amount == invoice.open_amount for amount, invoice in pairs)
    ]


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
