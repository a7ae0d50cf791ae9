"""What a mail costs from mailbox to letter, counted: round trips and commits, which no busy machine can change.

A bound that is too high by a mail's worth of work would hide that something is done one by one again.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, event

from processor.adapters.engine import open_engine
from processor.adapters.ledger_import import import_ledger
from processor.adapters.mail_server import MailServer
from processor.servers.smtp_sink import SmtpSink
from processor.settings_load import load_settings
from processor.wiring import open_work
from tests.benchmarks.mails import answered, mails, write_ledger
from tests.servers.deliver import deliver
from tests.servers.proxy import Direction, Proxy, _Connection

MAILS = 60
LETTERS = sum(map(answered, range(MAILS)))


class Questions(Proxy):
    """Counts how often the client said something, which is what a far server makes it wait for."""

    asked = 0

    def _count(self, connection: _Connection, direction: Direction, amount: int) -> None:
        super()._count(connection, direction, amount)
        self.asked += direction is Direction.TO_SERVER


@contextmanager
def spent(engine: Engine) -> Iterator[Counter[str]]:
    """Count what is asked of a database, and what it must put on the disk."""
    counts: Counter[str] = Counter()

    def statement(*args: object) -> None:
        counts["writes"] += str(args[2]).startswith(("INSERT", "UPDATE", "DELETE"))
        counts["round trips"] += 1

    def commit(connection: object) -> None:
        counts["commits"] += bool(counts.pop("writes", 0))  # reading alone syncs nothing
        counts["round trips"] += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    yield counts
    event.remove(engine, "before_cursor_execute", statement)
    event.remove(engine, "commit", commit)


def settings_file(folder: Path, url: str, server: MailServer, imap: Proxy, smtp: Proxy, connections: int = 1) -> Path:
    assert server.login is not None
    file = folder / "processor.toml"
    file.write_text(
        'seal = "a seal for one test"\n'
        f'[imap]\nhost = "127.0.0.1"\nport = {imap.port}\nsecurity = "plain"\n'
        f'username = "{server.login.user}"\npassword = "{server.login.password}"\n'
        f'[smtp]\nhost = "127.0.0.1"\nport = {smtp.port}\nsecurity = "plain"\nusername = ""\n'
        f"connections = {connections}\n"
        f'[database]\nurl = "{url}"\n[safety]\nmode = "live"\n'
    )
    return file


def fill(database_url: str, folder: Path) -> None:
    engine = open_engine(database_url)
    assert import_ledger(engine, write_ledger(folder / "books", MAILS), datetime.now(UTC)).problems == ()
    engine.dispose()


def test_the_work_of_sixty_mails_is_bounded(
    database_url: str, account: MailServer, smtp_sink: SmtpSink, tmp_path: Path, stack: ExitStack
) -> None:
    fill(database_url, tmp_path)
    imap, smtp = stack.enter_context(Questions(account.port)), stack.enter_context(Questions(smtp_sink.port))
    deliver(account, mails(MAILS))
    settings = load_settings(settings_file(tmp_path, database_url, account, imap, smtp))
    work = stack.enter_context(open_work(settings))
    counts = stack.enter_context(spent(work.engine))

    assert work.rounds.drain() == []

    assert len(smtp_sink.letters) == LETTERS
    assert smtp.connections == 1
    assert smtp.asked <= 5 * LETTERS + 10  # MAIL, RCPT, DATA, the letter, its dot: four answers to wait for
    assert imap.asked <= 40  # for all mails together: log in, list, fetch, file into four folders
    assert counts["commits"] <= LETTERS + 30  # one for each letter's DATA, and a few for all mails together
    assert counts["round trips"] <= 34 * MAILS, counts["round trips"] / MAILS


def test_letters_leave_on_several_connections_at_once_and_none_twice(
    database_url: str, account: MailServer, smtp_sink: SmtpSink, tmp_path: Path, stack: ExitStack
) -> None:
    fill(database_url, tmp_path)
    imap, smtp = stack.enter_context(Questions(account.port)), stack.enter_context(Questions(smtp_sink.port))
    deliver(account, mails(MAILS))
    settings = load_settings(settings_file(tmp_path, database_url, account, imap, smtp, connections=3))
    work = stack.enter_context(open_work(settings))

    assert work.rounds.drain() == []

    named = {letter.raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for letter in smtp_sink.letters}
    assert len(smtp_sink.letters) == len(named) == LETTERS
    assert smtp.connections == 3
