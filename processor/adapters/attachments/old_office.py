"""XLS and XLSB by calamine; what XLS hides is read from its records, since calamine doesn't tell."""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import File, UnreadableError
from processor.adapters.attachments.ole import CompoundFile
from processor.adapters.attachments.sheets import Sheet, Value, plain_number, source_of, words_of

if TYPE_CHECKING:
    from processor.adapters.limits import ReadingLimits
    from processor.core.message import Source

_BOUND_SHEET, _ROW, _COLUMNS, _FILE_PASS, _EXTENT = 0x85, 0x208, 0x7D, 0x2F, 0x200
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x1
_MANY_CELLS = frozenset({0xBD, 0xBE})  # MulRk, MulBlank: the last column stands at the end
_CELLS = _MANY_CELLS | {0x06, 0x206, 0x406, 0x7E, 0x27E, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205}
_NOTED = _CELLS | {_ROW, _COLUMNS}
_AREA = 1_000_000  # cells between the first and the last filled one: calamine makes room for them all


@dataclass(slots=True)
class _Seen:
    """What a sheet hides, and how far its cells reach: calamine makes room for all between the first and the last."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    last_row: int = 0
    last_column: int = 0

    def note(self, kind: int, body: bytes) -> None:
        """Take in one record."""
        if len(body) < 6:  # noqa: PLR2004
            return
        first, second = struct.unpack_from("<HH", body)
        if kind == _ROW and len(body) >= 16 and body[12] & _HIDDEN_ROW:  # noqa: PLR2004
            self.rows.add(first)
        elif kind == _COLUMNS and len(body) >= 10 and body[8] & _HIDDEN_COLUMN:  # noqa: PLR2004
            self.columns.update(range(first, min(second, 255) + 1))
        elif kind in _CELLS:
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind in _MANY_CELLS else second
            self.last_row = max(self.last_row, first)
            self.last_column = max(self.last_column, second, last)
            if (self.last_row + 1) * (self.last_column + 1) > _AREA:
                raise UnreadableError("too large")


def read_old_office(file: File, limits: ReadingLimits) -> Source:
    """Read an older workbook. Older texts, saved mails and encrypted documents can't be read."""
    compound = CompoundFile(file.data)
    if "EncryptedPackage" in compound.entries:
        raise UnreadableError("encrypted")
    book = compound.stream("Workbook") or compound.stream("Book")
    if not book:
        raise UnreadableError("unknown kind")
    return _read_with_calamine(file, limits, _survey(book))


def read_binary_workbook(file: File, limits: ReadingLimits) -> Source:
    """Read an XLSB."""
    return _read_with_calamine(file, limits, {})


def _read_with_calamine(file: File, limits: ReadingLimits, seen: dict[int, _Seen]) -> Source:
    from python_calamine import CalamineError

    try:
        sheets = _sheets(file.data, seen)
    except CalamineError as error:
        raise UnreadableError("encrypted" if "assword" in str(error) else "corrupt") from error
    except (UnreadableError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no `Exception`
        raise UnreadableError("corrupt") from error
    return source_of(file.source_name, sheets, limits.text)


def _sheets(data: bytes, seen: dict[int, _Seen]) -> list[Sheet]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets: list[Sheet] = []
    for number, about in enumerate(book.sheets_metadata):
        sheet = book.get_sheet_by_index(number)
        if sheet.total_height * sheet.total_width > _AREA:
            raise UnreadableError("too large")
        unseen = seen.get(number, _Seen())
        rows = {
            row: {column: _value(value) for column, value in enumerate(values) if value != ""}
            for row, values in enumerate(sheet.to_python(skip_empty_area=False))
        }
        filled = {row: values for row, values in rows.items() if values}
        is_hidden = about.visible != SheetVisibleEnum.Visible
        sheets.append(Sheet(about.name, filled, is_hidden, frozenset(unseen.rows), frozenset(unseen.columns)))
    return sheets


def _value(value: object) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Value(plain_number(value), number=True)
    return Value(words_of(value))


def _survey(book: bytes) -> dict[int, _Seen]:
    """Look over the records of an XLS ([MS-XLS] Row, ColInfo, cells). A sheet's follow its offset in the book."""
    starts: list[int] = []
    found: dict[int, _Seen] = defaultdict(_Seen)
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        body = book[at + 4 : at + 4 + length]
        if kind == _FILE_PASS:
            raise UnreadableError("encrypted")
        if kind == _EXTENT and length >= 12:  # noqa: PLR2004
            above, below, left, right = struct.unpack_from("<IIHH", body)
            if max(0, below - above) * max(1, right - left) > _AREA or below < above or right < left:
                raise UnreadableError("too large")
        if kind == _BOUND_SHEET and length >= 4:  # noqa: PLR2004
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind in _NOTED and starts:
            before = (number for number, start in enumerate(starts) if start <= at)
            found[max(before, default=0, key=lambda one: starts[one])].note(kind, body)
        at += 4 + length
    return found
