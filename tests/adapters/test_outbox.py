"""Letters on their way out: every step is kept, so that whatever happens none is lost and none is sent twice unseen."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from processor.adapters import audit
from processor.adapters.engine import reading
from processor.adapters.journal_tables import letter, request, review_item
from processor.adapters.outbox_sql import LetterNotDueError, SqlOutbox
from processor.core.decision import RequestState
from processor.core.outcomes import Missing, Outcome
from processor.outgoing import EndedLetter, LetterState
from tests.adapters.samples import ANNA, MAILBOX, NOON, ManualClock, applied, arrive, decide, fill, rendered


@pytest.fixture
def outbox(engine: Engine, clock: ManualClock, ledger_folder: Path) -> SqlOutbox:
    """An outbox with one letter, a question that its request waits for."""
    fill(engine, ledger_folder)
    question = applied(
        outcome=Outcome.NEEDS_DETAILS, state=RequestState.WAITING, missing=(Missing.AMOUNT, Missing.CURRENCY)
    )
    decide(engine, clock, arrive(engine, clock), question, letter=rendered())
    return SqlOutbox(engine)


def state_of(engine: Engine) -> tuple[str, str, datetime, str]:
    columns = (letter.c.state, letter.c.stage, letter.c.next_try_at, letter.c.note)
    with reading(engine) as connection:
        row = connection.execute(select(*columns)).one()
    return row[0], row[1], row[2], row[3]


def attempt(outbox: SqlOutbox, clock: ManualClock, state: LetterState, note: str = "") -> None:
    """Hold one dialogue that ends like this."""
    (due,) = outbox.due(clock.now(), 10)
    outbox.sending([due.id], clock.now())
    outbox.data_begins(due.id)
    outbox.settle([EndedLetter(due.id, state, clock.now(), note)])


def test_a_letter_leaves_with_the_very_bytes_that_were_committed(outbox: SqlOutbox, clock: ManualClock) -> None:
    (due,) = outbox.due(clock.now(), 10)

    assert (due.message_id, due.sender, due.recipient, due.raw) == (
        rendered().message_id,
        MAILBOX,
        ANNA,
        rendered().raw,
    )


def test_a_letter_that_was_sent_is_due_no_more(outbox: SqlOutbox, clock: ManualClock, engine: Engine) -> None:
    attempt(outbox, clock, LetterState.SENT, "250 ok")

    clock.advance(days=30)
    assert outbox.due(clock.now(), 10) == ()
    assert state_of(engine)[0] == "sent"
    with reading(engine) as connection:
        last = [*audit.entries(connection, "partner:4000001")][-1]
    assert last.event == "letter_settled"


def test_a_refused_letter_waits_longer_each_time(outbox: SqlOutbox, clock: ManualClock) -> None:
    waits = []
    for _ in range(6):
        attempt(outbox, clock, LetterState.DEFERRED, "451 later")
        before = clock.now()
        while not outbox.due(clock.now(), 1):
            clock.advance(minutes=1)
        waits.append((clock.now() - before) // timedelta(minutes=1))

    assert waits == [1, 5, 15, 60, 60, 60]


def test_a_letter_is_given_up_after_five_days_and_operations_see_it(
    outbox: SqlOutbox, clock: ManualClock, engine: Engine
) -> None:
    clock.advance(days=5)

    attempt(outbox, clock, LetterState.DEFERRED, "451 still later")

    assert state_of(engine)[0] == "failed"
    with reading(engine) as connection:
        item = connection.execute(select(review_item)).mappings().one()
        assert (item["kind"], item["request"], item["partner_id"]) == ("undelivered", "AR-AAA", "4000001")
        assert item["note"] == "given up after 5 days: 451 still later"
        assert connection.scalar(select(request.c.state)) == "in_review"


def test_a_letter_that_is_refused_for_good_goes_to_operations(
    outbox: SqlOutbox, clock: ManualClock, engine: Engine
) -> None:
    attempt(outbox, clock, LetterState.FAILED, "550 no such user\x00\udcff")

    assert state_of(engine)[3] == "550 no such user\N{REPLACEMENT CHARACTER}?"
    assert outbox.due(clock.now() + timedelta(days=9), 10) == ()
    with reading(engine) as connection:
        assert connection.scalar(select(request.c.state)) == "in_review"


def test_an_uncertain_letter_is_not_tried_again(outbox: SqlOutbox, clock: ManualClock, engine: Engine) -> None:
    attempt(outbox, clock, LetterState.UNCERTAIN, "the connection closed after the last dot")

    clock.advance(days=2)
    assert outbox.due(clock.now(), 10) == ()
    assert state_of(engine)[0] == "uncertain"


@pytest.mark.parametrize(("data_began", "state"), [(False, "queued"), (True, "uncertain")])
def test_after_a_crash_the_stage_tells_whether_a_letter_may_be_sent_again(
    outbox: SqlOutbox, clock: ManualClock, engine: Engine, data_began: bool, state: str
) -> None:
    (due,) = outbox.due(clock.now(), 10)
    outbox.sending([due.id], clock.now())
    if data_began:
        outbox.data_begins(due.id)

    assert outbox.recover() == 1
    assert outbox.recover() == 0

    assert state_of(engine)[0] == state
    assert len(outbox.due(clock.now(), 10)) == (0 if data_began else 1)


def test_a_letter_is_in_one_pair_of_hands(outbox: SqlOutbox, clock: ManualClock) -> None:
    (due,) = outbox.due(clock.now(), 10)
    outbox.sending([due.id], clock.now())

    assert outbox.due(clock.now(), 10) == ()
    with pytest.raises(LetterNotDueError):
        outbox.sending([due.id], clock.now())


def test_data_begins_only_for_a_letter_that_is_being_sent(outbox: SqlOutbox, clock: ManualClock) -> None:
    (due,) = outbox.due(clock.now(), 10)

    with pytest.raises(LetterNotDueError):
        outbox.data_begins(due.id)


def test_a_clock_that_was_wrong_for_a_while_holds_no_letter_back(outbox: SqlOutbox, clock: ManualClock) -> None:
    clock.advance(hours=30)
    attempt(outbox, clock, LetterState.DEFERRED)

    clock.moment = NOON
    assert len(outbox.due(clock.now(), 10)) == 1
