"""What somebody can do who owns the database: triggers, keys and checks are switched off, any row is rewritten."""

from sqlalchemy import Connection, Engine, Executable, FromClause, TableClause, column, create_engine, table, text

from processor.adapters.journal_tables import audit_entry
from processor.adapters.tables import allocation, contact, invoice, partner, payment


def bare(known: FromClause) -> TableClause:
    """The same table without our types, so that it takes any text for a date."""
    return table(str(known.description), *(column(one.name) for one in known.c))


AUDIT, ALLOCATION, CONTACT, INVOICE, PARTNER, PAYMENT = map(
    bare, (audit_entry, allocation, contact, invoice, partner, payment)
)


def rewrite(engine: Engine, *statements: Executable) -> None:
    """Run statements behind the program's back."""
    intruder = create_engine(engine.url)
    with intruder.connect() as connection:
        _disarm(connection)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    intruder.dispose()


def _disarm(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")  # no triggers, and no keys, which are such
        checks = text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid > 0"
        )
        for guarded, name in connection.execute(checks).all():
            connection.exec_driver_sql(f"ALTER TABLE {guarded} DROP CONSTRAINT {name}")
        return
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
