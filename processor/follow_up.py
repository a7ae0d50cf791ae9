"""What the clock decides: reminders, the end of a request without an answer, publication, promises in danger.

Whatever is due is done once, under a name of its own, at the first turn that finds it due. So a turn may come late,
twice, or after a week without any, and a clock may jump: what should have happened has then happened, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from processor import events
from processor.adapters import danger_sql, follow_up_sql, publication_sql
from processor.adapters.engine import transact
from processor.adapters.feed_file import feed_content, write_feed
from processor.adapters.follow_up_sql import Taken, Waiting
from processor.adapters.letter_facts import facts_from
from processor.adapters.pulse_sql import FOLLOWED_UP, beat
from processor.core.decision import ReviewItem
from processor.core.due import Step, next_step, steps_after
from processor.core.letter import Letter, LetterLine
from processor.core.message import Message
from processor.core.model import Allocation, Money
from processor.core.office import Office
from processor.core.outcomes import Reason
from processor.core.profile import Profile
from processor.daily import Daily
from processor.failpoints import Failpoint, reached
from processor.ports import Clock, Renderer
from processor.rounds import outside
from processor.settings import Settings
from processor.wiring import Work, operations_mail_for

_AHEAD = timedelta(days=1)  # a question further in the future was dated by a clock that has been put right since
_NUMBERS = 1000  # after each question, for the letters that follow it up
_GRACE_DAYS = 2  # business days after its end before a request that is still there counts as forgotten


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The clock's own work on one database. `feed_folder` is None where the billing page takes no files."""

    engine: Engine
    renderer: Renderer
    clock: Clock
    office: Office
    mailbox: str
    feed_folder: Path | None
    escalate_days: int
    daily: Daily
    rehearsing: bool = False

    def turn(self) -> list[str]:
        """Do once what is due; return what needs a person, one sentence each. In rehearsal nothing is due."""
        troubles: list[str] = []
        if self.rehearsing:
            return troubles
        now = self.clock.now()
        steps: tuple[tuple[str, Callable[[datetime], object]], ...] = (
            ("follow up requests", self.follow_up_requests),
            ("publish", self.publish),
            ("escalate", self.escalate),
            ("keep the audit's heads", self.daily.keep_heads),
            ("tell operations", self.daily.tell),
            ("report", self.daily.report),
            ("erase", self.daily.erase),
        )
        for name, step in steps:
            with outside(name, troubles):
                step(now)
        if not troubles:
            with outside("note a sign of life", troubles):
                beat(self.engine, FOLLOWED_UP, now)
        return troubles

    # --- requests that wait ---------------------------------------------------------------------------------------

    def follow_up_requests(self, now: datetime) -> int:
        """Remind, or let lapse, as of the moment up to which every mail is known; return how many letters were written.

        An answer that lies unread is never overtaken by a reminder.
        """
        polled = follow_up_sql.known_until(self.engine, self.mailbox)
        known = min(now, polled) if polled else None
        if known is None:
            return 0
        count = sum(
            self._follow_up(waiting, known, now)
            for batch in follow_up_sql.waiting_requests(self.engine)
            for waiting in batch
            if waiting.mailbox == self.mailbox
        )
        end = self.office.begun_before(known, self.office.profile.expiry_days + _GRACE_DAYS)
        danger_sql.escalate(self.engine, danger_sql.forgotten(self.engine, self.mailbox, end), now)
        return count

    def _follow_up(self, waiting: Waiting, known: datetime, now: datetime) -> bool:
        asked_at = self._asked_at(waiting, now)
        steps = steps_after(asked_at, self.office)
        if steps[0].due > known:
            return False
        done = follow_up_sql.done_among(self.engine, [_name(waiting, step.name) for step in steps])
        step, replaced = next_step(steps, [step.name for step in steps if _name(waiting, step.name) in done], known)
        return step is not None and self._take(waiting, step, replaced, steps[-1], now)

    def _asked_at(self, waiting: Waiting, now: datetime) -> datetime:
        """Return when the question left; where its date lies ahead, when that was first seen."""
        if waiting.asked_at <= now + _AHEAD:
            return waiting.asked_at
        name = _name(waiting, "asked")
        transact(self.engine, lambda connection: follow_up_sql.mark_done(connection, [name], now))
        return min(follow_up_sql.done_among(self.engine, [name])[name], now)

    def _take(self, waiting: Waiting, step: Step, replaced: tuple[Step, ...], end: Step, now: datetime) -> bool:
        asked, name = facts_from(waiting.facts), _name(waiting, step.name)
        if not follow_up_sql.serves(self.engine, asked.to, waiting.partner_id, self.office.profile.roles):
            note = f"{asked.to} may not ask for the partner any more, so nothing was written"
            item = ReviewItem(Reason.ROLE_NOT_PERMITTED.value, note)
            follow_up_sql.hand_over(self.engine, waiting, name, item, now)
            return False
        letter = self._letter(asked, waiting, step, end)
        number = _NUMBERS * waiting.sequence + step.number
        rendered = self.renderer.render(letter, _answered(waiting), waiting.reference, number)
        names = tuple(_name(waiting, one.name) for one in replaced)
        taken = Taken(name, names, step.kind.value, rendered, number, step is end)
        done = follow_up_sql.take(self.engine, waiting, taken, now)
        reached(Failpoint.FOLLOWED_UP)
        if done:
            events.request_followed_up(waiting.reference, step.name, len(replaced))
        return done

    def _letter(self, asked: Letter, waiting: Waiting, step: Step, end: Step) -> Letter:
        """Say again what was asked, or that the request lapsed and what of it stays applied."""
        same = replace(asked, kind=step.kind, reference=waiting.reference, applied=(), deductions=(), unread=())
        if step is not end:
            return replace(same, answer_by=self.office.day(end.due))
        made = follow_up_sql.made_by(self.engine, waiting.reference)
        return replace(same, questions=(), answer_by=None, applied=tuple(map(_line, made)))

    # --- the billing page -----------------------------------------------------------------------------------------

    def publish(self, now: datetime) -> int:
        """Mark what is due as published, and write the billing page's files; return how many allocations it were."""
        self._line_up(now)
        before = self.office.begun_before(now, self.office.profile.publication_from_days)
        partners = publication_sql.partners_due(self.engine, before, now)
        count = self._fill_feed(partners, before, now) if partners else 0
        for number, state, _ in publication_sql.unwritten(self.engine):
            if state == "open":  # left so by a run that was cut off
                publication_sql.close_feed(self.engine, number)
            self._write_feed(number, now)
        return count

    def _line_up(self, now: datetime) -> None:
        """Once a day, put in line what was allocated since."""
        name = f"line up {self.office.day(now)}"
        if not follow_up_sql.done_among(self.engine, [name]):
            publication_sql.sweep(self.engine)
            transact(self.engine, lambda connection: follow_up_sql.mark_done(connection, [name], now))

    def _fill_feed(self, partners: tuple[str, ...], before: datetime, now: datetime) -> int:
        number, count = publication_sql.open_feed(self.engine, now), 0
        reached(Failpoint.FEED_OPENED)
        for partner_id in partners:
            while some := publication_sql.publish(self.engine, partner_id, number, before, now):
                count += some
                reached(Failpoint.FEED_FILLED)
        publication_sql.close_feed(self.engine, number)
        reached(Failpoint.FEED_CLOSED)
        events.published(number, count)
        return count

    def _write_feed(self, number: int, now: datetime) -> None:
        rows = publication_sql.feed_rows(self.engine, number)
        content = feed_content(rows)
        if self.feed_folder is not None:
            write_feed(self.feed_folder, number, content)
        reached(Failpoint.FEED_IN_FILE)
        publication_sql.feed_written(self.engine, number, len(rows), hashlib.sha256(content).hexdigest(), now)

    # --- promises in danger ---------------------------------------------------------------------------------------

    def escalate(self, now: datetime) -> int:
        """Put before operations what would break a promise if nobody acted; return how many were new."""
        before = self.office.begun_before(now, self.escalate_days)
        dangers = [*danger_sql.held_too_long(self.engine, before)]
        for number, _, opened_at in publication_sql.unwritten(self.engine):
            if self.office.day(opened_at) < self.office.day(now):
                note = f"the file of feed {number} for the billing page could not be written"
                dangers.append(danger_sql.Danger(f"danger feed {number}", note))
        count = danger_sql.escalate(self.engine, dangers, now)
        if count:
            events.escalated(count)
        return count


def office_from(settings: Settings, profile: Profile) -> Office:
    """Return when the office works, by the settings."""
    plan = settings.follow_up
    return Office(profile, ZoneInfo(plan.time_zone), time(plan.opens), time(plan.closes))


def follow_up_in(work: Work, settings: Settings) -> FollowUp:
    """Put the clock's work together, beside a worker."""
    plan, worker, keep = settings.follow_up, work.rounds.worker, settings.retention
    office = office_from(settings, worker.policy.profile)
    daily = Daily(
        engine=work.engine,
        office=office,
        mail=operations_mail_for(settings),
        recipients=plan.digest_to,
        anchor_folder=Path(plan.anchor_folder) if plan.anchor_folder else None,
        mail_days=keep.mail_days,
        letter_days=keep.letter_days,
        word_days=keep.word_days,
    )
    return FollowUp(
        engine=work.engine,
        renderer=worker.renderer,
        clock=work.rounds.delivery.clock,
        office=office,
        mailbox=settings.mailbox.address,
        feed_folder=Path(plan.feed_folder) if plan.feed_folder else None,
        escalate_days=plan.escalate_days,
        daily=daily,
        rehearsing=settings.safety.mode != "live",
    )


def _name(waiting: Waiting, step: str) -> str:
    """Name a step after its request and the question it follows, so that each question is followed up anew."""
    return f"{waiting.reference} question {waiting.sequence} {step}"


def _answered(waiting: Waiting) -> Message:
    """Return as much of the answered mail as a letter's headers need."""
    headers = (("Message-ID", waiting.message_id),) if waiting.message_id else ()
    return Message(waiting.mail_sha256, "", 0, headers, waiting.subject, ())


def _line(one: Allocation) -> LetterLine:
    amount = Money(one.amount, one.currency)
    return LetterLine(one.payment_number, one.invoice_number, amount, on=one.allocated_at.date())
