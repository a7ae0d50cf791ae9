"""One trial: mails of strangers, each in front of a good one, through the mailbox, the whole worker and the outbox."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from imapclient.exceptions import IMAPClientError
from sqlalchemy import func, select

from processor.adapters.engine import open_engine, reading
from processor.adapters.imap_session import ImapSession
from processor.adapters.journal_tables import mail
from processor.adapters.limits import ReadingLimits, first_exceeded
from processor.adapters.mail_server import MailServer
from processor.adapters.tables import allocation
from processor.core.outcomes import Outcome
from tests.builders import policy
from tests.hostile.books import Good, vouched, write_books
from tests.scenarios.world import ROOT, World, environment

TOGETHER = 25  # strangers' mails in one turn of the worker
WARM_UP = 10  # good mails before the first stranger's, so that memory is measured on a worker at work
_LIMITS = ReadingLimits()
ESCAPED = ("attempt_failed", "broke", "outside_failed", "Traceback")


@dataclass
class Findings:
    """What a trial saw. `seconds` has every stranger's mail by name; memory is in bytes."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    parent: list[int] = field(default_factory=list)
    child: int = 0
    refused: list[str] = field(default_factory=list)  # by the test's mail server, or kept from it: stored as if fetched
    escaped: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)  # recipients that no good mail came from
    good: int = 0
    applied: int = 0
    moved: int = 0  # allocations, all in all
    holds: bool = False

    @property
    def growth(self) -> int:
        return max(self.parent) - self.parent[0]


def mails_under(folder: Path) -> dict[str, bytes]:
    """Read every file under a folder as one mail; the same bytes count once."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    unique = {hashlib.sha256(raw := path.read_bytes()).hexdigest(): (path, raw) for path in paths}
    return {str(path.relative_to(folder)): raw for path, raw in unique.values()}


def run(
    world: World, mails: Mapping[str, bytes], *, vouch: bool = False, tell: Callable[[int], object] = int
) -> Findings:
    """Run all mails. With `vouch` our own server has proved each author, and each author is a contact on file."""
    found = Findings()
    strangers = {name: vouched(raw, policy()) if vouch else (raw, "") for name, raw in mails.items()}
    goods = [Good(number) for number in range(1, WARM_UP + len(strangers) + 1)]
    books = write_books(world.folder / "books", goods, {address for _, address in strangers.values() if address})
    world.settle_in(books)
    world.config.write_text(world.config.read_text() + "[flood]\nletters_per_hour = 0\n")  # all is one flood here
    names, arrived = list(strangers), list[str]()
    with _worker(world) as turn:

        def take(mails: Sequence[tuple[str, bytes]]) -> None:
            taken = _put(world.server, mails)
            refused = [(name, raw) for name, raw in mails if name not in taken]
            found.refused += [name for name, _ in refused]
            arrived.extend([*(name for name, _ in refused), *taken])
            _note(found, turn([_written(world.folder / "refused", raw) for _, raw in refused]), arrived)

        take([(good.address, good.mail) for good in goods[:WARM_UP]])
        for start in range(0, len(names), TOGETHER):
            pairs = zip(names[start : start + TOGETHER], goods[WARM_UP + start :], strict=False)
            take([one for name, good in pairs for one in ((name, strangers[name][0]), (good.address, good.mail))])
            tell(min(start + TOGETHER, len(names)))
    _conclude(found, world, arrived, goods)
    return found


@contextmanager
def _worker(world: World) -> Iterator[Callable[[list[str]], dict[str, object]]]:
    """Start the worker; gives what lets it take a turn and returns what it told."""
    command = [sys.executable, "-m", "tests.hostile.work", str(world.config)]
    with (world.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdin is not None
    assert process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def turn(files: list[str]) -> dict[str, object]:
        asks.write(json.dumps(files) + "\n")
        asks.flush()
        told = answers.readline()
        assert told, (world.folder / "log").read_text(encoding="utf-8")[-2_000:]
        answer: dict[str, object] = json.loads(told)
        return answer

    try:
        yield turn
        asks.close()
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        answers.close()


def _put(server: MailServer, mails: Sequence[tuple[str, bytes]]) -> dict[str, bool]:
    """Append mails, whose line ends the server may mend; return the names of those that it takes."""
    taken = {}
    session = ImapSession(server)
    for name, raw in mails:
        if first_exceeded(raw, _LIMITS):  # the embedded server parses what it takes, without any limit
            continue
        try:
            session.client.append(session.naming.spell("INBOX"), raw)
            taken[name] = True
        except (IMAPClientError, OSError):  # it says no, or breaks over the mail and hangs up
            session.drop()
            session = ImapSession(server)
    session.leave()
    return taken


def _written(folder: Path, raw: bytes) -> str:
    folder.mkdir(exist_ok=True)
    file = folder / hashlib.sha256(raw).hexdigest()
    file.write_bytes(raw)
    return str(file)


def _note(found: Findings, told: dict[str, object], arrived: Sequence[str]) -> None:
    costs, parent, child, troubles = told["costs"], told["parent"], told["child"], told["troubles"]
    assert isinstance(costs, list)
    assert isinstance(parent, int)
    assert isinstance(child, int)
    assert isinstance(troubles, list)
    for cost in costs:
        name = arrived[cost["mail"] - 1]
        found.seconds[name] = max(found.seconds.get(name, 0.0), cost["seconds"])
    found.parent.append(parent)
    found.child = max(found.child, child)
    found.troubles += [str(trouble) for trouble in troubles]


def _conclude(found: Findings, world: World, arrived: Sequence[str], goods: Sequence[Good]) -> None:
    """Read what became of it all from the database, the log and the SMTP server."""
    addresses = {one.address for one in goods}
    engine = open_engine(f"sqlite:///{world.folder / 'processor.db'}")
    with reading(engine) as connection:
        decided = connection.execute(select(mail.c.outcome).order_by(mail.c.id)).scalars().all()
        moved = connection.scalar(select(func.count()).select_from(allocation))
    engine.dispose()
    for name, outcome in zip(arrived, decided, strict=True):
        if name in addresses:
            found.applied += outcome == Outcome.APPLIED
            del found.seconds[name]
        else:
            found.outcomes[str(outcome)] += 1
    found.good, found.moved = len(goods), moved or 0
    log = (world.folder / "log").read_text(encoding="utf-8").splitlines()
    found.escaped = [line for line in log if any(sign in line for sign in ESCAPED)]
    found.letters = [letter.recipients[0] for letter in world.sink.letters if letter.recipients[0] not in addresses]
    found.holds = world.succeed("ledger", "check").startswith("The ledger holds")
