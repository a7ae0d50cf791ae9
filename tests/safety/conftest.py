"""The house of the review tests: a worker and a desk on one database."""

from tests.review.conftest import clock, database_url, engine, house, ledger_folder, postgresql, reader, sqlite_template

__all__ = ["clock", "database_url", "engine", "house", "ledger_folder", "postgresql", "reader", "sqlite_template"]
