"""The pages that show how things stand: today, and health."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from processor.adapters.approval_sql import pending
from processor.adapters.days_sql import read_days
from processor.adapters.figures_sql import Figures, Queue, read_figures
from processor.adapters.pause_sql import standing_pauses
from processor.adapters.queue_sql import read_oldest
from processor.adapters.schema import schema_of
from processor.console.chart import PARTS, chart_of
from processor.console.room import Visit
from processor.console.words import page

DAYS = 30
OLD = timedelta(hours=1)  # what the worker itself must do and hasn't done for so long is stuck


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should be well: whether it is, and what to say of it."""

    what: str
    well: bool
    words: str


def today(visit: Visit) -> Response:
    room = visit.room
    figures = read_figures(room.engine, visit.now)
    return page(
        visit,
        "today.html",
        figures=figures,
        endangered=figures.reviews_by_kind.get("promise_in_danger", 0),
        oldest=read_oldest(room.engine, 5),
        chart=chart_of(read_days(room.engine, visit.now, DAYS)),
        parts=PARTS,
        pauses=standing_pauses(room.engine),
        pending=pending(room.engine),
        stuck=tuple(one for one in _checks(figures, visit.now) if not one.well),
    )


def health(visit: Visit) -> Response:
    room = visit.room
    figures = read_figures(room.engine, visit.now)
    return page(visit, "health.html", checks=checks(visit, figures), figures=figures, versions=room.versions)


def checks(visit: Visit, figures: Figures) -> tuple[Check, ...]:
    """Say of everything that should be well whether it is."""
    schema = Check("database", well=True, words=f"answers, schema {schema_of(visit.room.engine)}")
    return (schema, *_checks(figures, visit.now))


def _checks(figures: Figures, now: datetime) -> Iterator[Check]:
    yield _moving("mails to decide", figures.undecided, now)
    yield _moving("letters to send", figures.outbox, now)
    yield _moving("files for the billing page", figures.feeds, now)
    uncertain = figures.uncertain.count
    words = "none" if not uncertain else f"{uncertain}: the mail server may have them; somebody must look"
    yield Check("letters that may or may not have left", not uncertain, words)
    for name, pulse in sorted(figures.pulses.items()):
        well = now - pulse.at < OLD or "poll" not in name
        yield Check(f"sign of life: {name}", well, f"{pulse.at:%Y-%m-%d %H:%M} UTC")


def _moving(what: str, queue: Queue, now: datetime) -> Check:
    if queue.since is None:
        return Check(what, well=True, words="none wait")
    words = f"{queue.count}, the oldest since {queue.since:%Y-%m-%d %H:%M} UTC"
    return Check(what, now - queue.since < OLD, words)
