"""One attachment: what it is, whether it can be read, and the sources that it gives. Nothing is ever run or written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from processor.adapters.attachments.archive import Archive
from processor.adapters.attachments.file import Budget, File, Reading, UnreadableError, read, settled
from processor.adapters.attachments.kinds import Kind, kind_of
from processor.adapters.attachments.mails import read_mail_file
from processor.adapters.attachments.programs import has_running_member, names_program_inside, runs
from processor.adapters.attachments.tnef import read_tnef
from processor.adapters.charsets import one_line
from processor.core.message import AttachmentState

if TYPE_CHECKING:
    from collections.abc import Callable

    from processor.adapters.limits import ReadingLimits
    from processor.core.message import Source

# Modules are imported when a file of their kind comes, so that other mails don't pay for them.
_READERS = {
    Kind.DELIMITED: "delimited:read_delimited_file",
    Kind.PLAIN: "texts:read_plain_file",
    Kind.PAGE: "texts:read_page",
    Kind.RICH_TEXT: "rich_text:read_rich_text",
    Kind.PDF: "pdf:read_pdf",
    Kind.OLE: "old_office:read_old_office",
}
_CLOSED = frozenset({Kind.EMPTY, Kind.ORNAMENT, Kind.PICTURE, Kind.ARCHIVE, Kind.SEALED, Kind.UNKNOWN})  # never opened
_OFFICE = {
    "xl/worksheets/binaryIndex": "old_office:read_binary_workbook",
    "xl/workbook.bin": "old_office:read_binary_workbook",
    "xl/": "workbook:read_workbook",
    "word/": "documents:read_word",
    "mimetype": "documents:read_open_document",
}
_JUNK = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_NAME_LENGTH = 200


def read_file(file: File, budget: Budget) -> Reading:
    """Read one file. Never raises on what it contains: what can't be read says why."""
    if runs(file.name, file.content_type, file.data):
        return settled(file, AttachmentState.EXECUTABLE, "runs")
    before = budget.text
    try:
        reading = _read_kind(file, kind_of(file), budget)
    except UnreadableError as error:
        return settled(file, AttachmentState.UNREADABLE, str(error))
    except Exception as error:  # noqa: BLE001  # parsers of foreign formats raise whatever they meet on junk
        return settled(file, AttachmentState.UNREADABLE, _cause(error))
    budget.text = before - reading.size
    return reading if budget.text >= 0 else settled(file, AttachmentState.UNREADABLE, "too large")


def _cause(error: Exception) -> str:
    if isinstance(error, (MemoryError, RecursionError)):
        return "too large"
    return "no reader installed" if isinstance(error, ImportError) else f"corrupt ({type(error).__name__})"


def _read_kind(file: File, kind: Kind, budget: Budget) -> Reading:
    if kind is Kind.ZIP:
        return _read_zip(file, budget)
    if not budget.opens and kind not in _CLOSED:
        raise UnreadableError("too much work")
    if kind in _READERS:
        return read(file, _reader(_READERS[kind])(file, budget.limits))
    if kind is Kind.MAIL:
        return read_mail_file(file, budget, read_file)
    if kind is Kind.TNEF:
        return read_tnef(file, budget, read_file)
    if kind is Kind.ARCHIVE and names_program_inside(file.data):
        return settled(file, AttachmentState.EXECUTABLE, "holds a program")
    return _unread(file, kind)


def _unread(file: File, kind: Kind) -> Reading:
    if kind is Kind.ORNAMENT or (kind is Kind.PICTURE and file.inline):
        return settled(file, AttachmentState.IGNORED)
    if kind is Kind.EMPTY:
        nothing = file.inline or file.content_type == "text/plain"
        state = AttachmentState.IGNORED if nothing else AttachmentState.UNREADABLE
        return settled(file, state, "empty")
    words = {Kind.PICTURE: "picture", Kind.ARCHIVE: "archive", Kind.SEALED: "encrypted"}
    return settled(file, AttachmentState.UNREADABLE, words.get(kind, "unknown kind"))


def _reader(path: str) -> Callable[[File, ReadingLimits], Source]:
    module, _, function = path.partition(":")
    reader: Callable[[File, ReadingLimits], Source] = getattr(
        import_module(f"processor.adapters.attachments.{module}"), function
    )
    return reader


def _read_zip(file: File, budget: Budget) -> Reading:
    archive = Archive(file.data, budget.limits)
    if has_running_member(archive.names):
        return settled(file, AttachmentState.EXECUTABLE, "holds a program")
    if not budget.opens:
        raise UnreadableError("too much work")
    office = next(
        (path for start, path in _OFFICE.items() if any(name.startswith(start) for name in archive.names)), ""
    )
    if office:
        archive.check()
        return read(file, _reader(office)(file, budget.limits))
    return _read_archive(file, archive, budget)


def _read_archive(file: File, archive: Archive, budget: Budget) -> Reading:
    """Read what an archive holds, one level deep."""
    if file.nested:
        raise UnreadableError("an archive inside an archive")
    archive.check()
    attachments = list(settled(file, AttachmentState.READ).attachments)
    sources: list[Source] = []
    for member in archive.members:
        name = one_line(member.filename.replace("\\", "/"))[:_NAME_LENGTH]
        if not name.lower().startswith(_JUNK) and not name.lower().endswith(_JUNK):
            inside = File(
                f"{file.name}/{name}", "application/octet-stream", archive.read(member), file.part, nested=True
            )
            reading = read_file(inside, budget)
            attachments.extend(reading.attachments)
            sources.extend(reading.sources)
    return Reading(tuple(attachments), tuple(sources))
