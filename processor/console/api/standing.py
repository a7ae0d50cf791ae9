"""How things stand: who asks, what waits, whether all is well, how the work went, what letters say."""

from __future__ import annotations

from datetime import date, datetime

from processor import __version__
from processor.adapters.approval_sql import pending
from processor.adapters.figures_sql import read_figures
from processor.adapters.pause_sql import standing_pauses
from processor.adapters.report_sql import read_report
from processor.console import overview
from processor.console.api.requests import Pending
from processor.console.api.shape import Asked, Day, Shape, Text, Word
from processor.console.letters import sample
from processor.console.permissions import Permission
from processor.console.room import Visit
from processor.core.letter import LetterKind
from processor.report_rows import plain, span_of

_FIRST = date(1970, 1, 1)  # nothing is older


class Myself(Shape):
    """Whose token it is, and what it may do today: its scopes, as far as the role allows."""

    login: str
    name: Text
    role: str
    may: tuple[Permission, ...]


class Waiting(Shape):
    """How many wait, and since when the oldest does."""

    count: int
    since: datetime | None


class Standing(Shape):
    """A pause that stands, of everything, a mailbox or a partner."""

    scope: str
    name: Text
    action: str
    reason: Text
    actor: str
    began_at: datetime


class Status(Shape):
    """Everything that waits at one moment, mails of the last day by outcome, pauses, and what needs a second person."""

    at: datetime
    undecided: Waiting
    review: Waiting
    reviews_by_kind: dict[str, int]
    waiting: Waiting
    outbox: Waiting
    uncertain: Waiting
    feeds: Waiting
    outcomes: dict[str, int]
    pauses: tuple[Standing, ...]
    pending: tuple[Pending, ...]


class Check(Shape):
    """One thing that should be well: whether it is, and what to say of it."""

    what: str
    well: bool
    words: str


class Health(Shape):
    """Whether all is well; and which program, words and rules are at work."""

    well: bool
    checks: tuple[Check, ...]
    program: str
    versions: dict[str, str]


class ReportAsked(Asked):
    """The days (UTC), both included; without them the last thirty."""

    since: Day | None = None
    until: Day | None = None


class Spread(Shape):
    """How long something took or waits, in seconds."""

    count: int
    median: float
    p95: float
    longest: float


class Share(Shape):
    """Mails that asked for an allocation, and how many of these were applied at once."""

    name: Text
    asked: int
    applied: int


class Report(Shape):
    """How the work went; rates are parts of one, none where there was nothing."""

    since: datetime
    until: datetime
    straight_through_by_envelope: float | None
    straight_through_by_line: float | None
    lines_that_stood: float | None
    precision: float | None
    outcomes: dict[str, int]
    reasons: dict[str, int]
    missing: dict[str, int]
    requests: dict[str, int]
    envelopes: Share
    lines: int
    lines_by_people: int
    lines_reversed: int
    own_lines_taken_back: int
    decisions_corrected: int
    to_letter: Spread
    to_decision: Spread
    in_review: Spread
    waiting: Spread
    by_partner: tuple[Share, ...]
    by_language: tuple[Share, ...]


class LettersAsked(Asked):
    """Which letter, and in which language; without one, in every language."""

    kind: LetterKind = LetterKind.CONFIRMATION
    language: Word = ""


class Sample(Shape):
    """A letter with sample facts."""

    language: str
    subject: str
    text: str


class Samples(Shape):
    """A letter in the languages that were asked for, and all languages and kinds that there are."""

    kind: str
    letters: tuple[Sample, ...]
    languages: tuple[str, ...]
    kinds: tuple[str, ...]


def whoami(visit: Visit) -> Myself:
    """Whose token this is, and what it may do."""
    if visit.session is None:
        raise AssertionError
    account = visit.session.account
    mine = tuple(one for one in Permission if visit.may(one))
    return Myself(login=account.login, name=account.name, role=account.role, may=mine)


def show_status(visit: Visit) -> Status:
    """What waits, and since when."""
    engine = visit.room.engine
    figures = read_figures(engine, visit.now)
    queues = ("undecided", "review", "waiting", "outbox", "uncertain", "feeds")
    return Status(
        **{name: Waiting.model_validate(getattr(figures, name)) for name in queues},
        at=figures.at,
        reviews_by_kind=dict(figures.reviews_by_kind),
        outcomes=dict(figures.outcomes),
        pauses=tuple(map(Standing.model_validate, standing_pauses(engine))),
        pending=tuple(map(Pending.model_validate, pending(engine))),
    )


def show_health(visit: Visit) -> Health:
    """Whether anything is stuck."""
    checks = overview.checks(visit, read_figures(visit.room.engine, visit.now))
    return Health(
        well=all(one.well for one in checks),
        checks=tuple(map(Check.model_validate, checks)),
        program=__version__,
        versions=dict(visit.room.versions),
    )


def show_report(visit: Visit, asked: ReportAsked) -> Report:
    """Rates by envelope and by line, decisions by reason, times and ages, per partner and language."""
    since = max(asked.since, _FIRST).isoformat() if asked.since else ""
    until = min(max(asked.until, _FIRST), visit.now.date()).isoformat() if asked.until else ""
    span = span_of(since, until, visit.now)
    return Report.model_validate(plain(read_report(visit.room.engine, *span)))


def preview_letters(visit: Visit, asked: LettersAsked) -> Samples:
    """Every template with sample facts."""
    languages = visit.room.renderer.languages
    shown = [one for one in languages if asked.language in {"", one}]
    return Samples(
        kind=asked.kind.value,
        letters=tuple(_sample(visit, asked.kind, one) for one in shown),
        languages=tuple(languages),
        kinds=tuple(one.value for one in LetterKind),
    )


def _sample(visit: Visit, kind: LetterKind, language: str) -> Sample:
    letter = sample(visit, kind, language)
    return Sample(language=language, subject=letter.subject, text=letter.text)
