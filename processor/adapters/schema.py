"""The schema's age: brought up to date on demand, and never worked on when it is another than this program knows."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, select, table
from sqlalchemy import column as named

from processor.adapters import account_tables, journal_tables, operations_tables, privacy_tables, safety_tables
from processor.adapters.engine import reading, transact
from processor.adapters.tables import SCHEMA
from processor.ports import PermanentError

TABLES = (account_tables, journal_tables, operations_tables, privacy_tables, safety_tables)  # beside the ledger's
METADATA = journal_tables.mail.metadata  # of every table

_VERSION = table("alembic_version", named("version_num"))


class SchemaError(PermanentError):
    """The database's schema is not the one that this program works with."""


def schema_of(engine: Engine) -> str | None:
    """Return the schema's version, or None for an empty database. Raises `DatabaseUnavailableError`."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()


def check_schema(engine: Engine) -> None:
    """Refuse a database of another schema. Raises `SchemaError` with what to do about it."""
    found = schema_of(engine)
    if found == SCHEMA:
        return
    if found is None:
        raise SchemaError("the database is empty: run `processor database upgrade`")
    older = found.isdecimal() and found < SCHEMA
    remedy = "run `processor database upgrade`" if older else "it was written by a newer version of this program"
    raise SchemaError(f"the database has schema {found}, this program works with {SCHEMA}: {remedy}")


def upgrade(engine: Engine, version: str = "head") -> None:
    """Bring the schema up to date, or to a version, in one transaction. Raises `SchemaError` for an unknown one."""
    found = schema_of(engine)
    if found is not None and found > SCHEMA:
        check_schema(engine)
    transact(engine, lambda connection: _migrate(connection, "upgrade", version))


def downgrade(engine: Engine, version: str) -> None:
    """Take the schema back to a version; `base` is the empty database."""
    transact(engine, lambda connection: _migrate(connection, "downgrade", version))


def create(connection: Connection) -> None:
    """Create today's schema at once, without its history: for a ledger that lives in memory."""
    METADATA.create_all(connection)


def _migrate(connection: Connection, direction: str, version: str) -> None:
    from alembic import command  # half a second to import: only here
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "processor.adapters:migrations")
    config.attributes["connection"] = connection
    getattr(command, direction)(config, version)
