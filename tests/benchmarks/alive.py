"""A worker that runs on schedule, watched from outside: `python -m tests.benchmarks.alive latency|throttled|memory`.

* latency: one mail a second; from the end of APPEND to its letter accepted, beside the server's own IDLE notice;
* throttled: how fast money moves while letters may leave at five a second, beside letters without a limit;
* memory: of the worker after some mails, and after ten times as many.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from imapclient import IMAPClient

from processor.adapters.mail_server import MailServer
from processor.servers.background import BackgroundServer
from tests.benchmarks import mails, sink
from tests.benchmarks.stage import Stage, open_stage, rows_in
from tests.scenarios.world import ROOT, environment

app = typer.Typer(add_completion=False)

_READER = re.compile(rb"RCPT TO:<ap@partner(\d+)\.example>", re.IGNORECASE)

Database = Annotated[str, typer.Option(help="sqlite or postgresql.")]


class Timed(BackgroundServer):
    """The sink, in this process: it notes when the letter to each partner was accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: dict[int, float] = {}

    async def listen(self) -> asyncio.Server:
        accepted = self.accepted

        class Noting(sink.Sink):
            def data_received(self, data: bytes) -> None:
                if found := _READER.search(data):
                    self.reader = int(found[1])
                letters = sink.SEEN["letters"]
                super().data_received(data)
                if sink.SEEN["letters"] > letters:
                    accepted[self.reader] = time.monotonic()

        return await asyncio.get_running_loop().create_server(Noting, self.host, self.port)


@contextmanager
def working(stage: Stage, account: MailServer, url: str, per_minute: int = 0) -> Iterator[int]:
    """Let a worker run on schedule, with at most so many letters a minute; gives its process id."""
    config = stage.settings(account, url, smtp=f"per_minute = {per_minute}\n")
    command = [sys.executable, "-m", "processor", "run", "--config", str(config)]
    with (stage.folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=log, stderr=log)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def until(reached: int, url: str, table: str, seconds: float) -> float:
    """Wait until a table has so many rows; return the moment."""
    end = time.monotonic() + seconds
    while rows_in(url, table) < reached:
        assert time.monotonic() < end, f"{rows_in(url, table)} of {reached} rows in {table}"
        time.sleep(0.25)
    return time.monotonic()


@dataclass
class Notices:
    """A connection that idles: when it was told of new mail."""

    account: MailServer
    at: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def listening(self) -> Iterator[None]:
        ready = threading.Event()
        thread = threading.Thread(target=self._listen, args=(ready,))
        thread.start()
        ready.wait()
        yield
        self.over.set()
        thread.join()

    def _listen(self, ready: threading.Event) -> None:
        with _client(self.account) as client:
            client.select_folder("INBOX", readonly=True)
            client.idle()
            ready.set()
            while not self.over.is_set():
                told = client.idle_check(0.5)
                self.at += [time.monotonic() for _, *what in told if b"EXISTS" in what]
            client.idle_done()


@contextmanager
def _client(account: MailServer) -> Iterator[IMAPClient]:
    assert account.login is not None
    with IMAPClient(account.host, account.port, ssl=False) as client:
        client.login(account.login.user, account.login.password)
        yield client


@app.command()
def latency(
    amount: Annotated[int, typer.Option("--mails", help="Mails, one a second.")] = 300, database: Database = "sqlite"
) -> None:
    """From the end of APPEND to the letter accepted."""
    with open_stage(postgres=database == "postgresql") as stage, Timed() as timed:
        stage.smtp_port = timed.port
        account, url = stage.account(), stage.database(database, amount * mails.ITEMS, ours=True)
        stage.deliver(account, [])
        notices = Notices(account)
        appended: list[float] = []
        with working(stage, account, url), notices.listening(), _client(account) as client:
            time.sleep(8)
            for number in range(amount):
                time.sleep(1)
                client.append("INBOX", mails.written(number * mails.ITEMS))
                appended.append(time.monotonic())
            until(amount, url, "allocation", 60)
            time.sleep(3)
    letters = [timed.accepted[number] - at for number, at in enumerate(appended)]
    told = [min(seen for seen in notices.at if seen > at) - at for at in appended if notices.at[-1] > at]
    _tell({"mails": amount, "database": database, "letter": _spread(letters), "notice": _spread(told)})


@app.command()
def throttled(
    amount: Annotated[int, typer.Option("--mails", help="Mails in the inbox.")] = 400,
    per_minute: Annotated[int, typer.Option(help="Letters that may leave in a minute.")] = 300,
    repeats: Annotated[int, typer.Option(help="Runs of each; medians are told.")] = 3,
    database: Database = "sqlite",
) -> None:
    """How fast money moves while letters are held back."""
    due = sum(map(mails.applies, range(amount)))
    took: dict[int, list[float]] = {0: [], per_minute: []}
    with open_stage(postgres=database == "postgresql") as stage:
        for limit in [0, per_minute] * repeats:
            account, url = stage.account(), stage.database(database, amount, ours=True)
            stage.deliver(account, mails.mails(amount))
            with working(stage, account, url, limit):
                begin = until(1, url, "allocation", 60)
                took[limit].append(until(due, url, "allocation", 300) - begin)
    rates = {limit: round(due / statistics.median(some), 1) for limit, some in took.items()}
    told = {"mails": amount, "database": database, "rates": rates}
    _tell(told | {"of_unthrottled": round(rates[per_minute] / rates[0], 2)})


@app.command()
def memory(
    amount: Annotated[int, typer.Option("--mails", help="Mails before the second look.")] = 20_000,
    database: Database = "sqlite",
) -> None:
    """Of the worker, in megabytes, after a tenth of the mails and after all."""
    parts = (range(amount // 10), range(amount // 10, amount))
    found = []
    with open_stage(postgres=database == "postgresql") as stage:
        account, url = stage.account(), stage.database(database, amount, ours=True)
        stage.deliver(account, [])
        with working(stage, account, url) as process:
            for some in parts:
                stage.deliver(account, map(mails.written, some))
                until(some.stop, url, "decision", 3600)
                time.sleep(10)
                found.append(resident(process))
    _tell({"mails": [some.stop for some in parts], "database": database, "megabytes": found})


def resident(process: int) -> dict[str, float]:
    """Return what a process holds now, and held at most, in megabytes."""
    words = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    names = {"now": "VmRSS", "most": "VmHWM"}
    return {told: round(int(words.split(f"{name}:")[1].split()[0]) / 1024, 1) for told, name in names.items()}


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(1000 * one for one in seconds)
    return {
        "count": len(ordered),
        "p50_ms": round(statistics.median(ordered), 1),
        "p99_ms": round(ordered[len(ordered) * 99 // 100], 1),
    }


def _tell(found: dict[str, object]) -> None:
    typer.echo(json.dumps(found | {"load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    app()
