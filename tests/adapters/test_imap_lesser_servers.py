"""Servers that can do less than MOVE, UIDPLUS, IDLE and a namespace, or spell folders in another way."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from imapclient import DELETED

from processor.adapters import imap
from processor.adapters.imap_session import ImapSession, Naming
from tests.adapters.mailboxes import MAILS, at, bodies, open_box
from tests.servers.deliver import deliver
from tests.servers.dovecot import Dovecot
from tests.servers.faulty_imap import FaultyImap
from tests.servers.fixtures import account_on, need_dovecot


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
