"""CSV and its kin, as offices really write them: any delimiter, any charset, titles above and totals below."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import UnreadableError
from processor.adapters.charsets import clean, decode
from processor.adapters.plain import lines_of
from processor.core.message import Cell, Source, Table

if TYPE_CHECKING:
    from processor.adapters.attachments.file import File
    from processor.adapters.limits import ReadingLimits

_DELIMITERS = ";\t|,"
_NAMES = (".csv", ".tsv", ".tab")
_TYPES = frozenset({"text/csv", "text/tab-separated-values", "text/comma-separated-values", "application/csv"})
_SHEETS = ("application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_FORMULA = re.compile(r'="([^"]*)"')
_CONTROLS = tuple(bytes([code]) for code in range(1, 32) if code not in {9, 10, 12, 13, 26, 27})
_SAMPLE_LINES = 200
_PROSE_MARKS = 2
_RECORDS = 20_000
_POLISH = re.compile(r"(?i)\b(?:faktur|płat|kwot|należ|wpłat|zapłat|przelew|numer|razem|suma|waluta|nabywc)")
_CENTRAL = "ąćęłńśźżĄĆĘŁŃŚŹŻ"


def looks_delimited(name: str, content_type: str, data: bytes) -> bool:
    """Tell whether a file is delimited text: by its name or type, if its content is text at all."""
    named = name.lower().endswith((*_NAMES, ".xls", ".xlsx")) or content_type in _TYPES or content_type in _SHEETS
    return named and is_text(data)


def is_text(data: bytes) -> bool:
    """Tell whether a file is text: no zero bytes, except those of UTF-16, and hardly a control character."""
    head = data[:4096]
    if _utf16(head):
        return True
    odd = sum(head.count(byte) for byte in _CONTROLS)
    return b"\0" not in head and odd * 50 <= len(head)


def read_delimited_file(file: File, limits: ReadingLimits) -> Source:
    """Read a delimited file."""
    if len(file.data) > 4 * limits.text:
        raise UnreadableError("too large")
    return read_delimited(file.source_name, lines_of(decoded_text(file.data, file.charset)))


def seems_delimited(text: str) -> bool:
    """Tell whether plain text falls into columns: two lines or more of three values, no comma between them."""
    mark = vote(text)
    wide = [record for record in _records(text[:20_000], mark) if len(record) > _PROSE_MARKS]
    return mark != "," and len(wide) > 1


def read_delimited(name: str, text: str) -> Source:
    """Make one line of the source (cells joined by tabs) and one row of the table from each record."""
    delimiter, text = _stated(text)
    records = _records(text, delimiter or vote(text))
    width = max((len(record) for record in records), default=0)
    lines: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    at = 0
    for record in records:
        row: list[Cell] = []
        line = "\t".join(record)
        for value in record:
            row.append(Cell(value, at, at + len(value)))
            at += len(value) + 1
        if not record:
            at += 1
        row += [Cell("", at - 1, at - 1)] * (width - len(row))
        lines.append(line)
        if any(cell.text for cell in row):
            rows.append(tuple(row))
    tables = (Table(tuple(rows)),) if rows and width > 1 else ()
    return Source(name, "\n".join(lines), tables)


def decoded_text(data: bytes, charset: str = "") -> str:
    """Decode a text file: its byte order mark, then the ladder; Windows-1250 where Polish words say so."""
    wide = _utf16(data)
    if wide:
        return clean(data.decode(wide, "replace"))
    text = decode(data.removeprefix(b"\xef\xbb\xbf"), charset)
    if charset.lower() in {"", "us-ascii"} and not text.isascii() and not _is_utf8(data):
        other = data.decode("cp1250", "replace")
        if any(letter in other for letter in _CENTRAL) and _POLISH.search(other):
            return clean(other)
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _utf16(data: bytes) -> str:
    """Name the UTF-16 that a file is in, by its mark or by zero bytes in every other place."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    head = data[:400]
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(head) > 3 and zeros.count(0) > 0.7 * len(zeros):  # noqa: PLR2004
            return name
    return ""


def _stated(text: str) -> tuple[str, str]:
    """Read the `sep=;` line that spreadsheets put in front."""
    match = re.match(r'"?sep=(.)"?[^\S\n]*\n', text, re.IGNORECASE)
    return (match[1], text[match.end() :]) if match else ("", text)


@dataclass(frozen=True, slots=True)
class _Vote:
    rows: int
    columns: int


def vote(text: str) -> str:
    """Choose the delimiter that gives the most lines with one same number of columns; a comma inside amounts loses."""
    sample = "\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    best, mark = _Vote(0, 1), ","
    for delimiter in _DELIMITERS:
        counts = Counter(len(record) for record in _records(sample, delimiter) if any(record))
        counts.pop(1, None)
        if counts:
            columns, rows = max(counts.items(), key=lambda item: (item[1], item[0]))
            if (rows, columns) > (best.rows, best.columns):
                best, mark = _Vote(rows, columns), delimiter
    return mark


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Split into records and values (RFC 4180, read tolerantly: a quote inside a value is a letter)."""
    records: list[list[str]] = []
    pattern = _value_pattern(delimiter)
    lines = _logical_lines(text)
    if len(lines) > _RECORDS:
        raise UnreadableError("too large")
    for line in lines:
        values: list[str] = []
        at = 0
        while at <= len(line):
            match = pattern.match(line, at)
            if match is None:
                break
            values.append(_value(match[0]))
            at = match.end() + 1
        records.append(values)
    return records


def _value_pattern(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf'[^\S{mark}\n]*=?"(?:[^"]++|"")*+"[^\S{mark}\n]*(?={mark}|\Z)|[^{mark}]*')


def _logical_lines(text: str) -> list[str]:
    """Lines, where a quoted value may run over a line end; an odd quote that never closes is a letter."""
    lines: list[str] = []
    held = ""
    for line in text.split("\n"):
        held = f"{held}\n{line}" if held else line
        if held.count('"') % 2 and len(held) < 10_000:  # noqa: PLR2004
            continue
        lines.append(held)
        held = ""
    if held:
        lines.extend(held.split("\n"))
    return lines


def _value(raw: str) -> str:
    value = raw.strip(" ")
    formula = _FORMULA.fullmatch(value)
    if formula:
        value = formula[1]
    elif len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('""', '"')
    return " ".join(value.split())
