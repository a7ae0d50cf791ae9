"""XLS and XLSB by calamine; what XLS hides is read from its records, since calamine doesn't tell."""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.ole import CompoundFile
from processor.adapters.attachments.sheets import Sheet, Value, plain_number, source_of
from processor.adapters.attachments.workbook import words_of

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits
    from processor.core.message import Source

_BOUND_SHEET, _ROW, _COLUMNS, _FILE_PASS = 0x85, 0x208, 0x7D, 0x2F
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x1
_AREA = 1_000_000  # cells between the first and the last filled one: calamine makes room for them all


@dataclass(slots=True)
class _Hidden:
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


def read_old_office(file: File, limits: ReadingLimits) -> Source:
    """Read an older workbook. Older texts, saved mails and encrypted documents can't be read."""
    compound = CompoundFile(file.data)
    if "EncryptedPackage" in compound.entries:
        raise UnreadableError("encrypted")
    book = compound.stream("Workbook") or compound.stream("Book")
    if not book:
        raise UnreadableError("unknown kind")
    return read_with_calamine(file, limits, _hidden_in(book))


def read_with_calamine(file: File, limits: ReadingLimits, hidden: dict[int, _Hidden] | None = None) -> Source:
    """Read a workbook of any kind that calamine knows; `hidden` by the number of the sheet."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
        sheets: list[Sheet] = []
        for number, about in enumerate(book.sheets_metadata):
            sheet = book.get_sheet_by_index(number)
            if sheet.total_height * sheet.total_width > _AREA:
                raise UnreadableError("too large")
            unseen = (hidden or {}).get(number, _Hidden())
            rows = {
                row: {column: _value(value) for column, value in enumerate(values) if value != ""}
                for row, values in enumerate(sheet.to_python(skip_empty_area=False))
            }
            sheets.append(
                Sheet(
                    about.name,
                    {row: values for row, values in rows.items() if values},
                    about.visible != SheetVisibleEnum.Visible,
                    frozenset(unseen.rows),
                    frozenset(unseen.columns),
                )
            )
    except CalamineError as error:
        raise UnreadableError("encrypted" if "assword" in str(error) else "corrupt") from error
    return source_of(file.source_name, sheets, limits.text)


def _value(value: object) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Value(plain_number(value), number=True)
    return Value(words_of(value))


def _hidden_in(book: bytes) -> dict[int, _Hidden]:
    """Hidden rows and columns per sheet ([MS-XLS] Row, ColInfo). Sheets stand in the order of their offsets."""
    starts: list[int] = []
    found: dict[int, _Hidden] = defaultdict(_Hidden)
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        body = book[at + 4 : at + 4 + length]
        if kind == _FILE_PASS:
            raise UnreadableError("encrypted")
        if kind == _BOUND_SHEET and length >= 4:  # noqa: PLR2004
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind in {_ROW, _COLUMNS} and starts:
            sheet = max(
                (number for number, start in enumerate(starts) if start <= at), default=0, key=lambda one: starts[one]
            )
            _note(found[sheet], kind, body)
        at += 4 + length
    return found


def _note(hidden: _Hidden, kind: int, body: bytes) -> None:
    if kind == _ROW and len(body) >= 16 and body[12] & _HIDDEN_ROW:  # noqa: PLR2004
        hidden.rows.add(struct.unpack_from("<H", body)[0])
    elif kind == _COLUMNS and len(body) >= 10 and body[8] & _HIDDEN_COLUMN:  # noqa: PLR2004
        first, last = struct.unpack_from("<HH", body)
        hidden.columns.update(range(first, min(last, 255) + 1))
