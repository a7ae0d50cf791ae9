"""The schema: the same by migration and by definition, up and down, and closed to what must never be stored."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from processor.adapters.engine import open_engine, reading
from processor.adapters.schema import METADATA, SchemaError, check_schema, create, downgrade, schema_of, upgrade
from processor.adapters.tables import SCHEMA, allocation, invoice
from tests.adapters.samples import NOON, ManualClock, application, applied, arrive, decide, fill


def test_migrations_make_what_the_tables_define(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_ledger_in_memory_has_the_very_tables_and_triggers_of_the_migrations(sqlite_template: Path) -> None:
    query = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql IS NOT NULL")
    in_memory, migrated = create_engine("sqlite://"), create_engine(f"sqlite:///{sqlite_template}")
    with in_memory.begin() as connection:
        create(connection)
        defined = {name: sorted(sql.split(", ")) for name, sql in connection.execute(query).all()}
    with migrated.begin() as connection:
        built = {name: sorted(sql.split(", ")) for name, sql in connection.execute(query).all()}

    assert built == defined


def test_the_schema_that_the_code_names_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "processor.adapters:migrations")

    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_filled_ledger_goes_down_and_up_again(engine: Engine, ledger_folder: Path) -> None:
    fill(engine, ledger_folder)

    downgrade(engine, "0001")
    upgrade(engine)

    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(invoice)) == 4
    downgrade(engine, "base")
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(invoice)) == 0


def test_an_empty_database_is_refused_with_the_remedy(tmp_path: Path) -> None:
    empty = open_engine(f"sqlite:///{tmp_path / 'new.db'}")

    with pytest.raises(SchemaError, match="empty: run `processor database upgrade`"):
        check_schema(empty)


@pytest.mark.parametrize(("version", "remedy"), [("0001", "run `processor"), ("9999", "newer"), ("abc", "newer")])
def test_another_schema_is_refused(engine: Engine, version: str, remedy: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})

    with pytest.raises(SchemaError, match=remedy):
        check_schema(engine)


def test_an_unknown_schema_is_not_upgraded(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaError, match="newer"):
        upgrade(engine)


def test_todays_schema_is_let_in(engine: Engine) -> None:
    check_schema(engine)

    assert schema_of(engine) == SCHEMA


@pytest.fixture
def with_allocation(engine: Engine, clock: ManualClock, ledger_folder: Path) -> Engine:
    """A ledger in which something was applied, so that there is a row to change."""
    fill(engine, ledger_folder)
    decide(engine, clock, arrive(engine, clock), applied(application()))
    return engine


@pytest.mark.parametrize("table", ["allocation", "audit_entry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'me'", "DELETE FROM {}"])
def test_what_was_written_is_neither_changed_nor_taken_out(with_allocation: Engine, table: str, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), with_allocation.begin() as connection:
        connection.execute(text(statement.format(table)))


@pytest.mark.parametrize("table", ["allocation", "audit_entry"])
def test_a_table_that_only_grows_is_not_emptied_at_once(with_allocation: Engine, table: str) -> None:
    on_sqlite = with_allocation.dialect.name == "sqlite"
    wholesale = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}" if on_sqlite else "TRUNCATE {0}"

    with pytest.raises(IntegrityError, match="append-only"), with_allocation.begin() as connection:
        connection.execute(text(wholesale.format(table)))


@pytest.mark.parametrize(
    "changed",
    [
        {"invoice_number": "J000000001"},  # another partner's
        {"payment_number": "1400000009"},  # another partner's
        {"partner_id": "4000002"},
        {"currency": "USD"},
        {"amount": 0},
        {"amount": -5},  # only a reversal is below nothing
        {"reverses": "AL-AAA-1"},  # and a reversal is never above
        {"allocation_id": "AL-AAA-1"},
        {"amount": 100_000},  # the same from the same request
    ],
)
def test_an_allocation_that_must_not_be_cannot_be_stored(with_allocation: Engine, changed: dict[str, object]) -> None:
    good = {
        "partner_id": "4000001",
        "allocation_id": "AL-X-1",
        "payment_number": "1400000001",
        "invoice_number": "G000000001",
        "currency": "EUR",
        "amount": 1,
        "allocated_at": NOON,
        "request": "AR-AAA",
        "actor": "processor",
        "identity": "AR-AAA",
    }
    with with_allocation.begin() as connection:
        connection.execute(allocation.insert(), good | {"allocation_id": "AL-X-0", "identity": "AR-BBB"})

    with pytest.raises(IntegrityError), with_allocation.begin() as connection:
        connection.execute(allocation.insert(), good | changed)


@pytest.mark.parametrize("statement", ["UPDATE invoice SET open_amount = {}", "UPDATE payment SET unallocated = {}"])
@pytest.mark.parametrize("balance", [-1, 10**9])
def test_no_balance_leaves_its_bounds(with_allocation: Engine, statement: str, balance: int) -> None:
    with pytest.raises(IntegrityError), with_allocation.begin() as connection:
        connection.execute(text(statement.format(balance)))


def test_an_amount_is_a_whole_number(with_allocation: Engine) -> None:
    if with_allocation.dialect.name == "postgresql":
        pytest.skip("PostgreSQL rounds what it is given; nothing but whole numbers is ever given")

    with pytest.raises(DatabaseError, match="REAL value in INTEGER column"), with_allocation.begin() as connection:
        connection.execute(text("UPDATE payment SET unallocated = 0.5"))
