"""The statement as CSV for a spreadsheet: a byte order mark, the separators of the language, and no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from processor.adapters.formats import Formats
from processor.adapters.letter_mime import Sheet
from processor.core.currencies import to_text
from processor.core.letter import LetterLine, StatementFacts
from processor.core.model import Money

_COLUMNS = ("kind", "number", "received", "due", "currency", "total", "remaining")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def statement_sheet(facts: StatementFacts, formats: Formats, term: Callable[[str], str]) -> Sheet:
    """Return a partner's payments and invoices, a row each; dates are ISO 8601, amounts have no grouping."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";" if formats.decimal_comma else ",", lineterminator="\r\n")
    writer.writerow(defused(term(name)) for name in _COLUMNS)
    writer.writerows(map(defused, row) for row in _rows(facts, formats, term))
    name = "".join(char for char in facts.partner_id if char.isascii() and char.isalnum())
    return Sheet(f"statement-{name}.csv", written.getvalue().encode("utf-8-sig"))


def _rows(facts: StatementFacts, formats: Formats, term: Callable[[str], str]) -> Iterator[tuple[str, ...]]:
    for line in facts.payments:
        yield term("payment"), line.payment or "", _date(line), "", *_amounts(line.amount, line.payment_left, formats)
    for line in facts.invoices:
        yield term("invoice"), line.invoice or "", "", _date(line), *_amounts(line.amount, line.invoice_open, formats)


def _date(line: LetterLine) -> str:
    return line.on.isoformat() if line.on else ""


def _amounts(total: Money | None, remaining: Money | None, formats: Formats) -> tuple[str, str, str]:
    known = total or remaining
    return known.currency if known else "", _number(total, formats), _number(remaining, formats)


def _number(money: Money | None, formats: Formats) -> str:
    if money is None:
        return ""
    number = to_text(money.minor, money.currency)
    return number.replace(".", ",") if formats.decimal_comma else number


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a negative number stays one."""
    is_number = cell.removeprefix("-").replace(".", "").replace(",", "").isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA) and not is_number else cell
