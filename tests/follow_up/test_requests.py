"""Who waits hears from us after two and four business days, and on the fifth for the last time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from processor.adapters import audit
from processor.adapters.engine import reading
from processor.adapters.journal_tables import letter, request
from processor.adapters.tables import contact
from processor.core.threading import ThreadKeys
from processor.follow_up import FollowUp
from processor.outgoing import LetterState
from tests.adapters.samples import ManualClock, applied, arrive, decide, rendered
from tests.follow_up.world import ask, deliver, kinds, letters, poll, question, reviews, state

KEYS = ThreadKeys(("AR-Q1",), (), ())


def at(day: int, hour: int) -> datetime:
    """A day of November 2026, which has a Monday on the 23rd; the sample's noon is Friday the 20th."""
    return datetime.fromisoformat(f"2026-11-{day:02d}T{hour:02d}:00:00+00:00")


def strike(follow_up: FollowUp, clock: ManualClock, moment: datetime) -> None:
    """Let it be so late: the mailbox is polled, the clock strikes, letters leave."""
    clock.moment = moment
    poll(follow_up.engine, clock)
    assert follow_up.turn() == []
    deliver(follow_up.engine, clock)


def test_two_reminders_and_the_end(follow_up: FollowUp, clock: ManualClock) -> None:
    ask(follow_up.engine, clock)

    for hour in range(24 * 12):
        strike(follow_up, clock, at(20, 13) + timedelta(hours=hour))

    assert letters(follow_up.engine)[1:] == [("reminder", at(24, 9)), ("reminder", at(26, 9)), ("expired", at(27, 17))]
    assert state(follow_up.engine) == "expired"


def test_a_week_without_a_turn_ends_in_one_letter(follow_up: FollowUp, clock: ManualClock) -> None:
    ask(follow_up.engine, clock)

    strike(follow_up, clock, at(30, 12))
    strike(follow_up, clock, at(30, 13))

    assert kinds(follow_up.engine) == ["question", "expired"]


def test_a_reminder_says_again_what_was_asked_and_by_when(follow_up: FollowUp, clock: ManualClock) -> None:
    ask(follow_up.engine, clock)

    strike(follow_up, clock, at(24, 9))

    with reading(follow_up.engine) as connection:
        row = connection.execute(select(letter).where(letter.c.kind == "reminder")).mappings().one()
    assert "betaling 1400000001" in row["text"]
    assert "27 november 2026" in row["text"]
    assert b"@polder.example>" in row["raw"].partition(b"In-Reply-To: <")[2][:30]


def test_nobody_is_reminded_while_an_answer_may_lie_unread(follow_up: FollowUp, clock: ManualClock) -> None:
    ask(follow_up.engine, clock)
    strike(follow_up, clock, at(23, 12))

    clock.moment = at(30, 12)  # the mailbox has not been reached for a week
    follow_up.turn()
    assert kinds(follow_up.engine) == ["question"]

    answer = arrive(follow_up.engine, clock, 2)  # taken in, and not yet decided
    poll(follow_up.engine, clock)
    clock.advance(minutes=1)
    follow_up.turn()
    assert kinds(follow_up.engine) == ["question"]

    done = applied(opens=False, joins=True, letter=None)
    decide(follow_up.engine, clock, answer, done, reference="AR-Q1", keys=KEYS)
    strike(follow_up, clock, at(30, 13))
    assert kinds(follow_up.engine) == ["question"]


def test_a_further_question_is_followed_up_anew(follow_up: FollowUp, clock: ManualClock) -> None:
    engine = follow_up.engine
    ask(engine, clock)
    strike(follow_up, clock, at(24, 9))
    asked = question(opens=False, joins=True)
    answer = arrive(engine, clock, 2)
    decide(engine, clock, answer, asked, letter=rendered("<q3@us>"), reference="AR-Q1", keys=KEYS)
    deliver(engine, clock)

    strike(follow_up, clock, at(26, 9))
    strike(follow_up, clock, at(27, 17))

    assert kinds(engine) == ["question", "reminder", "question", "reminder"]


@pytest.mark.parametrize("outcome", [LetterState.DEFERRED, LetterState.FAILED])
def test_a_question_that_did_not_leave_is_not_followed_up(
    follow_up: FollowUp, clock: ManualClock, outcome: LetterState
) -> None:
    decide(follow_up.engine, clock, arrive(follow_up.engine, clock), question(), letter=None, reference="AR-Q1")
    deliver(follow_up.engine, clock, outcome)

    clock.moment = at(30, 12)
    poll(follow_up.engine, clock)
    follow_up.turn()

    assert "reminder" not in kinds(follow_up.engine)


def test_who_lost_the_right_to_ask_is_told_nothing_more(follow_up: FollowUp, clock: ManualClock) -> None:
    ask(follow_up.engine, clock)
    with follow_up.engine.begin() as connection:
        connection.execute(contact.delete().where(contact.c.address_key == "anna@polder.example"))

    strike(follow_up, clock, at(24, 9))

    assert kinds(follow_up.engine) == ["question"]
    assert state(follow_up.engine) == "in_review"
    assert [kind for kind, _ in reviews(follow_up.engine)] == ["role_not_permitted"]


def test_a_request_whose_question_never_left_is_not_forgotten(follow_up: FollowUp, clock: ManualClock) -> None:
    decide(follow_up.engine, clock, arrive(follow_up.engine, clock), question(), letter=None, reference="AR-Q1")

    strike(follow_up, clock, at(20, 12) + timedelta(days=14))
    strike(follow_up, clock, at(20, 12) + timedelta(days=15))

    assert reviews(follow_up.engine) == [
        ("promise_in_danger", "the request waits since 2026-11-20, and no question about it has left")
    ]


def test_a_question_dated_ahead_by_a_wrong_clock_is_followed_up_from_when_that_showed(
    follow_up: FollowUp, clock: ManualClock
) -> None:
    clock.moment = at(20, 12).replace(year=2036)
    ask(follow_up.engine, clock)

    strike(follow_up, clock, at(20, 12))
    strike(follow_up, clock, at(24, 9))

    assert kinds(follow_up.engine) == ["question", "reminder"]


def test_each_step_is_in_the_audit_log(follow_up: FollowUp, clock: ManualClock, engine: Engine) -> None:
    ask(engine, clock)
    strike(follow_up, clock, at(24, 9))
    strike(follow_up, clock, at(27, 17))

    with reading(engine) as connection:
        events = [entry.event for entry in audit.entries(connection, "partner:4000001")]
        assert audit.verify(connection) == ()
        assert connection.scalar(select(request.c.letters)) == 1  # reminders are no sign of a loop
    assert [event for event in events if event in ("reminded", "expired")] == ["reminded", "expired"]
