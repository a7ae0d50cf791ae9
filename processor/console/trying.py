"""Replay: a draft of the profile or a lexicon, tried on past mails or on kept ones. Nothing is ever applied."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from processor.console import drafts
from processor.console.drafts import BUSY, DAYS, Draft, UnsoundDraftError, folders_of, text_of
from processor.console.room import Visit
from processor.console.words import page
from processor.policy_files import PROFILE, files_of


def form(visit: Visit) -> Response:
    files = files_of(visit.room.settings)
    file = visit.asked("file") if visit.asked("file") in files else PROFILE
    since = visit.now - timedelta(days=DAYS)
    return _form(visit, Draft(file, text_of(files[file]), f"{since:%Y-%m-%d}", f"{visit.now:%Y-%m-%d}", ""))


def begin(visit: Visit) -> Response:
    """Begin a replay, once the draft is found sound as the command line finds settings sound."""
    text = next(iter(visit.form.get("text", ())), "")
    filled = Draft(visit.sent("file"), text, *(visit.sent(name) for name in ("since", "until", "folder")))
    try:
        trial = drafts.begin(visit, filled)
    except UnsoundDraftError as error:
        return _form(visit, filled, error.problems)
    if trial is None:
        return _form(visit, filled, (BUSY,), HTTPStatus.CONFLICT)
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
    visit: Visit, filled: Draft, problems: tuple[str, ...] = (), status: int = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return page(
        visit,
        "replay.html",
        status if problems else HTTPStatus.OK,
        filled=filled,
        files=tuple(files_of(visit.room.settings)),
        folders=tuple(folders_of(visit.room.settings)),
        trials=visit.room.trials.every(),
        problems=problems,
    )
