"""The record of what arrived: every mail once, wherever it stands, and the watermark never above what is stored."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from processor.adapters.engine import reading
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import location, mail, raw_message
from processor.core.decision import Decision
from processor.core.outcomes import Outcome
from processor.ports import FetchedMail
from tests.adapters.samples import MAILBOX, NOON, ManualClock, arrive, decide, fetched, raw_mail


@pytest.fixture
def intake(engine: Engine, clock: ManualClock) -> SqlIntake:
    return SqlIntake(engine, clock)


def places(engine: Engine) -> list[tuple[int, int, int, str]]:
    """Mail, UIDVALIDITY, UID and state of every location."""
    columns = (location.c.mail_id, location.c.uidvalidity, location.c.uid, location.c.state)
    with reading(engine) as connection:
        return [(a, b, c, d) for a, b, c, d in connection.execute(select(*columns).order_by(location.c.id))]


def test_a_mail_is_stored_byte_for_byte_and_the_watermark_rises(intake: SqlIntake) -> None:
    raw = b"From: a\r\n\r\n\x00\xff not text\r\n"

    assert intake.watermark(MAILBOX, "INBOX") == (0, 0)
    assert intake.store(MAILBOX, "INBOX", 7, [FetchedMail(3, NOON, raw), fetched(5)]) == 2

    first, second = intake.to_decide(10)
    assert (first.raw, first.size, first.received_at, first.attempts) == (raw, len(raw), NOON, 0)
    assert second.id > first.id
    assert intake.watermark(MAILBOX, "INBOX") == (7, 5)


def test_storing_the_same_again_changes_nothing(intake: SqlIntake, engine: Engine) -> None:
    intake.store(MAILBOX, "INBOX", 7, [fetched(3), fetched(5)])

    assert intake.store(MAILBOX, "INBOX", 7, [fetched(3), fetched(5)]) == 0
    assert len(places(engine)) == 2
    assert intake.watermark(MAILBOX, "INBOX") == (7, 5)


def test_headers_alone_keep_the_size_of_the_whole(intake: SqlIntake) -> None:
    intake.store(MAILBOX, "INBOX", 7, [FetchedMail(1, NOON, b"From: a\r\n\r\n", headers_only=True, size=99_000_000)])

    (stored,) = intake.to_decide(10)
    assert (stored.headers_only, stored.size) == (True, 99_000_000)


def test_mails_come_in_order_of_arrival_and_from_behind_the_last(intake: SqlIntake) -> None:
    intake.store(MAILBOX, "INBOX", 7, [fetched(uid) for uid in (1, 2, 3)])

    first, second = intake.to_decide(2)
    (third,) = intake.to_decide(2, after=second.id)
    assert [one.raw for one in (first, second, third)] == [raw_mail(f"mail {uid}") for uid in (1, 2, 3)]


def test_a_second_copy_in_one_folder_is_a_second_delivery(intake: SqlIntake, engine: Engine) -> None:
    same = raw_mail("twice")

    assert intake.store(MAILBOX, "INBOX", 7, [fetched(1, same), fetched(2, same)]) == 2
    assert intake.store(MAILBOX, "INBOX", 7, [fetched(3, same)]) == 1
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(raw_message)) == 1  # the bytes are kept once


def test_a_rebuilt_folder_brings_the_same_mails_to_new_places(intake: SqlIntake, engine: Engine) -> None:
    intake.store(MAILBOX, "INBOX", 7, [fetched(1), fetched(2)])

    assert intake.store(MAILBOX, "INBOX", 8, ()) == 0
    assert intake.watermark(MAILBOX, "INBOX") == (8, 0)
    assert intake.store(MAILBOX, "INBOX", 8, [fetched(1, raw_mail("mail 2")), fetched(4, raw_mail("new"))]) == 1

    first, second, new = (one.id for one in intake.to_decide(10))
    assert places(engine) == [
        (first, 7, 1, "superseded"),
        (second, 7, 2, "superseded"),
        (second, 8, 1, "present"),
        (new, 8, 4, "present"),
    ]


def test_two_deliveries_of_one_mail_are_found_again_as_two(intake: SqlIntake, engine: Engine) -> None:
    same = raw_mail("twice")
    intake.store(MAILBOX, "INBOX", 7, [fetched(1, same), fetched(2, same)])

    assert intake.store(MAILBOX, "INBOX", 8, [fetched(1, same), fetched(2, same)]) == 0
    assert intake.store(MAILBOX, "INBOX", 8, [fetched(3, same)]) == 1
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(mail)) == 3


def test_a_mail_in_another_folder_is_the_same_but_in_another_mailbox_is_not(intake: SqlIntake) -> None:
    intake.store(MAILBOX, "INBOX", 7, [fetched(1)])

    assert intake.store(MAILBOX, "Junk", 1, [fetched(9, raw_mail("mail 1"))]) == 0
    assert intake.store("other@billing.example", "INBOX", 7, [fetched(1)]) == 1


def test_attempts_are_counted_and_taken_back(intake: SqlIntake) -> None:
    intake.store(MAILBOX, "INBOX", 7, [fetched(1)])
    (stored,) = intake.to_decide(1)

    assert [intake.begin_attempts([stored.id]) for _ in range(3)] == [(1,), (2,), (3,)]
    intake.take_back_attempts([stored.id])
    assert intake.to_decide(1)[0].attempts == 2


def test_only_decided_mails_are_filed_and_only_once(intake: SqlIntake, engine: Engine, clock: ManualClock) -> None:
    stored = arrive(engine, clock, 1)
    arrive(engine, clock, 2)
    assert intake.to_file(MAILBOX, 10) == ()

    decide(engine, clock, stored, Decision(Outcome.IGNORED, ""))

    (item,) = intake.to_file(MAILBOX, 10)
    assert (item.mail_id, item.folder, item.uidvalidity, item.uid, item.target) == (stored.id, "INBOX", 1, 1, "ignored")
    intake.filed([item])
    assert intake.to_file(MAILBOX, 10) == ()
    assert len(intake.to_decide(10)) == 1


def test_a_decided_mail_that_stands_in_a_rebuilt_folder_is_filed_again(
    intake: SqlIntake, engine: Engine, clock: ManualClock
) -> None:
    stored = arrive(engine, clock, 1)
    decide(engine, clock, stored, Decision(Outcome.IGNORED, ""))
    intake.filed(intake.to_file(MAILBOX, 10))

    assert intake.store(MAILBOX, "INBOX", 2, [fetched(1)]) == 0

    assert [(item.mail_id, item.uidvalidity) for item in intake.to_file(MAILBOX, 10)] == [(stored.id, 2)]
    assert intake.to_decide(10) == ()


def test_a_mail_that_has_gone_is_not_filed(intake: SqlIntake, engine: Engine, clock: ManualClock) -> None:
    decide(engine, clock, arrive(engine, clock, 1), Decision(Outcome.IGNORED, ""))

    intake.filed(intake.to_file(MAILBOX, 10), gone=True)

    assert [state for *_, state in places(engine)] == ["gone"]
    assert intake.to_file(MAILBOX, 10) == ()


def test_two_who_store_the_same_at_once_store_it_once(intake: SqlIntake, engine: Engine) -> None:
    mails = [fetched(uid) for uid in range(1, 21)]

    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda _: intake.store(MAILBOX, "INBOX", 7, mails), range(4)))

    assert sorted(new) == [0, 0, 0, 20]
    assert len(places(engine)) == 20


def test_the_time_of_arrival_is_kept_in_utc(intake: SqlIntake) -> None:
    elsewhere = NOON.astimezone().replace(microsecond=250)
    intake.store(MAILBOX, "INBOX", 7, [FetchedMail(1, elsewhere + timedelta(days=1), raw_mail())])

    (stored,) = intake.to_decide(1)
    assert stored.received_at == elsewhere + timedelta(days=1)
    assert stored.received_at.utcoffset() == timedelta(0)


def test_one_mail_is_found_by_its_number(intake: SqlIntake, engine: Engine, clock: ManualClock) -> None:
    stored = arrive(engine, clock)

    assert intake.mail(stored.id) == stored
    assert intake.mail(stored.id + 1) is None


def test_nothing_to_file_is_nothing_to_write(intake: SqlIntake) -> None:
    intake.filed(())

    assert intake.to_file(MAILBOX, 10) == ()
