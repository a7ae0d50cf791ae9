"""What every mailbox promises, asked of real servers: the embedded one, and Dovecot where it is installed."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from imapclient import DELETED, SEEN

from processor.adapters.imap import HEADER_BYTES, PIECE, UIDS_PER_COMMAND, ImapMailbox
from processor.adapters.imap_session import ImapSession
from processor.adapters.mail_errors import FolderRebuiltError, LoginRefusedError
from processor.adapters.mail_server import Login, MailServer
from processor.ports import Mailbox
from tests.servers.deliver import deliver


def mail(number: int, size: int = 0) -> bytes:
    """A mail of exactly `size` bytes, or as small as can be."""
    head = f"From: Anna <anna@poldercloud.example>\r\nSubject: mail {number}\r\n\r\n".encode()
    lines = b"x" * 76 + b"\r\n"
    room = size - len(head) - 2
    return head + (lines * (room // len(lines) + 1))[: max(room, 0)] + b"\r\n"


@pytest.fixture
def mailbox(account: MailServer) -> Iterator[Mailbox]:
    box = ImapMailbox(account, name="allocations")
    yield box
    box.close()


@pytest.fixture
def colleague(account: MailServer) -> Iterator[ImapSession]:
    """Somebody else with the same mailbox open."""
    session = ImapSession(account)
    yield session
    session.leave()


def subjects(mailbox: Mailbox, folder: str) -> list[str]:
    mails = mailbox.fetch(folder, mailbox.envelopes_after(folder, 0))
    return [one.raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for one in mails]


def test_an_empty_folder_has_an_identity_and_no_mail(mailbox: Mailbox) -> None:
    status = mailbox.status("INBOX")

    assert status.uidvalidity > 0
    assert status.messages == 0
    assert mailbox.envelopes_after("INBOX", 0) == ()
    assert mailbox.all_uids("INBOX") == ()


def test_status_counts_what_arrives_also_while_the_folder_is_open(mailbox: Mailbox, account: MailServer) -> None:
    before = mailbox.status("INBOX")
    deliver(account, [mail(1)])
    assert len(mailbox.envelopes_after("INBOX", 0)) == 1
    deliver(account, [mail(2), mail(3)])

    after = mailbox.status("INBOX")

    assert (after.messages, after.uidvalidity) == (3, before.uidvalidity)
    assert len(mailbox.envelopes_after("INBOX", 0)) == 3


def test_nothing_is_above_the_newest_uid(mailbox: Mailbox, account: MailServer) -> None:
    """`UID SEARCH n:*` names the newest mail even where n is above it."""
    deliver(account, [mail(1), mail(2)])
    first, second = mailbox.envelopes_after("INBOX", 0)

    assert mailbox.envelopes_after("INBOX", first.uid) == (second,)
    assert mailbox.envelopes_after("INBOX", second.uid) == ()
    assert mailbox.envelopes_after("INBOX", second.uid + 1000) == ()


def test_arrival_is_told_in_utc(mailbox: Mailbox, colleague: ImapSession) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    colleague.client.append("INBOX", mail(1), msg_time=datetime(2026, 11, 2, 1, 15, tzinfo=india))

    (envelope,) = mailbox.envelopes_after("INBOX", 0)

    assert envelope.received_at == datetime(2026, 11, 1, 19, 45, tzinfo=UTC)
    assert envelope.received_at.tzinfo is UTC


def test_bytes_come_as_they_are_and_no_flag_is_set(mailbox: Mailbox, colleague: ImapSession) -> None:
    raw = b"Subject: \xe2\x82\xac\r\n\r\n.dot\r\n\xff\xfe raw bytes\r\n)\r\nA1 OK FETCH\r\n"
    deliver(colleague.server, [raw])
    envelopes = mailbox.envelopes_after("INBOX", 0)

    (fetched,) = mailbox.fetch("INBOX", envelopes)

    assert fetched.raw == raw
    assert (fetched.uid, fetched.size, fetched.headers_only) == (envelopes[0].uid, len(raw), False)
    colleague.open("INBOX", read_only=True)
    assert SEEN not in colleague.client.get_flags([fetched.uid])[fetched.uid]


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 500_000])
def test_a_big_mail_comes_whole(mailbox: Mailbox, account: MailServer, size: int) -> None:
    mails = [mail(1), mail(2, size), mail(3)]
    deliver(account, mails)

    fetched = list(mailbox.fetch("INBOX", mailbox.envelopes_after("INBOX", 0)))

    assert [len(one.raw) for one in fetched] == [len(one) for one in mails]
    assert [one.raw for one in fetched] == mails


def test_headers_come_alone_and_never_without_end(mailbox: Mailbox, account: MailServer) -> None:
    endless = b"Subject: a\r\n" + b"X-Padding: y\r\n" * 30_000 + b"\r\nbody\r\n"
    deliver(account, [mail(1, 50_000), endless])

    small, large = mailbox.fetch("INBOX", mailbox.envelopes_after("INBOX", 0), headers_only=True)

    assert small.raw == mail(1)[:-2]
    assert (small.size, small.headers_only) == (50_000, True)
    assert large.raw == endless[:HEADER_BYTES]


def test_a_mail_that_has_gone_is_left_out(mailbox: Mailbox, colleague: ImapSession) -> None:
    deliver(colleague.server, [mail(1), mail(2, PIECE + 1), mail(3)])
    envelopes = mailbox.envelopes_after("INBOX", 0)
    colleague.open("INBOX", read_only=False)
    colleague.client.delete_messages([one.uid for one in envelopes[:2]])
    colleague.client.uid_expunge([one.uid for one in envelopes[:2]])
    mailbox.close()  # an open folder may show what it had

    assert [one.uid for one in mailbox.fetch("INBOX", envelopes)] == [envelopes[2].uid]


def test_mail_moves_to_a_folder_made_at_need(mailbox: Mailbox, account: MailServer) -> None:
    deliver(account, [mail(1), mail(2), mail(3)])
    one, two, three = mailbox.all_uids("INBOX")

    mailbox.move("INBOX", [one, three], "Requests/Applied/2026-11")

    assert mailbox.all_uids("INBOX") == (two,)
    assert subjects(mailbox, "Requests/Applied/2026-11") == ["mail 1", "mail 3"]


def test_moving_what_has_gone_is_no_error(mailbox: Mailbox, account: MailServer) -> None:
    deliver(account, [mail(1), mail(2)])
    one, two = mailbox.all_uids("INBOX")
    mailbox.move("INBOX", [one], "Applied")

    mailbox.move("INBOX", [one], "Applied")
    mailbox.move("INBOX", [one, two, two + 1000], "Applied")

    assert mailbox.all_uids("INBOX") == ()
    assert subjects(mailbox, "Applied") == ["mail 1", "mail 2"]


def test_what_a_colleague_marked_deleted_stays(mailbox: Mailbox, colleague: ImapSession) -> None:
    deliver(colleague.server, [mail(1), mail(2)])
    one, two = mailbox.all_uids("INBOX")
    colleague.open("INBOX", read_only=False)
    colleague.client.add_flags([two], DELETED)

    mailbox.move("INBOX", [one], "Applied")
    mailbox.close()

    assert mailbox.all_uids("INBOX") == (two,)


def test_more_mails_than_one_command_takes(mailbox: Mailbox, account: MailServer) -> None:
    amount = 2 * UIDS_PER_COMMAND + 1
    deliver(account, [mail(number) for number in range(amount)])

    uids = [one.uid for one in mailbox.envelopes_after("INBOX", 0)]
    mailbox.move("INBOX", uids, "Applied")

    assert len(set(uids)) == amount
    assert uids == sorted(uids)
    assert mailbox.status("INBOX").messages == 0
    assert mailbox.status("Applied").messages == amount


@pytest.mark.parametrize("folder", ["Geprüft & “gebucht” €", "Aanvragen/Vraag", "v1.2 release", "INBOX/Applied"])
def test_folder_names_are_spelled_for_the_server(mailbox: Mailbox, account: MailServer, folder: str) -> None:
    deliver(account, [mail(1)])

    mailbox.move("INBOX", mailbox.all_uids("INBOX"), folder)

    assert subjects(mailbox, folder) == ["mail 1"]


def test_a_copy_is_put_into_a_folder_made_at_need(mailbox: Mailbox) -> None:
    mailbox.append("Sent letters", mail(7))

    assert subjects(mailbox, "Sent letters") == ["mail 7"]


def rebuild(session: ImapSession, folder: str) -> None:
    """Another server could have been restored from a backup: same name, new UIDVALIDITY."""
    name = session.naming.spell(folder)
    session.client.delete_folder(name)
    time.sleep(1.1)  # Dovecot takes the time in seconds for the new one
    session.client.create_folder(name)
    deliver(session.server, [mail(9)], folder)


def test_nothing_moves_out_of_a_rebuilt_folder(mailbox: Mailbox, colleague: ImapSession) -> None:
    deliver(colleague.server, [mail(1)], "Requests")
    known = mailbox.status("Requests").uidvalidity
    (uid,) = mailbox.all_uids("Requests")
    mailbox.close()
    rebuild(colleague, "Requests")
    (new,) = mailbox.all_uids("Requests")

    with pytest.raises(FolderRebuiltError, match=f"was {known}"):
        mailbox.move("Requests", [uid, new], "Applied", uidvalidity=known)

    assert mailbox.status("Requests").messages == 1


def test_a_folder_rebuilt_after_its_status_is_not_listed_under_the_old_identity(
    mailbox: Mailbox, colleague: ImapSession
) -> None:
    deliver(colleague.server, [mail(1)], "Requests")
    known = mailbox.status("Requests").uidvalidity
    rebuild(colleague, "Requests")

    with pytest.raises(FolderRebuiltError):
        mailbox.envelopes_after("Requests", 0)

    assert mailbox.status("Requests").uidvalidity != known
    assert len(mailbox.envelopes_after("Requests", 0)) == 1


def test_waiting_ends_when_mail_comes(mailbox: Mailbox, account: MailServer) -> None:
    mailbox.wait(0.1)  # the first wait tells of what was there before
    postman = threading.Timer(0.2, deliver, [account, [mail(1)]])
    postman.start()

    assert mailbox.wait(20)
    postman.join()


def test_waiting_ends_when_no_mail_comes(mailbox: Mailbox) -> None:
    mailbox.wait(0.1)
    started = time.monotonic()

    assert not mailbox.wait(0.5)
    assert time.monotonic() - started == pytest.approx(0.5, abs=0.3)


def test_mail_that_comes_between_two_waits_ends_the_second(mailbox: Mailbox, account: MailServer) -> None:
    mailbox.wait(0.1)
    deliver(account, [mail(1)])
    time.sleep(1)  # Dovecot tells after half a second

    assert mailbox.wait(0.2)


def test_closing_ends_a_wait(mailbox: Mailbox) -> None:
    mailbox.wait(0.1)
    started = time.monotonic()
    threading.Timer(0.2, mailbox.close).start()

    assert not mailbox.wait(20)
    assert time.monotonic() - started < 5


def test_a_closed_mailbox_opens_again(mailbox: Mailbox, account: MailServer) -> None:
    deliver(account, [mail(1)])
    assert len(mailbox.envelopes_after("INBOX", 0)) == 1
    mailbox.close()
    mailbox.close()

    assert len(mailbox.envelopes_after("INBOX", 0)) == 1


def test_a_wrong_password_is_named_without_being_told(account: MailServer) -> None:
    wrong = replace(account, login=Login("allocations", "not-the-password"))

    with pytest.raises(LoginRefusedError, match=r"refused the login.*log in as allocations") as caught:
        ImapMailbox(wrong).status("INBOX")

    assert "not-the-password" not in f"{caught.value} {wrong!r}"
