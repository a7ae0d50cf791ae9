"""Connections that break, fall silent or wait: bounded in time, and over when the server is back."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from processor.adapters import imap, imap_idle
from processor.adapters.imap import ImapMailbox
from processor.adapters.mail_errors import (
    ServerAwayError,
)
from processor.adapters.mail_server import MailServer
from processor.ports import TransientError
from processor.servers.imap_server import ImapServer
from tests.adapters.mailboxes import MAILS, at, behind, bodies, open_box
from tests.servers.deliver import deliver
from tests.servers.faulty_imap import FaultyImap
from tests.servers.fixtures import plain
from tests.servers.proxy import Direction, Fault, Harm, Proxy


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
