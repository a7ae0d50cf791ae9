"""How values lie in every database alike: whole numbers, bytes, text; a moment and a day are ISO 8601 text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Dialect, Index, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator

# SQLite's own row key is its INTEGER, eight bytes wide; elsewhere that takes a BIGINT.
Whole = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment as UTC text of fixed width, so that the order of the texts is the order of the moments."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the base's form)
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A calendar date as ISO text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        return None if value is None else date.fromisoformat(value)


def moment_text(moment: datetime) -> str:
    """Return a moment as it is stored. Raises `ValueError` for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def text(name: str, **options: object) -> Column[str]:
    """Return a text column that always holds something, at least the empty text."""
    return Column(name, Text, nullable=False, **options)  # type: ignore[arg-type]


def maybe_text(name: str) -> Column[str | None]:
    """Return a text column that may hold nothing."""
    return Column(name, Text, nullable=True)


def number(name: str, **options: object) -> Column[int]:
    """Return a column of whole numbers; amounts are minor units."""
    return Column(name, Whole, nullable=False, **options)  # type: ignore[arg-type]


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the CHECK that a column holds one of a closed list."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def index_where(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the few rows that still ask for work, so that finding them stays as cheap for ever."""
    return Index(name, *columns, unique=unique, sqlite_where=sql(where), postgresql_where=sql(where))


def storable(words: str) -> str:
    """Return text from outside as every database can keep it: without NUL and without halves of characters."""
    return words.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
