"""XLSX by openpyxl, which knows what a viewer shows and what it hides."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from processor.adapters.attachments.archive import Archive
from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.number_formats import currency_of, decimals_of, hides, is_percent, leading_zeros
from processor.adapters.attachments.sheets import Sheet, Value, plain_number, source_of, words_of

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from processor.adapters.limits import ReadingLimits
    from processor.core.message import Source

_XML = 8_000_000  # bytes of sheets and texts; a request has some thousand
_CELLS = 100_000
_MERGED = 2_000  # cells of one merged area
_NO_VALUE = re.compile(rb"(?:</f>|<f/>|<f [^<>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_WHITE = ("FFFFFFFF", "00FFFFFF")
_SUM = re.compile(
    r"=\s*(?:SUM|SOM|SUMME|SOMME|SUMA|SOMMA)\(\s*\$?([A-Z]{1,3})\$?(\d{1,7})\s*:\s*\$?([A-Z]{1,3})\$?(\d{1,7})\s*\)"
)


def read_workbook(file: File, limits: ReadingLimits) -> Source:
    """Read a workbook. Formulas give the value that was last calculated."""
    archive = Archive(file.data, limits)
    weight = sum(member.file_size for member in archive.members if member.filename.endswith(".xml"))
    if weight > _XML:
        raise UnreadableError("too large")
    return source_of(file.source_name, _sheets(file.data, uncalculated=_is_uncalculated(archive)), limits.text)


def _sheets(data: bytes, *, uncalculated: bool) -> list[Sheet]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(data), keep_links=False) if uncalculated else None
    return [_sheet(sheet, formulas[sheet.title] if formulas else None) for sheet in book.worksheets]


def _is_uncalculated(archive: Archive) -> bool:
    """Tell whether a sheet holds a formula without the value that a spreadsheet program leaves beside it."""
    sheets = (member for member in archive.members if member.filename.startswith("xl/worksheets/"))
    return any(_NO_VALUE.search(archive.read(member)) for member in sheets)


def _sheet(sheet: Worksheet, formulas: Worksheet | None) -> Sheet:
    cells = sheet._cells  # noqa: SLF001  # the filled cells alone: one in a far corner costs nothing
    if len(cells) > _CELLS:
        raise UnreadableError("too large")
    rows: dict[int, dict[int, Value]] = {}
    for (row, column), cell in sorted(cells.items()):
        value = _value(cell) or (_uncalculated(sheet, formulas, row, column) if formulas else None)
        if value:
            rows.setdefault(row, {})[column] = value
    hidden_rows = frozenset(number for number, row in sheet.row_dimensions.items() if row.hidden or row.height == 0)
    return Sheet(
        sheet.title, rows, sheet.sheet_state != "visible", hidden_rows, _hidden_columns(sheet), _merged(sheet, rows)
    )


def _merged(sheet: Worksheet, rows: dict[int, dict[int, Value]]) -> dict[tuple[int, int], tuple[int, int]]:
    """Map every place that a merged area covers to the one whose value shows; make room for it in `rows`."""
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    for area in sheet.merged_cells.ranges:
        first = (area.min_row, area.min_col)
        if area.min_col not in rows.get(area.min_row, {}) or area.size["rows"] * area.size["columns"] > _MERGED:
            continue
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                if (row, column) != first:
                    merged[row, column] = first
                    rows.setdefault(row, {}).setdefault(column, Value(""))
    return merged


def _hidden_columns(sheet: Worksheet) -> frozenset[int]:
    hidden: set[int] = set()
    for column in sheet.column_dimensions.values():
        if column.hidden or column.width == 0:
            column.reindex()
            hidden.update(range(int(column.min or 0), min(int(column.max or 0), 16_384) + 1))
    return frozenset(hidden)


def _value(cell: Cell | MergedCell) -> Value | None:
    value: Any = cell.value
    if value is None:
        return None
    number_format = cell.number_format or "General"
    hidden = hides(number_format) or _is_white(cell)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Value(words_of(value), hidden=hidden)
    return Value(number_of(value, number_format), number=True, hidden=hidden)


def number_of(value: float, number_format: str) -> str:
    """Write a number with what its format adds for a reader: zeros in front, a percent sign, a currency behind."""
    width = leading_zeros(number_format)
    if width and value == int(value) >= 0:
        return str(int(value)).zfill(width)
    if is_percent(number_format):
        return f"{plain_number(value * 100)}%"
    currency = currency_of(number_format)
    text = plain_number(value, decimals_of(number_format))
    return f"{text} {currency}" if currency else text


def _is_white(cell: Cell | MergedCell) -> bool:
    """White letters on no fill can't be seen."""
    font, fill = cell.font, cell.fill
    colour = font.color.rgb if font.color is not None else None
    return colour in _WHITE and fill.fill_type is None


def _uncalculated(sheet: Worksheet, formulas: Worksheet, row: int, column: int) -> Value | None:
    """A formula that no program has calculated yet: a sum is added up here, anything else stands as it is written."""
    formula = formulas.cell(row, column).value
    if not isinstance(formula, str) or not formula.startswith("="):
        return None
    match = _SUM.fullmatch(formula.upper())
    if match is None:
        return Value(formula)
    cells = [cell.value for line in sheet[f"{match[1]}{match[2]}:{match[3]}{match[4]}"] for cell in line]
    numbers = [value for value in cells if isinstance(value, (int, float)) and not isinstance(value, bool)]
    number_format = sheet.cell(row, column).number_format
    return Value(number_of(sum(numbers), number_format), number=True) if numbers else Value(formula)
