"""A draft of the profile or a lexicon: checked as the program checks its files, and begun as a trial.

Pages and API share it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from processor.console.room import Visit
from processor.policy_files import files_of, policy_from
from processor.report_rows import span_of
from processor.settings import Settings
from processor.settings_load import BadSettingsError
from processor.trial import Job
from processor.trials import Trial

LONGEST = 1_000_000  # bytes of what is sent: a lexicon is some 100,000
DAYS = 7
SHOWN = 400  # lines of a difference
BUSY = "Another replay is under way: wait for it, or cancel it."


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be tried: the file that is changed, its text, and on which mails. Days are ISO dates, or empty."""

    file: str
    text: str
    since: str
    until: str
    folder: str


class UnsoundDraftError(Exception):
    """A draft that can't be tried; `problems` say why."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def begin(visit: Visit, draft: Draft) -> Trial | None:
    """Begin a trial, or return None while another is under way. Raises `UnsoundDraftError`."""
    settings, text = visit.room.settings, draft.text.replace("\r\n", "\n")
    files, folders = files_of(settings), folders_of(settings)
    if draft.file not in files:
        raise UnsoundDraftError(f"{draft.file}: there is no such file")
    if draft.folder and draft.folder not in folders:
        raise UnsoundDraftError(f"{draft.folder}: there is no such folder")
    try:
        since, until = span_of(draft.since, draft.until, visit.now, DAYS)
        policy_from(settings, {draft.file: text})
    except BadSettingsError as error:
        raise UnsoundDraftError(*error.problems) from error
    except ValueError as error:
        raise UnsoundDraftError(f"{error}: is no date such as 2026-11-24") from error
    job = Job({draft.file: text}, since, until, folders.get(draft.folder))
    told_as = (_words(draft, since, until), _difference(text_of(files[draft.file]), text, draft.file))
    return visit.room.trials.begin(settings, job, visit.login, visit.now, told_as)


def folders_of(settings: Settings) -> dict[str, Path]:
    """Return what may be chosen: folders and mbox files that lie in the folder of the settings, and nothing else."""
    root = settings.console.mails
    try:
        inside = sorted(Path(root).iterdir()) if root else []
    except OSError:
        inside = []
    return {one.name: one for one in inside if one.is_dir() or one.suffix == ".mbox"}


def text_of(file: Path) -> str:
    """Return a file's text, empty where it can't be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _words(draft: Draft, since: datetime, until: datetime) -> str:
    if draft.folder:
        return f"{draft.file} on the mails of {draft.folder}"
    return f"{draft.file} on what was decided from {since:%Y-%m-%d} to {until - timedelta(microseconds=1):%Y-%m-%d}"


def _difference(before: str, after: str, name: str) -> str:
    return "\n".join(_lines(before.splitlines(), after.splitlines(), name))


def _lines(before: list[str], after: list[str], name: str) -> Iterator[str]:
    lines = difflib.unified_diff(before, after, f"{name} in force", f"{name} in draft", n=1, lineterm="")
    for number, line in enumerate(lines):
        if number == SHOWN:
            yield "…"
            return
        yield line
