"""Spreadsheet cells to a source: one line per row, one table per sheet; what a viewer doesn't show is marked hidden."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import UnreadableError
from processor.adapters.charsets import clean
from processor.core.message import Cell, Segment, SegmentKind, Source, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIGITS_OF_A_FLOAT = 15
_NOISE = 6  # decimals beyond which a float shows its binary nature


@dataclass(frozen=True, slots=True)
class Value:
    """A cell as a viewer shows it, but for grouping: a `number` has a dot and may carry the currency of its format."""

    text: str
    number: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: rows of values by their place; `merged` maps a covered place to the one that shows."""

    title: str
    rows: dict[int, dict[int, Value]]
    hidden: bool
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: dict[tuple[int, int], tuple[int, int]] | None = None


def plain_number(value: float, decimals: int | None = None) -> str:
    """Write a number without grouping, exponent, trailing zeros, and the noise of binary fractions."""
    if not abs(value) < 10**_DIGITS_OF_A_FLOAT:
        return repr(value)
    exact = Decimal(repr(value))
    places = _NOISE if decimals is None else decimals
    if -int(exact.as_tuple().exponent) > places:
        exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def words_of(value: object) -> str:
    """Write a value that is no number: dates as ISO 8601, times without seconds that are zero."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value).upper() if isinstance(value, bool) else str(value)


def source_of(name: str, sheets: Sequence[Sheet], most: int) -> Source:
    """Write sheets one below the other; the tab's name stands above each, if there are several to see."""
    out = _Page(most)
    titled = sum(1 for sheet in sheets if not sheet.hidden and sheet.rows) > 1
    for sheet in sheets:
        if sheet.rows:
            out.add(sheet, titled=titled)
    return Source(name, "".join(out.chunks), tuple(out.tables), tuple(out.segments))


class _Page:
    def __init__(self, most: int) -> None:
        self.chunks: list[str] = []
        self.length = 0
        self.tables: list[Table] = []
        self.segments: list[Segment] = []
        self._most = most

    def add(self, sheet: Sheet, *, titled: bool) -> None:
        if self.length:
            self._write("\n")
        start = self.length
        if titled or sheet.hidden:
            self._write(f"{sheet.title}\n\n")
        columns = sorted({column for row in sheet.rows.values() for column in row})
        rows: list[tuple[Cell, ...]] = []
        places: dict[tuple[int, int], Cell] = {}
        before = min(sheet.rows)
        for number in sorted(sheet.rows):
            self._write("\n" * min(number - before - 1, 1))
            before = number
            row = self._row(sheet, number, columns, places)
            if any(cell.text for cell in row):
                rows.append(row)
        if sheet.hidden:
            self.segments.append(Segment(SegmentKind.HIDDEN, start, self.length))
        if rows:
            self.tables.append(Table(tuple(rows), sheet.hidden, exact=True))

    def _row(
        self, sheet: Sheet, number: int, columns: list[int], places: dict[tuple[int, int], Cell]
    ) -> tuple[Cell, ...]:
        values = sheet.rows[number]
        last = max(values)
        row: list[Cell] = []
        for column in columns:
            value = values.get(column)
            shown = sheet.merged.get((number, column)) if sheet.merged else None
            unseen = (
                number in sheet.hidden_rows or column in sheet.hidden_columns or (value is not None and value.hidden)
            )
            cell = places.get(shown, Cell("", self.length, self.length)) if shown else self._cell(value, unseen=unseen)
            places[number, column] = cell
            if sheet.hidden or not unseen:
                row.append(cell)
            elif column not in sheet.hidden_columns:
                row.append(Cell("", cell.start, cell.start))
            if column < last:
                self._write("\t")
        self._write("\n")
        return tuple(row)

    def _cell(self, value: Value | None, *, unseen: bool) -> Cell:
        start = self.length
        if value is None:
            return Cell("", start, start)
        text = clean(" ".join(value.text.split()))
        self._write(text)
        if unseen and text:
            self.segments.append(Segment(SegmentKind.HIDDEN, start, self.length))
        return Cell(text, start, self.length, value.number)

    def _write(self, text: str) -> None:
        self.length += len(text)
        if self.length > self._most:
            raise UnreadableError("too large")
        self.chunks.append(text)
