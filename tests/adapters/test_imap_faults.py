"""What goes wrong with IMAP, and that it is named, bounded in time, and over when the server is back."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from imapclient import DELETED

from processor.adapters import imap, imap_idle
from processor.adapters.imap import ImapMailbox
from processor.adapters.imap_session import ImapSession, Naming
from processor.adapters.mail_errors import (
    CertificateRefusedError,
    CommandForbiddenError,
    CommandRefusedError,
    LoginRefusedError,
    NotEncryptedError,
    ServerAwayError,
    ServerBusyError,
    refusal,
)
from processor.adapters.mail_server import Login, MailServer, Security
from processor.ports import PermanentError, TransientError
from processor.servers.background import BackgroundServer
from processor.servers.imap_server import ImapServer
from tests.servers.certificates import Certificate
from tests.servers.deliver import deliver
from tests.servers.dovecot import Dovecot
from tests.servers.faulty_imap import HANG_UP, FaultyImap
from tests.servers.fixtures import account_on, need_dovecot, plain
from tests.servers.proxy import Direction, Fault, Harm, Proxy

MAILS = [b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n2\r\n", b"Subject: three\r\n\r\n3\r\n"]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def open_box(stack: ExitStack, server: MailServer) -> ImapMailbox:
    box = ImapMailbox(server)
    stack.callback(box.close)
    return box


def behind(proxy: Proxy, account: MailServer, patience: float = 10) -> MailServer:
    return replace(account, port=proxy.port, connect_seconds=patience, read_seconds=patience)


def at(server: BackgroundServer, security: Security = Security.PLAIN, patience: float = 10) -> MailServer:
    login = Login("a", "geheim")
    return MailServer(server.host, server.port, security, login, connect_seconds=patience, read_seconds=patience)


# --- what errors say ----------------------------------------------------------------------------------------------


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


# --- encryption ---------------------------------------------------------------------------------------------------


def test_nothing_leaves_this_machine_in_the_clear(stack: ExitStack) -> None:
    started = time.monotonic()

    with pytest.raises(NotEncryptedError, match=r"192\.0\.2\.1:143"):
        open_box(stack, MailServer("192.0.2.1", 143, Security.PLAIN)).status("INBOX")

    assert time.monotonic() - started < 1


@pytest.mark.parametrize("authorities", ["nowhere.pem", "empty.pem"])
def test_authorities_that_cannot_be_read_are_named(tmp_path: Path, authorities: str) -> None:
    (tmp_path / "empty.pem").touch()
    server = MailServer("localhost", 993, ca_file=tmp_path / authorities)

    with pytest.raises(CertificateRefusedError, match=authorities):
        ImapMailbox(server).status("INBOX")


def test_this_machine_may_be_called_by_its_name(stack: ExitStack, imap_server: ImapServer) -> None:
    assert open_box(stack, replace(plain(imap_server), host="localhost")).status("INBOX").messages == 0
    with pytest.raises(NotEncryptedError, match=r"imap\.example:143"):
        open_box(stack, replace(plain(imap_server), host="imap.example", port=143)).status("INBOX")


def test_a_connection_lost_in_starttls_is_lost(stack: ExitStack) -> None:
    capability = "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"
    server = stack.enter_context(FaultyImap({"CAPABILITY": capability, "STARTTLS": HANG_UP}))

    with pytest.raises(ServerAwayError, match="STARTTLS"):
        open_box(stack, at(server, Security.STARTTLS)).status("INBOX")


@pytest.mark.parametrize(
    ("answers", "greeting"),
    [
        ({}, "* OK no encryption here"),
        ({}, "* PREAUTH you are in"),
        ({"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"}, "* PREAUTH you are in"),
        ({"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done", "STARTTLS": "{tag} NO not today"}, "* OK"),
        ({"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done", "STARTTLS": "{tag} BAD what"}, "* OK"),
    ],
    ids=str,
)
def test_starttls_that_fails_ends_it(stack: ExitStack, answers: dict[str, str], greeting: str) -> None:
    server = stack.enter_context(FaultyImap(answers, greeting))

    with pytest.raises(NotEncryptedError, match="nothing was sent"):
        open_box(stack, at(server, Security.STARTTLS)).status("INBOX")

    assert {command.partition(" ")[0] for command in server.commands} <= {"CAPABILITY", "STARTTLS"}


def test_words_slipped_in_before_encryption_are_not_believed(stack: ExitStack) -> None:
    """The answer to STARTTLS carries more than one line; the rest must not count as said under TLS."""
    capability = "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"
    slipped = "{tag} OK begin\r\n* PREAUTH you are in\r\nXXXX1 OK done"
    server = stack.enter_context(FaultyImap({"CAPABILITY": capability, "STARTTLS": slipped}))

    with pytest.raises((ServerAwayError, NotEncryptedError)):
        open_box(stack, at(server, Security.STARTTLS, patience=1)).status("INBOX")

    assert not any(command.startswith("LOGIN") for command in server.commands)


def encrypted(server: ImapServer, certificate: Certificate | None) -> MailServer:
    file = certificate.file if certificate else None
    return MailServer(server.host, server.port, Security.STARTTLS, Login(server.user, server.password), file)


def test_starttls_with_the_embedded_server(stack: ExitStack, certificate: Certificate) -> None:
    server = stack.enter_context(ImapServer(tls=certificate.server_context()))

    assert open_box(stack, encrypted(server, certificate)).status("INBOX").messages == 0
    with pytest.raises(CertificateRefusedError, match="STARTTLS: self-signed certificate"):
        open_box(stack, encrypted(server, None)).status("INBOX")


@pytest.mark.dovecot
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_encryption_with_dovecot(stack: ExitStack, dovecot: Dovecot, security: Security) -> None:
    port = dovecot.tls_port if security is Security.TLS else dovecot.port
    trusting = replace(account_on(dovecot), port=port, security=security, ca_file=dovecot.certificate.file)
    deliver(trusting, MAILS)
    box = open_box(stack, trusting)

    assert len(list(box.fetch("INBOX", box.envelopes_after("INBOX", 0)))) == 3
    box.wait(0.1)
    threading.Timer(0.2, deliver, [trusting, MAILS]).start()
    assert box.wait(20)
    with pytest.raises(CertificateRefusedError):
        open_box(stack, replace(trusting, ca_file=None)).status("INBOX")


# --- connections that break ---------------------------------------------------------------------------------------


def work(box: ImapMailbox) -> None:
    """One turn of the intake: look, list, fetch, file."""
    box.status("INBOX")
    envelopes = box.envelopes_after("INBOX", 0)
    mails = list(box.fetch("INBOX", envelopes))
    box.move("INBOX", [mail.uid for mail in mails], "Applied")


def dialogue(account: MailServer) -> dict[Direction, int]:
    """How many bytes one good turn has each way."""
    deliver(account, MAILS)
    with Proxy(account.port) as proxy:
        box = ImapMailbox(behind(proxy, account))
        work(box)
        box.close()
        return proxy.passed


def bodies(box: ImapMailbox, folder: str) -> list[bytes]:
    with suppress(CommandForbiddenError, CommandRefusedError):  # the folder may not be there yet
        return [mail.raw for mail in box.fetch(folder, box.envelopes_after(folder, 0))]
    return []


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("harm", list(Harm))
def test_cut_anywhere_no_mail_is_lost(stack: ExitStack, account: MailServer, harm: Harm, direction: Direction) -> None:
    """At many bytes of the dialogue: the error is a passing one, and the next call mends it."""
    length = dialogue(account)[direction]
    step = length // 5 if harm is Harm.STALL else length // 25
    proxy = stack.enter_context(Proxy(account.port))
    straight = open_box(stack, account)
    for after in range(0, length, step):
        deliver(account, MAILS)
        proxy.faults = [Fault(harm, after, direction)]
        box = ImapMailbox(behind(proxy, account, 0.3 if harm is Harm.STALL else 10))
        with suppress(TransientError):
            work(box)
        box.close()
        work(straight)

        assert bodies(straight, "INBOX") == []
        kept = bodies(straight, "Applied")
        assert sorted(set(kept)) == sorted(MAILS), after
        straight.move("Applied", straight.all_uids("Applied"), "Done")


def test_a_call_after_a_break_connects_anew(stack: ExitStack, account: MailServer) -> None:
    proxy = stack.enter_context(Proxy(account.port))
    box = open_box(stack, behind(proxy, account))
    box.status("INBOX")
    proxy.harm_all(Harm.RESET)

    with pytest.raises(ServerAwayError):
        box.status("INBOX")

    assert box.status("INBOX").messages == 0


def test_a_connection_is_replaced_before_its_token_dies(
    stack: ExitStack, account: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "LIFE_SECONDS", 0.0)
    proxy = stack.enter_context(Proxy(account.port))
    box = open_box(stack, behind(proxy, account))

    assert box.status("INBOX") == box.status("INBOX")
    assert proxy.connections == 2


@pytest.mark.parametrize("call", [lambda box: box.status("INBOX"), lambda box: box.append("INBOX", MAILS[0])])
def test_a_silent_server_costs_its_timeout(
    stack: ExitStack, account: MailServer, call: Callable[[ImapMailbox], object]
) -> None:
    proxy = stack.enter_context(Proxy(account.port))
    box = open_box(stack, behind(proxy, account, patience=1))
    box.status("INBOX")
    proxy.harm_all(Harm.STALL)
    started = time.monotonic()

    with pytest.raises(ServerAwayError, match="timed out"):
        call(box)

    assert time.monotonic() - started < 5


# --- waiting ------------------------------------------------------------------------------------------------------


def test_waiting_outlasts_a_server_that_goes_and_comes(stack: ExitStack, imap_server: ImapServer) -> None:
    box = open_box(stack, plain(imap_server))
    box.wait(0.1)

    def restart() -> None:
        imap_server.stop()
        imap_server.start()
        deliver(plain(imap_server), MAILS)

    threading.Timer(0.2, restart).start()

    assert box.wait(30)
    assert box.status("INBOX").messages == 3


@pytest.mark.parametrize("harm", [Harm.CUT, Harm.RESET])
def test_a_lost_connection_does_not_end_a_wait_early(stack: ExitStack, account: MailServer, harm: Harm) -> None:
    proxy = stack.enter_context(Proxy(account.port))
    box = open_box(stack, behind(proxy, account))
    box.wait(0.1)
    proxy.harm_all(harm)
    started = time.monotonic()

    assert not box.wait(1.5)
    assert time.monotonic() - started >= 1.5
    assert proxy.connections == 2  # it connected again, and not in a tight loop


def test_a_server_that_hangs_up_every_idle_is_not_asked_in_a_tight_loop(stack: ExitStack) -> None:
    server = stack.enter_context(FaultyImap({"IDLE": "* BYE no idling"}))
    box = open_box(stack, at(server))
    box.wait(0.1)

    assert not box.wait(2.5)
    assert server.connections <= 4


def test_a_refused_login_is_not_tried_again_in_the_same_wait(stack: ExitStack) -> None:
    server = stack.enter_context(FaultyImap({"LOGIN": "{tag} NO [AUTHENTICATIONFAILED] no"}))

    assert not open_box(stack, at(server)).wait(1.5)
    assert server.connections == 1


def test_idle_is_renewed(stack: ExitStack, account: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_idle, "RENEWAL_SECONDS", 0.3)
    box = open_box(stack, account)
    box.wait(0.1)
    assert not box.wait(1.2)
    threading.Timer(0.2, deliver, [account, MAILS]).start()

    assert box.wait(20)


def test_renewal_finds_a_dead_connection(
    stack: ExitStack, account: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A black hole keeps IDLE silent; only asking finds it."""
    monkeypatch.setattr(imap_idle, "RENEWAL_SECONDS", 0.5)
    proxy = stack.enter_context(Proxy(account.port))
    box = open_box(stack, behind(proxy, account, patience=1))
    box.wait(0.1)
    proxy.harm_all(Harm.STALL)
    deliver(account, MAILS)

    assert box.wait(20)
    assert proxy.connections == 2


def test_a_server_without_idle_is_asked(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_idle, "NOOP_SECONDS", 0.2)
    answers = {"CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done"}
    server = stack.enter_context(FaultyImap(answers))
    box = open_box(stack, at(server))
    box.wait(0.1)
    assert not box.wait(0.5)
    server.answers["NOOP"] = "* 3 EXISTS\r\n{tag} OK done"

    assert box.wait(5)
    assert "IDLE" not in server.commands


# --- servers that can do less -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def old_dovecot() -> Iterator[Dovecot]:
    """A server that says it knows neither MOVE nor IDLE nor NAMESPACE nor MULTIAPPEND."""
    need_dovecot()
    with Dovecot(capability="IMAP4rev1 UIDPLUS", separator="/", prefix="") as server:
        yield server


@pytest.mark.dovecot
def test_without_move_mail_is_copied_and_expunged_by_uid(stack: ExitStack, old_dovecot: Dovecot) -> None:
    account = account_on(old_dovecot)
    deliver(account, MAILS)
    box = open_box(stack, account)
    one, two, three = box.all_uids("INBOX")
    colleague = ImapSession(account)
    colleague.open("INBOX", read_only=False)
    colleague.client.add_flags([three], DELETED)
    colleague.leave()

    box.move("INBOX", [one, two], "Requests/Applied")
    box.move("INBOX", [one], "Requests/Applied")

    assert box.all_uids("INBOX") == (three,)
    assert bodies(box, "Requests/Applied") == MAILS[:2]


def test_without_uidplus_nothing_is_expunged(stack: ExitStack) -> None:
    answers = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done",
        "COPY": "{tag} OK copied",
        "STORE": "{tag} OK stored",
    }
    server = stack.enter_context(FaultyImap(answers))

    open_box(stack, at(server)).move("INBOX", [1, 2], "Applied")

    assert server.commands[-2:] == ['UID COPY 1,2 "Applied"', "UID STORE 1,2 +FLAGS.SILENT (\\Deleted)"]


def test_a_move_refused_for_mails_that_have_gone_is_done_for_the_others(stack: ExitStack) -> None:
    answers = {"MOVE": "{tag} NO some messages are gone", "SEARCH": "* SEARCH\r\n{tag} OK done"}
    server = stack.enter_context(FaultyImap(answers))

    open_box(stack, at(server)).move("INBOX", [1, 2], "Applied")

    assert server.commands[-1] == "UID SEARCH UID 1,2"


@pytest.mark.parametrize(
    ("naming", "folder", "name"),
    [
        (Naming("", "/"), "Requests/Applied", "Requests/Applied"),
        (Naming("", "."), "Requests/v1.2", "Requests.v1_2"),
        (Naming("INBOX.", "."), "Requests", "INBOX.Requests"),
        (Naming("INBOX.", "."), "INBOX", "INBOX"),
        (Naming("INBOX.", "."), "inbox/Applied", "inbox.Applied"),
    ],
)
def test_folders_are_spelled_as_the_server_wants(naming: Naming, folder: str, name: str) -> None:
    assert naming.spell(folder) == name


def test_a_folder_beyond_one_answer_is_searched_in_parts(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client library reads lines of a million bytes: some hundred thousand UIDs."""
    monkeypatch.setattr(imap, "SEARCHED_AT_ONCE", 1)
    server = stack.enter_context(FaultyImap({"SEARCH": "* SEARCH 1 2\r\n{tag} OK done"}))

    assert open_box(stack, at(server)).all_uids("INBOX") == (1, 2)
    assert [said for said in server.commands if "SEARCH" in said] == [
        "UID SEARCH 1:1 UID 1:*",
        "UID SEARCH 2:2 UID 1:*",
    ]


def test_a_server_without_a_personal_namespace_is_asked_for_its_separator(stack: ExitStack) -> None:
    answers = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 NAMESPACE\r\n{tag} OK done",
        "NAMESPACE": "* NAMESPACE NIL NIL NIL\r\n{tag} OK done",
        "LIST": '* LIST (\\Noselect) "." ""\r\n{tag} OK done',
    }
    server = stack.enter_context(FaultyImap(answers))
    session = ImapSession(at(server))
    stack.callback(session.drop)

    assert session.naming == Naming("", ".")


def test_folders_of_a_server_without_hierarchy_are_joined(stack: ExitStack) -> None:
    server = stack.enter_context(FaultyImap({"LIST": '* LIST (\\Noselect) NIL ""\r\n{tag} OK done'}))

    session = ImapSession(at(server))
    stack.callback(session.drop)

    assert session.naming.spell("Requests/Applied") == "Requests-Applied"
