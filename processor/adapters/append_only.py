"""Triggers that let a table only grow: what was written about money is neither changed nor taken out."""

from __future__ import annotations

from sqlalchemy import Connection, Table, event

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
END $$
"""


def protect(connection: Connection, table: str) -> None:
    """Create the triggers of one table; each refuses with an integrity error."""
    for statement in _statements(connection.dialect.name, table):
        connection.exec_driver_sql(statement)


def protect_when_created(table: Table) -> None:
    """Let a table get its triggers where it is created from its definition, without migrations."""
    event.listen(table, "after_create", lambda target, connection, **_: protect(connection, target.name))


def _statements(dialect: str, table: str) -> tuple[str, ...]:
    if dialect == "postgresql":
        call = "EXECUTE FUNCTION refuse_change()"
        return (
            _FUNCTION,
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
            f"CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
        )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return (
        f"CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} {refuse}",
    )
