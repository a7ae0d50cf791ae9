"""Mails that lie in files instead of a mailbox: single `.eml` files, conversations, and mbox files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from processor.ports import StoredMail
from processor.usage import WrongUsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROM_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_DATED = re.compile(rb"^(received|date):((?:[^\r\n]|\r?\n[ \t])*)", re.MULTILINE | re.IGNORECASE)
_HEADER_BYTES = 256_000  # of a mail; no date stands behind that
_DATE_CHARACTERS = 100


class MailFilesError(WrongUsageError):
    """There is no mail at this path."""


@dataclass(frozen=True, slots=True)
class Case:
    """Mails that are decided one after the other on one ledger, each under its name."""

    name: str
    mails: tuple[tuple[str, bytes], ...]


def find_cases(path: Path) -> tuple[Case, ...]:
    """Read a folder of conversations, a folder of `.eml` files, or an mbox file. Raises `MailFilesError`."""
    try:
        cases = _from_folder(path) if path.is_dir() else (Case(path.stem, tuple(_from_mbox(path.read_bytes()))),)
    except OSError as error:
        raise MailFilesError(f"{path}: can't be read ({error.strerror})") from error
    if not any(case.mails for case in cases):
        raise MailFilesError(f"{path}: holds no .eml file, no folder of them, and is no mbox file")
    return cases


def stored_mail(raw: bytes, number: int = 1, mailbox: str = "") -> StoredMail:
    """Return a mail as the database would hold it; it arrived when `arrived_at` says."""
    return StoredMail(
        id=number,
        mailbox=mailbox,
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        received_at=arrived_at(raw),
        attempts=1,
        size=len(raw),
    )


def arrived_at(raw: bytes) -> datetime:
    """Return the moment of arrival, UTC, that the topmost `Received` tells, else `Date`, else the year 1970."""
    head = re.split(rb"\r?\n\r?\n", raw[:_HEADER_BYTES], maxsplit=1)[0]
    fields = [(name.lower(), value.rpartition(b";")[2]) for name, value in _DATED.findall(head)]
    for wanted in (b"received", b"date"):
        for name, value in fields:
            if name == wanted and (moment := _moment(value)):
                return moment
    return _EPOCH


def _moment(value: bytes) -> datetime | None:
    try:
        moment = parsedate_to_datetime(" ".join(value.decode("ascii", "replace").split())[:_DATE_CHARACTERS])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_folder(folder: Path) -> tuple[Case, ...]:
    bare = _mails(folder)
    if bare:
        return (Case(folder.name, bare),)
    return tuple(
        Case(inner.name, mails) for inner in sorted(folder.iterdir()) if inner.is_dir() and (mails := _mails(inner))
    )


def _mails(folder: Path) -> tuple[tuple[str, bytes], ...]:
    return tuple((file.name, file.read_bytes()) for file in sorted(folder.glob("*.eml"), key=_by_number))


def _by_number(file: Path) -> tuple[int, str]:
    """Sort 2.eml before 10.eml."""
    digits = re.match(r"\d+", file.name)
    return int(digits[0]) if digits else 0, file.name


def _from_mbox(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Cut at `From ` lines that begin the file or follow an empty line; `>From ` in a body loses its mark (mboxrd)."""
    starts = [match for match in _FROM_LINE.finditer(content) if _is_cut(content, match.start())]
    ends = [*(match.start() for match in starts[1:]), len(content)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        mail = content[start.end() : end]
        if mail.endswith((b"\n\n", b"\n\r\n")):  # the empty line is the mbox's, not the mail's
            mail = mail.removesuffix(b"\n").removesuffix(b"\r")
        yield str(number), re.sub(rb"^>(>*From )", rb"\1", mail, flags=re.MULTILINE)


def _is_cut(content: bytes, at: int) -> bool:
    return at == 0 or content[max(0, at - 3) : at].endswith((b"\n\n", b"\n\r\n"))
