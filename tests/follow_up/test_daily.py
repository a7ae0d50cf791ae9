"""Once a day: the audit's heads are kept elsewhere, operations are told, and words whose time is over are erased."""

import email
import email.policy
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from processor.adapters.anchor import AnchorUnreadableError, read_anchor
from processor.adapters.engine import reading
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import letter, raw_message
from processor.adapters.ledger_check import check_ledger
from processor.follow_up import FollowUp
from processor.outgoing import LetterState
from tests.adapters.samples import NOON, ManualClock, applied, decide, fetched, raw_mail
from tests.follow_up.world import apply, ask, deliver

MONDAY = datetime.fromisoformat("2026-11-23T09:00:00+00:00")


def digests(follow_up: FollowUp) -> list[str]:
    with reading(follow_up.engine) as connection:
        return list(connection.scalars(select(letter.c.text).where(letter.c.kind == "digest").order_by(letter.c.id)))


def test_operations_are_told_once_on_each_working_day(follow_up: FollowUp, clock: ManualClock) -> None:
    for hour in range(0, 24 * 7, 2):
        clock.moment = NOON + timedelta(hours=hour)
        assert follow_up.turn() == []

    days = [text[:10] for text in digests(follow_up)]
    assert days == ["2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]


def test_the_digest_says_what_came_what_was_applied_and_what_waits(follow_up: FollowUp, clock: ManualClock) -> None:
    apply(follow_up.engine, clock, 1)
    ask(follow_up.engine, clock, 2)
    clock.moment = MONDAY

    follow_up.daily.tell(MONDAY)

    (text,) = digests(follow_up)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert {"applied 1", "needs_details 1", "EUR 1000.00", "requests for partners 1, the oldest for 2 days"} <= set(
        lines
    )


def test_the_report_comes_once_a_week(follow_up: FollowUp, clock: ManualClock) -> None:
    apply(follow_up.engine, clock)

    for hour in range(0, 24 * 16, 6):
        clock.moment = NOON + timedelta(hours=hour)
        assert follow_up.turn() == []

    with reading(follow_up.engine) as connection:
        texts = list(connection.scalars(select(letter.c.text).where(letter.c.kind == "report").order_by(letter.c.id)))
    assert [text.splitlines()[0] for text in texts] == [
        "The seven days before 2026-11-23.",
        "The seven days before 2026-11-30.",
    ]
    assert "100.0%" in texts[0]


def test_the_digest_is_a_mail_that_no_machine_answers(follow_up: FollowUp, clock: ManualClock) -> None:
    follow_up.daily.tell(clock.now())

    with reading(follow_up.engine) as connection:
        raw = connection.scalars(select(letter.c.raw).where(letter.c.kind == "digest")).one()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["To"] == "ops@billing.example"
    assert mail.get_content_type() == "text/plain"


def test_a_digest_that_left_is_settled_like_any_letter(follow_up: FollowUp, clock: ManualClock) -> None:
    follow_up.daily.tell(clock.now())
    deliver(follow_up.engine, clock, LetterState.FAILED)

    with reading(follow_up.engine) as connection:
        assert connection.scalars(select(letter.c.state)).one() == "failed"
    assert check_ledger(follow_up.engine) == ()


def test_the_heads_kept_today_show_what_is_changed_tomorrow(follow_up: FollowUp, clock: ManualClock) -> None:
    apply(follow_up.engine, clock)
    follow_up.daily.keep_heads(NOON)
    assert follow_up.daily.anchor_folder is not None
    file = follow_up.daily.anchor_folder / "audit-2026-11-20.json"

    anchor = read_anchor(file)

    assert check_ledger(follow_up.engine, anchor.heads) == ()
    forged = tuple(replace(head, hash="0" * 64) for head in anchor.heads)
    assert "is not the entry that the anchor kept" in str(check_ledger(follow_up.engine, forged)[0])
    file.write_text(file.read_text().replace("partner:4000001", "partner:4000002"))
    with pytest.raises(AnchorUnreadableError, match="not those that it was written with"):
        read_anchor(file)


def test_words_are_erased_when_their_time_is_over_and_hashes_stay(follow_up: FollowUp, clock: ManualClock) -> None:
    engine = follow_up.engine
    apply(engine, clock, 1)
    deliver(engine, clock)
    ask(engine, clock, 2)  # still waits
    daily = replace(follow_up.daily, mail_days=90, letter_days=30)

    assert daily.erase(NOON + timedelta(days=29)) == 0
    assert daily.erase(NOON + timedelta(days=31)) == 1
    assert daily.erase(NOON + timedelta(days=91)) == 1

    with reading(engine) as connection:
        raws = sorted(len(raw) for raw in connection.scalars(select(raw_message.c.raw)))
        words = sorted(len(text) for text in connection.scalars(select(letter.c.text)))
    assert [raws[0], words[0]] == [0, 0]
    assert raws[1] > 0 < words[1]
    assert check_ledger(engine) == ()


def test_an_erased_mail_that_comes_again_is_still_known(follow_up: FollowUp, clock: ManualClock) -> None:
    apply(follow_up.engine, clock, 1)
    replace(follow_up.daily, mail_days=1).erase(NOON + timedelta(days=9))

    assert SqlIntake(follow_up.engine, clock).store("allocations@billing.example", "INBOX", 2, [fetched(1)]) == 0


def test_nothing_of_an_erased_mail_is_left_in_the_file(follow_up: FollowUp, clock: ManualClock) -> None:
    if follow_up.engine.dialect.name == "postgresql":
        pytest.skip("what a vacuum leaves is PostgreSQL's own matter")
    mail = SqlIntake(follow_up.engine, clock)
    mail.store("allocations@billing.example", "INBOX", 1, [fetched(1, raw_mail("canary-5c1"))])
    decide(follow_up.engine, clock, mail.to_decide(1)[0], applied(letter=None))
    replace(follow_up.daily, mail_days=1).erase(NOON + timedelta(days=9))
    follow_up.engine.dispose()
    file = Path(str(follow_up.engine.url.database))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert b"canary-5c1" not in file.read_bytes()
