"""What a database leaves of erased words in its files: SQLite's free pages and log, PostgreSQL's dead rows."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

_WORDS = "mail, raw_message, letter, decision, basis, question, participant, contact, review_item, rehearsal, request"


def overwrite(connection: Connection) -> None:
    """Let SQLite write zeros where something was, in this connection from now on."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def sweep(engine: Engine) -> None:
    """Empty SQLite's log into its file; let PostgreSQL take dead rows away.

    What can't be swept now, because others read, goes later by itself.
    """
    statement = "PRAGMA wal_checkpoint(TRUNCATE)" if engine.dialect.name == "sqlite" else f"VACUUM {_WORDS}"
    connection = engine.raw_connection()
    try:
        if engine.dialect.name != "sqlite":
            connection.driver_connection.autocommit = True  # type: ignore[union-attr]  # psycopg's own
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
    except (DBAPIError, OSError) as error:
        logging.getLogger("processor").warning("leftovers could not be swept: %s", type(error).__name__)
    finally:
        connection.invalidate()
