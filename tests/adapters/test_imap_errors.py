"""What goes wrong with IMAP is named, for now or for good, with the server's words."""

import time
from contextlib import ExitStack

import pytest

from processor.adapters.mail_errors import (
    CommandForbiddenError,
    CommandRefusedError,
    LoginRefusedError,
    ServerAwayError,
    ServerBusyError,
    refusal,
)
from processor.ports import PermanentError, TransientError
from processor.servers.imap_server import ImapServer
from tests.adapters.mailboxes import at, open_box
from tests.servers.faulty_imap import HANG_UP, FaultyImap
from tests.servers.fixtures import plain


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("move failed: [UNAVAILABLE] user directory is down", ServerBusyError),
        ("select failed: [INUSE] mailbox is locked", ServerBusyError),
        ("fetch failed: [THROTTLED]", ServerBusyError),
        ("UID command error: BAD [b'User is throttled. Suggested Backoff Time: 299961 milliseconds']", ServerBusyError),
        ("move failed: [OVERQUOTA] too much mail", CommandForbiddenError),
        ("select failed: [NONEXISTENT] Unknown Mailbox: X", CommandForbiddenError),
        ("create failed: [NOPERM] not yours", CommandForbiddenError),
        ("UID command error: BAD [b'what?']", CommandForbiddenError),
        ("select failed: something broke", CommandRefusedError),
    ],
)
def test_a_refusal_is_for_now_or_for_good(words: str, kind: type[Exception]) -> None:
    error = refusal("imap.example:993", "poll", words)

    assert type(error) is kind
    assert isinstance(error, TransientError) is not isinstance(error, PermanentError)
    assert "(imap.example:993, poll: " in str(error)


def test_the_pause_that_exchange_asks_for_is_read() -> None:
    error = refusal("s", "o", "failed: Request is throttled. Suggested Backoff Time: 299961 milliseconds")

    assert error.retry_after == pytest.approx(299.961)


@pytest.mark.parametrize(
    ("answers", "greeting", "kind"),
    [
        ({}, "* BYE too many connections", ServerAwayError),
        ({}, "* BYE [UNAVAILABLE] maintenance", ServerBusyError),
        ({}, "HTTP/1.1 400 Bad Request", ServerAwayError),
        ({"LOGIN": "{tag} NO [AUTHENTICATIONFAILED] no"}, "* OK", LoginRefusedError),
        ({"LOGIN": "{tag} NO [UNAVAILABLE] later"}, "* OK", ServerBusyError),
        ({"LOGIN": "{tag} NO Suggested Backoff Time: 5000 milliseconds"}, "* OK", ServerBusyError),
        ({"LOGIN": HANG_UP}, "* OK", ServerAwayError),
        ({"LOGIN": "* BYE going down"}, "* OK", ServerAwayError),
        ({"LIST": HANG_UP}, "* OK", ServerAwayError),
        ({"STATUS": "{tag} NO [NONEXISTENT] no such folder"}, "* OK", CommandForbiddenError),
        ({"STATUS": "{tag} BAD what"}, "* OK", CommandForbiddenError),
        ({"STATUS": "{tag} NO internal error"}, "* OK", CommandRefusedError),
        (
            {"STATUS": '* STATUS "INBOX" (UIDVALIDITY 0 UIDNEXT 1 MESSAGES 0)\r\n{tag} OK done'},
            "* OK",
            CommandForbiddenError,
        ),
        ({"STATUS": "{tag} OK and no status"}, "* OK", ServerAwayError),
        ({"STATUS": "* STATUS ((((\r\n{tag} OK done"}, "* OK", ServerAwayError),
        ({"STATUS": HANG_UP}, "* OK", ServerAwayError),
    ],
    ids=str,
)
def test_trouble_is_named(stack: ExitStack, answers: dict[str, str], greeting: str, kind: type[Exception]) -> None:
    server = stack.enter_context(FaultyImap(answers, greeting))

    with pytest.raises(kind, match=f"127.0.0.1:{server.port}") as caught:
        open_box(stack, at(server, patience=1)).status("INBOX")

    assert "geheim" not in str(caught.value)


def test_a_move_that_is_cut_off_is_not_tried_in_another_way(stack: ExitStack) -> None:
    server = stack.enter_context(FaultyImap({"MOVE": HANG_UP}))

    with pytest.raises(ServerAwayError, match="move from INBOX to Applied"):
        open_box(stack, at(server)).move("INBOX", [1, 2], "Applied")

    assert server.commands[-1] == 'UID MOVE 1,2 "Applied"'


def test_a_folder_that_may_only_be_read_is_named(stack: ExitStack) -> None:
    server = stack.enter_context(FaultyImap({"SELECT": "* 2 EXISTS\r\n* OK [READ-ONLY] x\r\n{tag} OK [READ-ONLY] x"}))

    with pytest.raises(CommandForbiddenError, match="move from INBOX"):
        open_box(stack, at(server)).move("INBOX", [1], "Applied")


def test_a_server_that_is_not_there_is_away(stack: ExitStack) -> None:
    server = ImapServer()
    server.start().stop()

    with pytest.raises(ServerAwayError, match="refused"):
        open_box(stack, plain(server)).status("INBOX")


def test_a_date_that_is_none_becomes_now(stack: ExitStack) -> None:
    fetched = '* 1 FETCH (UID 2 RFC822.SIZE 10 INTERNALDATE "99-Foo-2026 00:00:00 +0000")\r\n{tag} OK done'
    server = stack.enter_context(FaultyImap({"SEARCH": "* SEARCH 2\r\n{tag} OK done", "FETCH": fetched}))

    (envelope,) = open_box(stack, at(server)).envelopes_after("INBOX", 0)

    assert abs(envelope.received_at.timestamp() - time.time()) < 60


def test_a_body_that_is_nil_is_an_empty_mail(stack: ExitStack) -> None:
    fetched = '* 1 FETCH (UID 2 RFC822.SIZE 0 INTERNALDATE "01-Nov-2026 00:00:00 +0000" BODY[] NIL)\r\n{tag} OK done'
    server = stack.enter_context(FaultyImap({"SEARCH": "* SEARCH 2\r\n{tag} OK done", "FETCH": fetched}))
    box = open_box(stack, at(server))

    (mail,) = box.fetch("INBOX", box.envelopes_after("INBOX", 0))

    assert (mail.uid, mail.raw) == (2, b"")
