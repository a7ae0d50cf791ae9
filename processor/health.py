"""Whether work is stuck (`reliability.md` P13): figures held against thresholds, and nothing else.

What is well is silent; each finding says in one sentence what is wrong, so that whoever is woken knows where to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from processor.adapters.breaker_sql import BREAKER
from processor.adapters.figures_sql import Figures, Queue
from processor.adapters.pause_sql import Pause
from processor.adapters.pulse_sql import BACKED_UP, FOLLOWED_UP, POLLED, RECONCILED, Pulse
from processor.core.office import Office
from processor.heart import DELIVERED, PROGRESS
from processor.settings import Settings

NEVER = "never"  # the figure of what was not seen to work yet
_MINUTE = timedelta(minutes=1)
_AHEAD = timedelta(minutes=5)  # a sign of life further in the future was dated by a clock that has been put right since
_RECONCILE_AGE = timedelta(hours=50)  # it runs daily; one may fail


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: its figure in words, and what is wrong, if anything is."""

    name: str
    figure: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When something counts as stuck. `began` is when the worker that asks was started; None where none asks."""

    mailbox: str
    poll: timedelta
    deliver: timedelta
    follow_up: timedelta
    undecided: timedelta
    outbox: timedelta
    uncertain: timedelta
    review_days: int
    pause: timedelta
    backup: timedelta
    disk_free: int
    began: datetime | None = None


def thresholds_from(settings: Settings, began: datetime | None = None) -> Thresholds:
    """Return the thresholds of the settings."""
    health, schedule = settings.health, settings.schedule
    return Thresholds(
        mailbox=settings.mailbox.address,
        poll=_two(schedule.poll_seconds),
        deliver=_two(schedule.deliver_seconds),
        follow_up=_two(schedule.follow_up_seconds),
        undecided=health.undecided_minutes * _MINUTE,
        outbox=health.outbox_minutes * _MINUTE,
        uncertain=health.uncertain_minutes * _MINUTE,
        review_days=health.review_days,
        pause=timedelta(hours=health.pause_hours),
        backup=timedelta(hours=health.backup_hours),
        disk_free=health.disk_free_mb * 1_000_000,
        began=began,
    )


def judge(
    figures: Figures, pauses: tuple[Pause, ...], free: Mapping[str, int], limits: Thresholds, office: Office
) -> tuple[Check, ...]:
    """Look at everything; `free` is how many bytes are free in each folder that matters.

    What stood still before `limits.began` is not held against a worker that has just been started.
    """
    return (
        *_signs_of_life(figures, limits),
        *_queues(figures, pauses, limits, office),
        *_pauses(figures.at, pauses, limits),
        *_disks(free, limits),
    )


def _two(seconds: float) -> timedelta:
    """Two intervals; the check itself, which comes every half minute, adds to it (P13: two intervals and a minute)."""
    return timedelta(seconds=2 * seconds) + _MINUTE / 2


# --- signs of life ------------------------------------------------------------------------------------------------


def _signs_of_life(figures: Figures, limits: Thresholds) -> Iterator[Check]:
    seen = figures.pulses
    polled = _newest(seen, POLLED + limits.mailbox, PROGRESS)
    for name, sign, limit, words in (
        ("poll", polled, limits.poll, "the mailbox was not read"),
        ("deliver", seen.get(DELIVERED), limits.deliver, "no letter was looked at"),
        ("follow_up", seen.get(FOLLOWED_UP), limits.follow_up, "the clock's work was not done"),
    ):
        yield _alive(name, sign, figures.at, limit, words, limits.began)
    reconciled = seen.get(RECONCILED + limits.mailbox)
    if reconciled is not None:
        yield _alive("reconcile", reconciled, figures.at, _RECONCILE_AGE, "mailbox and database were not compared")
        lost = f"{reconciled.value} mails stand in the mailbox that the database doesn't know"
        yield Check("reconcile_difference", str(reconciled.value), lost if reconciled.value else "")
    if limits.backup:
        yield _alive("backup", seen.get(BACKED_UP), figures.at, limits.backup, "no safety copy was made")


def _newest(seen: Mapping[str, Pulse], *names: str) -> Pulse | None:
    found = [seen[name] for name in names if name in seen]
    return max(found, key=lambda one: one.at, default=None)


def _alive(
    name: str, sign: Pulse | None, now: datetime, limit: timedelta, words: str, began: datetime | None = None
) -> Check:
    just_begun = began is not None and timedelta() <= now - began <= limit
    if sign is None:
        return Check(name, NEVER, "" if just_begun else f"{words} yet")
    age = now - sign.at
    if age < -_AHEAD:
        return Check(name, "in the future", f"a clock was put back: the last sign is of {sign.at:%Y-%m-%d %H:%M} UTC")
    return Check(name, _span(age), f"{words} for {_span(age)}" if age > limit and not just_begun else "")


# --- what waits ---------------------------------------------------------------------------------------------------


def _queues(figures: Figures, pauses: tuple[Pause, ...], limits: Thresholds, office: Office) -> Iterator[Check]:
    applying = any(one.action == "applying" for one in pauses)
    replying = any(one.action == "replying" for one in pauses)
    now = figures.at
    undecided, outbox = (_since_start(queue, limits.began) for queue in (figures.undecided, figures.outbox))
    yield _waits("undecided", undecided, now, None if applying else limits.undecided, "a mail waits undecided")
    yield _waits("outbox", outbox, now, None if replying else limits.outbox, "a letter waits to leave")
    yield _waits("uncertain", figures.uncertain, now, limits.uncertain, "nobody knows whether a letter arrived,")
    yield _waits("feeds", figures.feeds, now, limits.outbox, "a file for the billing page is not written")
    overdue = figures.review.since is not None and figures.review.since < office.begun_before(now, limits.review_days)
    oldest = f"an item waits for a person since {figures.review.since:%Y-%m-%d}" if figures.review.since else ""
    yield Check("review", _figure(figures.review, now), oldest if overdue else "")
    failed = figures.reviews_by_kind.get("failed", 0)
    yield Check("failed", str(failed), f"{failed} mails could not be handled and wait for a person" if failed else "")


def _since_start(queue: Queue, began: datetime | None) -> Queue:
    if queue.since is None or began is None:
        return queue
    return Queue(queue.count, max(queue.since, began))


def _waits(name: str, queue: Queue, now: datetime, limit: timedelta | None, words: str) -> Check:
    late = limit is not None and queue.since is not None and now - queue.since > limit
    age = _span(now - queue.since) if queue.since else ""
    return Check(name, _figure(queue, now), f"{words} for {age}" if late else "")


def _figure(queue: Queue, now: datetime) -> str:
    return f"{queue.count}, oldest {_span(now - queue.since)}" if queue.since else str(queue.count)


def _pauses(now: datetime, pauses: tuple[Pause, ...], limits: Thresholds) -> Iterator[Check]:
    tripped = [one for one in pauses if one.actor == BREAKER]
    yield Check("breaker", "tripped" if tripped else "well", "; ".join(map(str, tripped)))
    long = [one for one in pauses if now - one.began_at > limits.pause and one not in tripped]
    yield Check("pauses", str(len(pauses)), "; ".join(map(str, long)))


def _disks(free: Mapping[str, int], limits: Thresholds) -> Iterator[Check]:
    words = {folder: f"{left // 1_000_000} MB in {folder}" for folder, left in sorted(free.items())}
    short = [f"only {words[folder]} are free" for folder in words if free[folder] < limits.disk_free]
    yield Check("disk", ", ".join(words.values()), "; ".join(short))


def _span(age: timedelta) -> str:
    """Say a length of time in one unit."""
    seconds = max(0, round(age.total_seconds()))
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
