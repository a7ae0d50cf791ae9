"""How the tests of mailboxes reach a server: straight, behind a proxy, or one that says what it is told."""

from contextlib import ExitStack, suppress
from dataclasses import replace

from processor.adapters.imap import ImapMailbox
from processor.adapters.mail_errors import CommandForbiddenError, CommandRefusedError
from processor.adapters.mail_server import Login, MailServer, Security
from processor.servers.background import BackgroundServer
from tests.servers.proxy import Proxy

MAILS = [b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n2\r\n", b"Subject: three\r\n\r\n3\r\n"]


def open_box(stack: ExitStack, server: MailServer) -> ImapMailbox:
    box = ImapMailbox(server)
    stack.callback(box.close)
    return box


def behind(proxy: Proxy, account: MailServer, patience: float = 10) -> MailServer:
    return replace(account, port=proxy.port, connect_seconds=patience, read_seconds=patience)


def at(server: BackgroundServer, security: Security = Security.PLAIN, patience: float = 10) -> MailServer:
    login = Login("a", "geheim")
    return MailServer(server.host, server.port, security, login, connect_seconds=patience, read_seconds=patience)


def bodies(box: ImapMailbox, folder: str) -> list[bytes]:
    with suppress(CommandForbiddenError, CommandRefusedError):  # the folder may not be there yet
        return [mail.raw for mail in box.fetch(folder, box.envelopes_after(folder, 0))]
    return []
