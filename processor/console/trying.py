"""Replay: a draft of the profile or a lexicon, tried on past mails or on kept ones. Nothing is ever applied."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from starlette.responses import RedirectResponse, Response

from processor.console.room import Visit
from processor.console.words import page
from processor.policy_files import PROFILE, files_of, policy_from
from processor.report_rows import span_of
from processor.settings_load import BadSettingsError
from processor.trial import Job

LONGEST = 1_000_000  # bytes of the form: a lexicon is some 100,000
DAYS = 7
SHOWN = 400  # lines of a difference
_BUSY = "Another replay is under way: wait for it, or cancel it."


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it stands: the file that is changed, its text, and the mails that it is tried on."""

    file: str
    text: str
    since: str
    until: str
    folder: str


def form(visit: Visit) -> Response:
    files = files_of(visit.room.settings)
    file = visit.asked("file") if visit.asked("file") in files else PROFILE
    since = visit.now - timedelta(days=DAYS)
    filled = Filled(file, _text(files[file]), f"{since:%Y-%m-%d}", f"{visit.now:%Y-%m-%d}", "")
    return _form(visit, filled)


def begin(visit: Visit) -> Response:
    """Begin a replay, once the draft is found sound as the command line finds settings sound."""
    text = next(iter(visit.form.get("text", ())), "")
    filled = Filled(visit.sent("file"), text, *(visit.sent(name) for name in ("since", "until", "folder")))
    files, folders = files_of(visit.room.settings), _folders(visit)
    if filled.file not in files:
        return _form(visit, filled, (f"{filled.file}: there is no such file",))
    try:
        since, until = span_of(filled.since, filled.until, visit.now, DAYS)
        draft = {filled.file: filled.text.replace("\r\n", "\n")}
        policy_from(visit.room.settings, draft)
    except BadSettingsError as error:
        return _form(visit, filled, tuple(error.problems))
    except ValueError as error:
        return _form(visit, filled, (f"{error}: is no date such as 2026-11-24",))
    if filled.folder and filled.folder not in folders:
        return _form(visit, filled, (f"{filled.folder}: there is no such folder",))
    job = Job(draft, since, until, folders.get(filled.folder))
    said = (_words(filled, since, until), _difference(_text(files[filled.file]), draft[filled.file], filled.file))
    trial = visit.room.trials.begin(visit.room.settings, job, visit.login, visit.now, said)
    if trial is None:
        return _form(visit, filled, (_BUSY,), HTTPStatus.CONFLICT)
    return RedirectResponse(f"/replay/{trial.id}", HTTPStatus.SEE_OTHER)


def trial(visit: Visit) -> Response:
    found = visit.room.trials.find(visit.path("trial"))
    if found is None:
        return page(visit, "missing.html", HTTPStatus.NOT_FOUND, words="This replay is not remembered any more.")
    return page(visit, "trial.html", trial=found)


def cancel(visit: Visit) -> Response:
    visit.room.trials.cancel(visit.path("trial"))
    return RedirectResponse(f"/replay/{visit.path('trial')}", HTTPStatus.SEE_OTHER)


def _form(
    visit: Visit, filled: Filled, problems: tuple[str, ...] = (), status: int = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return page(
        visit,
        "replay.html",
        status if problems else HTTPStatus.OK,
        filled=filled,
        files=tuple(files_of(visit.room.settings)),
        folders=tuple(_folders(visit)),
        trials=visit.room.trials.every(),
        problems=problems,
    )


def _folders(visit: Visit) -> dict[str, Path]:
    """Return what may be chosen: folders and mbox files that lie in the folder of the settings, and nothing else."""
    root = visit.room.settings.console.mails
    try:
        inside = sorted(Path(root).iterdir()) if root else []
    except OSError:
        inside = []
    return {one.name: one for one in inside if one.is_dir() or one.suffix == ".mbox"}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _words(filled: Filled, since: datetime, until: datetime) -> str:
    if filled.folder:
        return f"{filled.file} on the mails of {filled.folder}"
    return f"{filled.file} on what was decided from {since:%Y-%m-%d} to {until - timedelta(microseconds=1):%Y-%m-%d}"


def _difference(before: str, after: str, name: str) -> str:
    return "\n".join(_lines(before.splitlines(), after.splitlines(), name))


def _lines(before: list[str], after: list[str], name: str) -> Iterator[str]:
    lines = difflib.unified_diff(before, after, f"{name} in force", f"{name} in draft", n=1, lineterm="")
    for number, line in enumerate(lines):
        if number == SHOWN:
            yield "…"
            return
        yield line
