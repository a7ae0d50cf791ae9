"""Inserting what may be there already, alike on every database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert the rows whose key is not taken; the others are left as they stand."""
    if rows:
        connection.execute(_statement(connection.dialect.name, table), rows)


def insert_new(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Insert a row and tell whether its key was free."""
    return connection.execute(_statement(connection.dialect.name, table), row).rowcount == 1


@cache
def _statement(dialect: str, table: Table) -> Insert:
    dialects = {"postgresql": postgresql, "sqlite": sqlite}
    statement: Insert = dialects[dialect].insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)
