"""Text files and saved pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.adapters.attachments.delimited import decoded_text, read_delimited, seems_delimited
from processor.adapters.attachments.file import UnreadableError
from processor.adapters.charsets import charset_of_page, decode
from processor.adapters.html import read_html
from processor.adapters.plain import lines_of
from processor.core.message import Source

if TYPE_CHECKING:
    from processor.adapters.attachments.file import File
    from processor.adapters.limits import ReadingLimits


def read_plain_file(file: File, limits: ReadingLimits) -> Source:
    """Read a text file; one whose lines fall into columns is read as delimited."""
    if len(file.data) > 4 * limits.text:
        raise UnreadableError("too large")
    text = lines_of(decoded_text(file.data, file.charset))
    return (
        read_delimited(file.source_name, text) if seems_delimited(text) else Source(file.source_name, text.strip("\n"))
    )


def read_page(file: File, limits: ReadingLimits) -> Source:
    """Read a saved page, also one that calls itself a spreadsheet."""
    if len(file.data) > 4 * limits.text:
        raise UnreadableError("too large")
    page = read_html(lines_of(decode(file.data, file.charset or charset_of_page(file.data))))
    if not page.readable:
        raise UnreadableError("too large")
    return Source(file.source_name, page.text, page.tables, page.segments)
