"""A console with something in it: sample mails that came over thirty days, decided by the worker, and five people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine
from starlette.testclient import TestClient

from processor import wiring
from processor.adapters.account_tables import ROLES
from processor.adapters.accounts_sql import Person, add_account, begin_session
from processor.adapters.books_sql import SqlBooks
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.ledger_import import import_ledger
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.render import LetterRenderer
from processor.console.app import app_for
from processor.console.guard import COOKIE
from processor.console.room import Mails, Room
from processor.core.policy import Policy
from processor.demo.mails import LEDGER, sample_mails
from processor.follow_up import office_from
from processor.outgoing import EndedLetter, LetterState
from processor.policy_files import policy_from, versions_of
from processor.ports import FetchedMail, Reader
from processor.settings import DatabaseSettings, Settings
from processor.settings_console import ConsoleSettings
from processor.settings_safety import SafetySettings
from processor.worker import Worker

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"
HERE = "http://console.test"
CASES = Path(__file__).parents[1] / "mails" / "shared"


@dataclass
class ManualClock:
    """A clock that only moves when told."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


def settings_for(file: Path) -> Settings:
    return settings_at(f"sqlite:///{file}")


def settings_at(url: str) -> Settings:
    return Settings.model_construct(
        seal=SecretStr("a seal for one test"),
        database=DatabaseSettings(url=url),
        console=ConsoleSettings.model_construct(port=0),
        safety=SafetySettings(mode="live"),
    )


def build(file: Path, reader: Reader, *, history: bool) -> None:
    """Make a database: the demo's mails this morning; with `history` also the labelled mails, over thirty days."""
    build_at(settings_for(file), reader, history=history)


def build_at(settings: Settings, reader: Reader, *, history: bool) -> None:
    """Fill an empty database so."""
    clock = ManualClock(NOW - timedelta(days=29))
    wiring.upgrade_database(settings)
    with wiring.open_database(settings) as engine:
        for folder in (LEDGER, *((CASES / "ledger",) if history else ())):
            assert import_ledger(engine, folder, clock.now()).problems == ()
        for role in ROLES:
            add_account(engine, Person(role, f"Robin {role.title()}", role, PASSWORD), "tests", clock.now())
        worker = worker_for(settings, engine, reader, clock)
        if history:
            mails = [path.read_bytes() for path in sorted((CASES / "cases").glob("*/*.eml"))]
            for number, raw in enumerate(mails):
                clock.moment = NOW - timedelta(days=29 - 28 * number / len(mails))
                handle(engine, worker, clock, number + 1, raw)
        for number, raw in enumerate(sample_mails()):
            clock.moment = NOW - timedelta(hours=5 - number / 4)
            handle(engine, worker, clock, 1000 + number, raw)
        _let_letters_leave(engine)


def _let_letters_leave(engine: Engine) -> None:
    outbox = SqlOutbox(engine)
    for one in outbox.due(NOW, 1000):
        outbox.sending([one.id], NOW)
        outbox.data_begins(one.id)
        outbox.settle([EndedLetter(one.id, LetterState.SENT, NOW, "250 kept")])


def worker_for(settings: Settings, engine: Engine, reader: Reader, clock: ManualClock) -> Worker:
    books = SqlBooks(engine, clock, versions_of(settings))
    return Worker(reader, books, wiring.renderer_for(settings, clock), policy_from(settings))


def handle(engine: Engine, worker: Worker, clock: ManualClock, uid: int, raw: bytes) -> int:
    """Let one mail come in and be decided by the worker; return its number."""
    intake = SqlIntake(engine, clock)
    intake.store("allocations@billing.example", "INBOX", 1, [FetchedMail(uid, clock.now(), raw)])
    stored = intake.to_decide(10)[-1]
    worker.handle(stored)
    return stored.id


@dataclass(frozen=True)
class House:
    """A console for one test, and ways in."""

    room: Room
    clock: ManualClock
    reader: Reader

    def client(self, role: str = "") -> TestClient:
        """A browser without script, signed in with a role."""
        client = TestClient(app_for(self.room), base_url=HERE, follow_redirects=False)
        if role:
            token = begin_session(self.room.engine, role, self.clock.now())
            client.cookies.set(COOKIE, token, domain="console.test", path="/")
        return client

    def arrive(self, raw: bytes, uid: int = 5000) -> int:
        worker = worker_for(self.room.settings, self.room.engine, self.reader, self.clock)
        return handle(self.room.engine, worker, self.clock, uid, raw)


@cache
def kept_policy() -> Policy:
    """Read the rules and the words of every language once for all tests."""
    return policy_from(settings_for(Path("nowhere")))


@contextmanager
def open_house(source: Path, file: Path, reader: Reader, renderer: LetterRenderer | None = None) -> Iterator[House]:
    """Open a console on a copy of a database. A renderer that is kept has compiled its templates already."""
    shutil.copy(source, file)
    with house_at(settings_for(file), reader, renderer) as house:
        yield house


@contextmanager
def house_at(settings: Settings, reader: Reader, renderer: LetterRenderer | None = None) -> Iterator[House]:
    """Open a console on a database that is filled."""
    clock, policy = ManualClock(), kept_policy()
    with wiring.open_database(settings) as engine:
        room = Room(
            engine=engine,
            mails=Mails(reader),
            renderer=renderer or wiring.renderer_for(settings, clock),
            policy=policy,
            office=office_from(settings, policy.profile),
            settings=settings,
            versions=versions_of(settings),
            clock=clock,
        )
        yield House(room, clock, reader)


@contextmanager
def open_reader() -> Iterator[Reader]:
    with closing(wiring.reader_for(Settings.model_construct())) as reader:
        yield reader
