"""Every page of the console on a database that is filled, with what each costs in milliseconds and statements."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, delete, event
from starlette.testclient import TestClient

from processor import wiring
from processor.adapters.account_tables import account, session
from processor.adapters.accounts_sql import begin_session
from processor.adapters.engine import transact
from processor.console.app import app_for
from processor.console.guard import COOKIE
from processor.console.room import Mails, Room
from processor.follow_up import office_from
from processor.policy_files import policy_from, versions_of
from processor.settings import Settings
from processor.settings_console import ConsoleSettings
from processor.settings_safety import SafetySettings
from tests.adapters.samples import ManualClock
from tests.benchmarks.plenty import NOW, Size, reference

HERE = "http://console.test"
ROLES = ("operator", "administrator")
Address = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page costs: milliseconds in the median, bytes and statements of the largest visit."""

    page: str
    median: float
    longest: float
    size: int
    statements: int


def visits(size: Size) -> dict[str, tuple[str, Address]]:
    """Name each page with the role that sees it and an address for each visit; the first partner is the largest."""
    held = _held(size)
    every: dict[str, tuple[str, Address]] = {
        "today": ("operator", lambda _: "/"),
        "queue": ("operator", lambda _: "/queue"),
        "queue, by reason": ("operator", lambda _: "/queue?kind=promise_in_danger"),
        "queue, by language": ("operator", lambda _: "/queue?language=de&age=1"),
        "queue, search": ("operator", lambda n: f"/queue?q={size.requests - 1 - n}"),
        "queue, what is done": ("operator", lambda _: "/queue?state=done"),
        "queue, search what is done": ("operator", lambda _: "/queue?state=done&q=nowhere"),
        "request": ("operator", lambda n: f"/request/{reference(size.requests // 2 + n)}"),
        "request, to decide": ("operator", lambda n: f"/request/{reference(held[n])}"),
        "request, of the largest partner": ("operator", lambda n: f"/request/{reference(n * 100 % size.requests)}"),
        "partner": ("operator", lambda n: f"/partner/{4_000_001 + n}"),
        "partner, the largest": ("operator", lambda _: "/partner/4000000"),
        "statement": ("operator", lambda n: f"/partner/{4_000_001 + n}/statement.csv"),
        "statement, of the largest partner": ("operator", lambda _: "/partner/4000000/statement.csv"),
        "search, a number": ("operator", lambda n: f"/find?q=15{n:06d}"),
        "search, a name": ("operator", lambda _: "/find?q=harbour"),
        "search, a subject": ("operator", lambda n: f"/find?q=Fjord+{n}"),
        "search, nothing": ("operator", lambda n: f"/find?q=nowhere{n}"),
        "reports": ("operator", lambda _: "/reports"),
        "reports, 7 days": ("operator", lambda _: "/reports?days=7"),
        "letters": ("operator", lambda _: "/letters?kind=question"),
        "health": ("operator", lambda _: "/health"),
        "audit": ("administrator", lambda _: "/audit"),
        "audit, filtered": ("administrator", lambda _: "/audit?event=decided&actor=processor&since=2026-10-01"),
        "audit, a partner": ("administrator", lambda n: f"/audit?chain=partner:{4_000_001 + n}"),
        "audit, search": ("administrator", lambda n: f"/audit?q={reference(n)}"),
        "settings": ("administrator", lambda _: "/settings"),
        "accounts": ("administrator", lambda _: "/accounts"),
    }
    return every


def measure(engine: Engine, size: Size, rounds: int, names: Sequence[str] = ()) -> Iterator[Cost]:
    """Visit every page so often, each time another of its kind where there are others; the first time isn't counted."""
    with opened(engine) as clients:
        for name, (role, address) in visits(size).items():
            if not names or any(one in name for one in names):
                yield _cost(engine, name, [(clients[role], address(n)) for n in range(rounds + 1)])


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*args: object) -> None:
        if not str(args[2]).startswith("BEGIN"):
            sent.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@contextmanager
def opened(engine: Engine) -> Iterator[dict[str, TestClient]]:
    """Give a visitor of each role."""
    settings = Settings.model_construct(
        seal=SecretStr("a seal for one test"),
        console=ConsoleSettings.model_construct(port=0),
        safety=SafetySettings(mode="live"),
    )
    clock, policy = ManualClock(NOW), policy_from(settings)
    transact(engine, _add_accounts)
    with closing(wiring.reader_for(settings)) as reader:
        room = Room(
            engine=engine,
            mails=Mails(reader),
            renderer=wiring.renderer_for(settings, clock),
            policy=policy,
            office=office_from(settings, policy.profile),
            settings=settings,
            versions=versions_of(settings),
            clock=clock,
        )
        yield {role: _client(room, role) for role in ROLES}


def _add_accounts(connection: Connection) -> None:
    for table in (session, account):
        connection.execute(delete(table))
    for role in ROLES:
        row = {"login": role, "name": role, "role": role, "password": "", "open": 1, "failures": 0}
        connection.execute(account.insert(), row | {"created_at": NOW})


def _client(room: Room, role: str) -> TestClient:
    client = TestClient(app_for(room), base_url=HERE, follow_redirects=False)
    client.cookies.set(COOKIE, begin_session(room.engine, role, NOW), domain="console.test", path="/")
    return client


def _cost(engine: Engine, name: str, those: Sequence[tuple[TestClient, str]]) -> Cost:
    times, sizes, statements = [], [], []
    for client, address in those:
        with counted(engine) as sent:
            start = time.perf_counter()
            answer = client.get(address)
            times.append(1000 * (time.perf_counter() - start))
        assert answer.status_code == 200, (address, answer.status_code, answer.text[:200])
        sizes.append(len(answer.content))
        statements.append(len(sent))
    return Cost(name, statistics.median(times[1:]), max(times[1:]), max(sizes), max(statements))


def _held(size: Size) -> list[int]:
    """Return requests that wait for a person, not of the largest partner."""
    return [n for n in range(size.requests - 1, 0, -1) if n % 5 == 4][:100]
