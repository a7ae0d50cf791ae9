"""Sheets of an OpenDocument file: values from their attributes, exact; hidden sheets, rows and columns known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.adapters.attachments.office_xml import get, name_of
from processor.adapters.attachments.sheets import Sheet, Value, plain_number

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_REPEATED = 200  # times that a row or cell that is written once counts
_UNSEEN = frozenset({"collapse", "filter"})
_LAST_COLUMN = 16_384


def sheets_of(root: Element, spreadsheet: Element) -> list[Sheet]:
    """Read every sheet. A sheet is hidden by its style."""
    hidden = {
        get(style, "name")
        for style in root.iter()
        if name_of(style) == "style" and any(get(child, "display") == "false" for child in style)
    }
    return [_sheet(table, hidden) for table in spreadsheet if name_of(table) == "table"]


def _sheet(table: Element, hidden_styles: set[str]) -> Sheet:
    rows: dict[int, dict[int, Value]] = {}
    hidden_rows: set[int] = set()
    number = 0
    for row in (element for element in table.iter() if name_of(element) == "table-row"):
        values = _values(row)
        times = _times(row, "number-rows-repeated")
        for again in range(min(times, _REPEATED) if values else 0):
            rows[number + again] = values
            if get(row, "visibility") in _UNSEEN:
                hidden_rows.add(number + again)
        number += times
    hidden = get(table, "style-name") in hidden_styles
    return Sheet(get(table, "name"), rows, hidden, frozenset(hidden_rows), _hidden_columns(table))


def _hidden_columns(table: Element) -> frozenset[int]:
    hidden: set[int] = set()
    number = 0
    for column in (element for element in table.iter() if name_of(element) == "table-column"):
        times = _times(column, "number-columns-repeated")
        if get(column, "visibility") in _UNSEEN:
            hidden.update(range(number, number + min(times, _LAST_COLUMN)))
        number += times
    return frozenset(hidden)


def _times(element: Element, name: str) -> int:
    stated = get(element, name)
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else 1  # noqa: PLR2004


def _values(row: Element) -> dict[int, Value]:
    values: dict[int, Value] = {}
    number = 0
    for cell in row:
        if name_of(cell) not in {"table-cell", "covered-table-cell"}:
            continue
        times = _times(cell, "number-columns-repeated")
        value = _value(cell)
        for again in range(min(times, _REPEATED) if value else 0):
            values[number + again] = value or Value("")
        number += times
    return values


def _value(cell: Element) -> Value | None:
    kind, stated = get(cell, "value-type"), get(cell, "value")
    if kind in {"float", "currency"} and stated:
        try:
            text = plain_number(float(stated))
        except ValueError:
            return Value(stated)
        shown = _words(cell)
        digits = shown.replace(" ", "")
        if digits.isascii() and digits.isdigit() and digits.startswith("0") and digits.lstrip("0") == text:
            return Value(digits, number=True)
        currency = get(cell, "currency")
        return Value(f"{text} {currency}" if currency else text, number=True)
    if kind == "date":
        return Value(get(cell, "date-value").removesuffix("T00:00:00"))
    words = _words(cell)
    return Value(words) if words else None


def _words(cell: Element) -> str:
    return " ".join("".join(part.itertext()) for part in cell if name_of(part) == "p").strip()
