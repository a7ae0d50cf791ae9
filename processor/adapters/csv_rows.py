"""A ledger file as rows that know where they stand. What is wrong with one is a `Problem`, never the end of reading."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

CELL_CHARACTERS = 10_000  # the longest cell that can be meant

_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_UNDECODED = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, and where: file, line (from 1; 0 is the file), column by its name (empty is the row)."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = [self.file, *([str(self.line)] if self.line else []), *([self.column] if self.column else [])]
        return f"{':'.join(place)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """One record: where it begins, and its cells by column."""

    file: str
    line: int
    cells: Mapping[str, str]

    def problem(self, column: str, reason: str) -> Problem:
        """Return what is wrong with one of its cells."""
        return Problem(self.file, self.line, column, reason)


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row | Problem]:
    """Read a file of UTF-8 CSV (RFC 4180, BOM allowed) whose first line names exactly these columns, in any order."""
    name = path.name
    try:
        # Bytes that are no UTF-8 are kept as lone surrogates, so that their line and column can be named.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _read(name, file, columns)
    except OSError as error:
        yield Problem(name, 0, "", f"can't be read: {error.strerror}")


def defuse(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `recover` is the way back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def recover(cell: str) -> str:
    """Take back what `defuse` did."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def _read(name: str, file: TextIO, columns: Sequence[str]) -> Iterator[Row | Problem]:
    reader = csv.reader(file, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:  # where a quote is out of place, nothing behind it can be trusted
            yield Problem(name, line, "", f"is no CSV: {error}")
            return
        if cells is None:
            break
        if header is None:
            header = cells
            if problem := _wrong_header(name, cells, columns):
                yield problem
                return
        elif cells:
            yield from _row(name, line, header, cells)
    if header is None:
        yield Problem(name, 1, "", f"is empty: expected a line with {', '.join(columns)}")


def _wrong_header(name: str, header: Sequence[str], columns: Sequence[str]) -> Problem | None:
    if sorted(header) == sorted(columns):
        return None
    missing = [column for column in columns if column not in header]
    unknown = [column for column in header if column not in columns]
    faults = (f"lacks {', '.join(missing)}" if missing else "", f"has unknown {', '.join(unknown)}" if unknown else "")
    return Problem(
        name, 1, "", "the header " + (" and ".join(fault for fault in faults if fault) or "repeats a column")
    )


def _row(name: str, line: int, header: Sequence[str], cells: Sequence[str]) -> Iterator[Row | Problem]:
    if len(cells) != len(header):
        yield Problem(name, line, "", f"has {len(cells)} cells, the header {len(header)}")
        return
    row = Row(name, line, dict(zip(header, cells, strict=True)))
    if not _unusable("".join(cells)):  # one look, for nearly every row of millions is well
        yield row
        return
    problems = [row.problem(column, reason) for column, cell in row.cells.items() if (reason := _unusable(cell))]
    yield from problems
    if not problems:
        yield row


def _unusable(cell: str) -> str:
    if _UNDECODED.search(cell):
        return "is not UTF-8"
    if _CONTROL.search(cell):
        return "holds a control character"
    return f"is longer than {CELL_CHARACTERS} characters" if len(cell) > CELL_CHARACTERS else ""
