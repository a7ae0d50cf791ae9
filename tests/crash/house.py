"""One installation that is killed again and again, and what is seen of it from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Engine, text

from processor.adapters.engine import open_engine
from processor.adapters.imap import ImapMailbox
from processor.adapters.ledger_import import import_ledger
from processor.adapters.mail_server import MailServer
from processor.adapters.schema import upgrade
from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from processor.settings import FolderSettings
from tests.crash.life import Order
from tests.scenarios.world import ROOT, environment
from tests.servers.deliver import deliver
from tests.servers.fixtures import plain
from tests.simulation.checker import Seen, violations
from tests.simulation.mails import Kind, Written, books, write

PARTNERS = 30
AHEAD = 21  # days, after which every question has lapsed and every allocation is published
FAIR = 8  # lives without a kill within which all work must end


@dataclass
class House:
    """Servers of its own, a database at `url`, and a program that is started by orders."""

    folder: Path
    url: str
    imap: ImapServer
    sink: SmtpSink
    live: Callable[[Order], int]
    seen: Seen = field(default_factory=lambda: Seen(attempts=10**6))
    kills: int = 0

    def emptied(self) -> House:
        """Take out every mail and letter; the caller has put a fresh database in place."""
        self.imap.stop()
        self.imap.start()
        self.sink.letters.clear()
        self.seen, self.kills = Seen(attempts=10**6), 0
        return self

    def fill(self, chance: Random, amount: int, first: int = 1) -> None:
        """Let mails of every kind come, of the partners from `first` on, a fifth of them twice."""
        for number in range(first, first + amount):
            one = write(list(Kind)[number % 4] if number < 5 else chance.choice(_KINDS), number, number)
            self._put([one] * (2 if chance.random() < 0.2 else 1))

    def receive(self, one: Written) -> None:
        """Let one mail come."""
        self._put([one])

    def _put(self, copies: list[Written]) -> None:
        for one in copies:
            self.seen.written[one.raw] = one
            self.seen.put[one.raw] += 1
        deliver(self._server(), [one.raw for one in copies])

    def kill(self, order: Order) -> bool:
        """Start the program; True where it was killed before it had done everything."""
        status = self.live(order)
        assert status in (0, -9), f"the program ended with {status}: {self.log()}"
        self.kills += status != 0
        return status != 0

    def finish(self, days: int = 0) -> list[str]:
        """Let it end its work undisturbed; return every promise that is broken."""
        for _ in range(FAIR):
            assert not self.kill(Order(days=days))
            if not self._waiting():
                break
        self.seen.folders = self._standing()
        self.seen.accepted = [letter.raw for letter in self.sink.letters]
        with self._engine() as engine:
            return violations(engine, self.seen)

    def uncertain(self) -> int:
        """Count the letters that a person must look at."""
        return self._count("SELECT count(*) FROM letter WHERE state = 'uncertain'")

    def undone(self) -> int:
        """Count the mails that are not decided and filed, and the letters that have not left."""
        return self.seen.put.total() - self._count("SELECT count(*) FROM mail WHERE phase = 'filed'") + self._waiting()

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")[-3000:]

    def points(self) -> list[str]:
        """Name every failpoint that was reached, in order."""
        return (self.folder / "points").read_text(encoding="ascii").split()

    def _waiting(self) -> int:
        return self._count("SELECT count(*) FROM letter WHERE state NOT IN ('sent', 'uncertain', 'failed')")

    def _count(self, query: str) -> int:
        with self._engine() as engine, engine.connect() as connection:
            return int(connection.scalar(text(query)) or 0)

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        engine = open_engine(self.url)
        yield engine
        engine.dispose()

    def _standing(self) -> dict[str, Counter[bytes]]:
        with closing(ImapMailbox(self._server(), name="inspector")) as box:
            there = ["INBOX", *FolderSettings().model_dump().values()]
            return {name: Counter(_mails(box, name)) for name in there}

    def _server(self) -> MailServer:
        return plain(self.imap)


_KINDS = (Kind.WHOLE, Kind.WHOLE, Kind.PART, Kind.VAGUE, Kind.FORGED, Kind.ROBOT)


def _mails(box: ImapMailbox, name: str) -> list[bytes]:
    try:
        return [one.raw for one in box.fetch(name, box.envelopes_after(name, 0))]
    except Exception:  # noqa: BLE001 a folder that nothing was filed in is not there
        return []


def prepare(url: str, folder: Path) -> None:
    """Make the database, with the ledger in it."""
    engine = open_engine(url)
    upgrade(engine)
    assert import_ledger(engine, books(folder / "books", PARTNERS), datetime.now(UTC)).problems == ()
    engine.dispose()


@contextmanager
def house(folder: Path, url: str) -> Iterator[House]:
    """Open a house on a database that was prepared."""
    with ImapServer() as imap, SmtpSink() as sink:
        (folder / "processor.toml").write_text(
            'seal = "a seal for one test"\n'
            f'[imap]\nhost = "{imap.host}"\nport = {imap.port}\nsecurity = "plain"\n'
            f'username = "{imap.user}"\npassword = "{imap.password}"\n'
            f'[smtp]\nhost = "{sink.host}"\nport = {sink.port}\nsecurity = "plain"\nusername = ""\nper_minute = 0\n'
            f'[database]\nurl = "{url}"\n[safety]\nmode = "live"\n[intake]\nbatch = 3\nattempts = 1000000\n'
            f'[follow_up]\nfeed_folder = "{folder / "feed"}"\n'
            "[flood]\ncontact_letters_per_day = 0\nacknowledgements_per_day = 0\nletters_per_hour = 0\n",
            encoding="utf-8",
        )
        with _zygote(folder) as live:
            yield House(folder, url, imap, sink, live)


@contextmanager
def _zygote(folder: Path) -> Iterator[Callable[[Order], int]]:
    command = [sys.executable, "-m", "tests.crash.life", str(folder / "processor.toml"), str(folder / "points")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdin is not None
    assert process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def live(order: Order) -> int:
        asks.write(json.dumps(asdict(order)) + "\n")
        asks.flush()
        return int(answers.readline())

    try:
        yield live
    finally:
        asks.close()
        process.wait(60)
        answers.close()
