"""How a database is filled fast: in one transaction, with its triggers and keys asleep, past the program."""

from __future__ import annotations

from sqlite3 import connect

import psycopg
from sqlalchemy import Engine, Table
from sqlalchemy.schema import CreateIndex

from tests.benchmarks.plenty import Size, tables


def fill(engine: Engine, size: Size) -> dict[str, int]:
    """Fill an empty database of today's schema; return how many rows each table got."""
    return (_fill_sqlite if engine.dialect.name == "sqlite" else _fill_postgresql)(engine, size)


def _fill_sqlite(engine: Engine, size: Size) -> dict[str, int]:
    counts = {}
    connection = connect(str(engine.url.database), isolation_level=None)
    for pragma in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for table, rows in tables(size):
        slow = [one for one in table.indexes if not one.unique]  # made anew at the end, which is faster
        for index in slow:
            connection.execute(f'DROP INDEX "{index.name}"')
        holes = ", ".join("?" * len(table.columns))
        statement = f'INSERT INTO "{table.name}" ({_columns(table)}) VALUES ({holes})'  # noqa: S608 our own names
        counts[table.name] = connection.executemany(statement, rows).rowcount
        for index in slow:
            connection.execute(str(CreateIndex(index).compile(engine)))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return counts


def _fill_postgresql(engine: Engine, size: Size) -> dict[str, int]:
    counts = {}
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, rows in tables(size):
            with cursor.copy(f'COPY "{table.name}" ({_columns(table)}) FROM STDIN') as copy:
                counts[table.name] = 0
                for row in rows:
                    copy.write_row(row)
                    counts[table.name] += 1
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # which the server does by itself, but later
    return counts


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)
