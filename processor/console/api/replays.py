"""Replay: a draft tried on past mails or on kept ones. What would change is told, and nothing is ever applied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from processor.console import drafts
from processor.console.api.problems import Code, ProblemError
from processor.console.api.shape import Asked, Day, Money, Name, Sent, Shape, Text, Word, money
from processor.console.drafts import BUSY, Draft, UnsoundDraftError, folders_of, text_of
from processor.console.room import Visit
from processor.policy_files import PROFILE, files_of
from processor.trial import Change
from processor.trials import Trial


class WordsAsked(Asked):
    """Which file: `profile`, or `lexicon/de` and the like."""

    file: Word = PROFILE


class WordsInForce(Shape):
    """A file as it is in force, the files that may be changed in a draft, and the folders of kept mails."""

    file: str
    text: Text
    files: tuple[str, ...]
    folders: tuple[Text, ...]


class ReplaySent(Sent):
    """A file's text as it might be, and the days (UTC) whose decisions are made again, or a folder of kept mails."""

    file: Name
    text: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]  # as long as a body may be
    since: Day | None = None
    until: Day | None = None
    folder: Word = ""


class ReplayAsked(Asked):
    """Which replay."""

    replay: Name


class Verdict(Shape):
    """What becomes of a mail, and the codes of what was missing or wrong."""

    outcome: str
    codes: tuple[str, ...]


class Changed(Shape):
    """A decision that would change; `more` is applied by the draft alone, `less` by the words in force alone."""

    name: Text
    subject: Text
    partner_id: Text
    before: Verdict
    after: Verdict
    more: tuple[Money, ...]
    less: tuple[Money, ...]


class Replay(Shape):
    """A replay as it stands: `number` of `total` mails are done, of which so many decisions would change."""

    id: str
    by: str
    began_at: datetime
    words: Text
    state: str
    number: int
    total: int
    changed: int
    left_out: dict[str, int]
    more: tuple[Money, ...]
    less: tuple[Money, ...]
    problem: Text


class Replays(Shape):
    """The replays that are remembered, the newest first."""

    replays: tuple[Replay, ...]


class ReplayInFull(Replay):
    """A replay with the first five hundred decisions that would change, and what the draft changes."""

    changes: tuple[Changed, ...]
    difference: Text


def show_words(visit: Visit, asked: WordsAsked) -> WordsInForce:
    """The profile or a lexicon as it is in force."""
    files = files_of(visit.room.settings)
    if asked.file not in files:
        raise ProblemError(Code.NOT_FOUND, f"There is no file {asked.file}.")
    folders = tuple(folders_of(visit.room.settings))
    return WordsInForce(file=asked.file, text=text_of(files[asked.file]), files=tuple(files), folders=folders)


def list_replays(visit: Visit) -> Replays:
    """The replays that are remembered."""
    return Replays(replays=tuple(Replay.model_validate(_told(one)) for one in visit.room.trials.every()))


def begin_replay(visit: Visit, sent: ReplaySent) -> ReplayInFull:
    """Try a draft; one replay is under way at a time."""
    since, until = (one.isoformat() if one else "" for one in (sent.since, sent.until))
    try:
        begun = drafts.begin(visit, Draft(sent.file, sent.text, since, until, sent.folder))
    except UnsoundDraftError as error:
        raise ProblemError(Code.REFUSED, "The draft can't be tried.", {"problems": error.problems}) from None
    if begun is None:
        raise ProblemError(Code.CONFLICT, BUSY)
    return _found(visit, begun.id)


def show_replay(visit: Visit, asked: ReplayAsked) -> ReplayInFull:
    """How far a replay is, and what it found."""
    return _found(visit, asked.replay)


def cancel_replay(visit: Visit, asked: ReplayAsked) -> ReplayInFull:
    """End a replay; what it found until then stays."""
    visit.room.trials.cancel(asked.replay)
    return _found(visit, asked.replay)


def _found(visit: Visit, name: str) -> ReplayInFull:
    found = visit.room.trials.find(name)
    if found is None:
        raise ProblemError(Code.NOT_FOUND, f"No replay {name} is remembered.")
    changes = tuple(map(_changed, found.changes))
    return ReplayInFull.model_validate(_told(found) | {"changes": changes, "difference": found.diff})


def _told(trial: Trial) -> dict[str, object]:
    names = ("id", "by", "began_at", "words", "state", "number", "total", "changed", "problem")
    told: dict[str, object] = {name: getattr(trial, name) for name in names}
    return told | {"left_out": dict(trial.left_out), "more": _sums(trial.more), "less": _sums(trial.less)}


def _changed(one: Change) -> Changed:
    return Changed(
        name=one.name,
        subject=one.subject,
        partner_id=one.partner_id,
        before=Verdict.model_validate(one.before),
        after=Verdict.model_validate(one.after),
        more=_sums(one.more),
        less=_sums(one.less),
    )


def _sums(amounts: Mapping[str, int]) -> tuple[Money, ...]:
    return tuple(money(minor, currency) for currency, minor in sorted(amounts.items()) if minor)
