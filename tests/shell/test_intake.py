"""Mail between mailbox and database, on a real IMAP server and a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from processor.adapters.engine import open_engine, transact
from processor.adapters.imap import ImapMailbox
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import mail as mail_table
from processor.adapters.mail_errors import FolderRebuiltError
from processor.adapters.mail_server import MailServer
from processor.adapters.schema import upgrade
from processor.core.outcomes import Outcome
from processor.intake import Arrivals, Limits
from processor.ports import Phase
from processor.servers.imap_server import ImapServer
from processor.settings import FolderSettings
from tests.servers.deliver import deliver
from tests.servers.fixtures import plain

LIMITS = Limits(batch=100, batch_bytes=1_000_000, max_bytes=100_000)


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'processor.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def intake(engine: Engine) -> SqlIntake:
    return SqlIntake(engine, Clock())


@pytest.fixture
def mailbox(account: MailServer) -> Iterator[ImapMailbox]:
    box = ImapMailbox(account, name="allocations")
    yield box
    box.close()


def arrivals(mailbox: ImapMailbox, intake: SqlIntake, limits: Limits = LIMITS) -> Arrivals:
    return Arrivals(mailbox, intake, "INBOX", FolderSettings().model_dump(), limits)


def mail(number: int, size: int = 0) -> bytes:
    return f"From: anna@poldercloud.example\r\nSubject: mail {number}\r\n\r\n{'x' * size}\r\n".encode()


def decide_all(engine: Engine, outcome: Outcome) -> None:
    decided = update(mail_table).where(mail_table.c.phase == Phase.STORED).values(phase=Phase.DECIDED, outcome=outcome)
    transact(engine, lambda connection: connection.execute(decided))


def test_mail_is_stored_in_batches_and_only_once(mailbox: ImapMailbox, intake: SqlIntake, account: MailServer) -> None:
    mails = [mail(number) for number in range(7)]
    deliver(account, mails)
    one = arrivals(mailbox, intake, Limits(3, 1_000_000, 100_000))

    assert list(one.take_in()) == [0, 3, 3, 1]
    assert list(one.take_in()) == []
    assert [stored.raw for stored in intake.to_decide(100)] == mails


def test_a_batch_is_small_in_bytes_too(mailbox: ImapMailbox, intake: SqlIntake, account: MailServer) -> None:
    deliver(account, [mail(number, 600) for number in range(3)])

    assert list(arrivals(mailbox, intake, Limits(100, 1_000, 100_000)).take_in()) == [0, 1, 1, 1]


def test_of_an_oversize_mail_only_the_head_comes(mailbox: ImapMailbox, intake: SqlIntake, account: MailServer) -> None:
    deliver(account, [mail(1), mail(2, 5_000), mail(3)])

    list(arrivals(mailbox, intake, Limits(100, 1_000_000, 1_000)).take_in())

    stored = intake.to_decide(100)
    assert [one.headers_only for one in stored] == [False, True, False]
    assert b"xxx" not in stored[1].raw
    assert stored[1].size == len(mail(2, 5_000))


def test_decided_mail_goes_to_the_folder_of_its_outcome(
    mailbox: ImapMailbox, intake: SqlIntake, account: MailServer, engine: Engine
) -> None:
    deliver(account, [mail(1), mail(2)])
    one = arrivals(mailbox, intake)
    list(one.take_in())
    decide_all(engine, Outcome.NEEDS_DETAILS)

    assert one.file_away() == 2
    assert one.file_away() == 0
    assert (mailbox.status("INBOX").messages, mailbox.status("Needs details").messages) == (0, 2)


def test_what_a_person_has_moved_away_is_no_trouble(
    mailbox: ImapMailbox, intake: SqlIntake, account: MailServer, engine: Engine
) -> None:
    deliver(account, [mail(1), mail(2)])
    one = arrivals(mailbox, intake)
    list(one.take_in())
    mailbox.move("INBOX", [mailbox.all_uids("INBOX")[0]], "Somewhere else")
    decide_all(engine, Outcome.APPLIED)

    one.file_away()

    assert (mailbox.status("INBOX").messages, mailbox.status("Applied").messages) == (0, 1)


def test_a_rebuilt_folder_is_taken_in_again_without_a_second_mail(imap_server: ImapServer, intake: SqlIntake) -> None:
    server = plain(imap_server)
    box = ImapMailbox(server, name="allocations")
    deliver(server, [mail(1), mail(2)])
    list(arrivals(box, intake).take_in())
    box.close()
    imap_server.stop()
    imap_server.start()  # its mail is gone, and its UIDs begin anew
    deliver(server, [mail(2), mail(3)])

    assert list(arrivals(box, intake).take_in()) == [0, 1]
    assert [stored.raw for stored in intake.to_decide(100)] == [mail(1), mail(2), mail(3)]
    box.close()


def test_uids_of_a_folder_that_was_rebuilt_meanwhile_move_nothing(
    imap_server: ImapServer, intake: SqlIntake, engine: Engine
) -> None:
    server = plain(imap_server)
    box = ImapMailbox(server, name="allocations")
    deliver(server, [mail(1)])
    one = arrivals(box, intake)
    list(one.take_in())
    decide_all(engine, Outcome.APPLIED)
    box.close()
    imap_server.stop()
    imap_server.start()
    deliver(server, [mail(9)])

    with pytest.raises(FolderRebuiltError):
        one.file_away()

    assert box.status("INBOX").messages == 1
    box.close()
