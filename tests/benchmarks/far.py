"""Servers far away, and large mails: `python -m tests.benchmarks.far servers|attachments`.

* servers: ours beside the naive script, where every answer of the mail servers takes so many milliseconds;
* attachments: mails with a file of a megabyte that no rule needs, beside the same mails without.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from processor.adapters.mail_server import MailServer
from processor.servers.background import BackgroundServer
from tests.benchmarks import mails
from tests.benchmarks.stage import Stage, open_stage
from tests.scenarios.world import ROOT, environment

app = typer.Typer(add_completion=False)

Database = Annotated[str, typer.Option(help="sqlite or postgresql.")]
Repeats = Annotated[int, typer.Option(help="Runs of each, in turn; medians are told.")]


class Distant(BackgroundServer):
    """Passes everything on to a server on loopback, half a round trip late in either direction."""

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__()
        self._target = port
        self._late = seconds / 2

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._meet, self.host, self.port)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.host, self._target)
        await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while received := await reader.read(65_536):
                loop.call_later(self._late, writer.write, received)
        loop.call_later(self._late, writer.close)


def ours(stage: Stage, account: MailServer, url: str, connections: int) -> list[str]:
    config = stage.settings(account, url, smtp=f"connections = {connections}\n")
    return [sys.executable, "-m", "processor", "run", "--once", "--config", str(config)]


def naive(stage: Stage, account: MailServer, url: str, _: int) -> list[str]:
    assert account.login is not None
    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    place = [driver, str(account.port), account.login.user, account.login.password, str(stage.smtp_port)]
    return [sys.executable, "-m", "tests.benchmarks.naive", *place]


CONTESTANTS: dict[str, Callable[[Stage, MailServer, str, int], list[str]]] = {"naive": naive, "ours": ours}


@dataclass(frozen=True, slots=True)
class Place:
    """Where contestants work: at another port of the same mail server if one is named."""

    stage: Stage
    kind: str
    imap_port: int = 0
    connections: int = 1


def run(place: Place, contestant: str, raws: Iterable[bytes], items: int) -> float:
    """Run a contestant on some mails; return its seconds."""
    stage = place.stage
    account = stage.account()
    stage.deliver(account, raws)
    url = stage.database(place.kind, items, ours=contestant == "ours")
    reached = replace(account, port=place.imap_port or account.port)
    command = CONTESTANTS[contestant](stage, reached, url, place.connections)
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    took = time.perf_counter() - begin
    assert done.returncode == 0, done.stderr[-3000:]
    assert not stage.standing(account)
    return took


@app.command()
def servers(
    amount: Annotated[int, typer.Option("--mails", help="Mails in each run.")] = 100,
    round_trip: Annotated[float, typer.Option(help="Milliseconds.")] = 20.0,
    connections: Annotated[int, typer.Option(help="On which our letters leave at the same time.")] = 4,
    repeats: Repeats = 3,
    database: Database = "sqlite",
) -> None:
    """Ours beside the naive script, far from the mail servers; net of the start, which an empty mailbox measures."""
    took: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    with ExitStack() as stack:
        near = stack.enter_context(open_stage(postgres=database == "postgresql"))
        imap = stack.enter_context(Distant(near.dovecot.port, round_trip / 1000))
        far = replace(near, smtp_port=stack.enter_context(Distant(near.smtp_port, round_trip / 1000)).port)
        place = Place(far, database, imap.port, connections)
        begun = {name: run(place, name, [], amount) for name in CONTESTANTS}
        for name in [*CONTESTANTS] * repeats:
            took[name].append(run(place, name, mails.mails(amount), amount) - begun[name])
    middle = {name: statistics.median(some) for name, some in took.items()}
    _tell(
        {
            "mails": amount,
            "round_trip_ms": round_trip,
            "connections": connections,
            "database": database,
            "mails_a_second": {name: round(amount / one, 1) for name, one in middle.items()},
            "times_naive": round(middle["naive"] / middle["ours"], 2),
        }
    )


@app.command()
def attachments(
    amount: Annotated[int, typer.Option("--mails", help="Mails in each run.")] = 100,
    repeats: Repeats = 3,
    database: Database = "sqlite",
) -> None:
    """Mails with a picture of a megabyte, beside the same mails without it; net of the start."""
    raws = {"without": list(mails.mails(amount)), "with": list(map(with_picture, range(amount)))}
    took: dict[str, list[float]] = {name: [] for name in raws}
    with open_stage(postgres=database == "postgresql") as stage:
        place = Place(stage, database)
        begun = run(place, "ours", [], amount)
        for name in [*raws] * repeats:
            took[name].append(run(place, "ours", raws[name], amount) - begun)
    middle = {name: round(1000 * statistics.median(some) / amount, 1) for name, some in took.items()}
    times = round(middle["with"] / middle["without"], 2)
    _tell({"mails": amount, "database": database, "ms_a_mail": middle, "times": times})


def with_picture(number: int) -> bytes:
    """Return mail `number` with a picture of a megabyte behind it."""
    head, _, body = mails.written(number).partition(b"\r\nContent-Type:")
    picture = base64.encodebytes(random.Random(number).randbytes(1_000_000)).replace(b"\n", b"\r\n")  # noqa: S311
    top = b'\r\nContent-Type: multipart/mixed; boundary="=_picture"\r\n\r\n--=_picture\r\nContent-Type:'
    kind = b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
    name = b'Content-Disposition: attachment; filename="photo.jpg"\r\n\r\n'
    return head + top + body + b"\r\n--=_picture\r\n" + kind + name + picture + b"--=_picture--\r\n"


def _tell(found: dict[str, object]) -> None:
    typer.echo(json.dumps(found | {"load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    app()
