"""Put many raw mails into a mailbox quickly, by APPEND, byte for byte."""

from collections.abc import Iterable, Iterator
from itertools import islice

from processor.adapters.imap_session import ImapSession
from processor.adapters.mail_server import MailServer

TOGETHER = 50  # mails in one command (MULTIAPPEND, RFC 3502)


def deliver(server: MailServer, mails: Iterable[bytes], folder: str = "INBOX") -> int:
    """Append the mails in order; return how many."""
    session = ImapSession(server)
    try:
        session.create(folder)
        name = session.naming.spell(folder)
        return sum(_append(session, name, some) for some in _batches(mails))
    finally:
        session.leave()


def _append(session: ImapSession, name: str, mails: list[bytes]) -> int:
    if session.client.has_capability("MULTIAPPEND"):
        session.client.multiappend(name, mails)
    else:
        for raw in mails:
            session.client.append(name, raw)
    return len(mails)


def _batches(mails: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(mails)
    while batch := list(islice(rest, TOGETHER)):
        yield batch
