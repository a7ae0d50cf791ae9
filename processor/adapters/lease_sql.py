"""Who works a mailbox, where several machines could: a lease that ends by itself, with a number that only grows.

The clock is the database's. What only the holder may write asks for the number in its own transaction (`check`), so
that one who was away for too long, and doesn't know it, writes nothing.
"""

from __future__ import annotations

import time

from sqlalchemy import BigInteger, Connection, Engine, MetaData, Table, case, cast, extract, func, select, update

from processor.adapters.columns import number, text
from processor.adapters.engine import transact
from processor.adapters.insertion import insert_missing
from processor.ports import TransientError

SECONDS = 20  # a lease lasts so long without being renewed

LEASES = MetaData()
lease = Table("lease", LEASES, text("name", primary_key=True), text("holder"), number("fence"), number("ends"))

_NOW = cast(extract("epoch", func.clock_timestamp()), BigInteger)


class LeaseLostError(TransientError):
    """Another process works this mailbox now."""


class Lease:
    """One process's claim to `name`; `holder` tells it from every other process."""

    def __init__(self, engine: Engine, name: str, holder: str, seconds: int = SECONDS) -> None:
        self._engine = engine
        self._name = name
        self._holder = holder
        self._seconds = seconds
        self._fence = 0
        self._sure_until = 0.0

    @property
    def held(self) -> bool:
        """Whether it was certainly held a moment ago; only `check` knows for a transaction."""
        return time.monotonic() < self._sure_until

    def renew(self) -> bool:
        """Take the lease where it is free, or go on holding it. Raises `DatabaseUnavailableError`."""
        begin = time.monotonic()
        fence = transact(self._engine, self._claim)
        self._fence = fence or 0
        self._sure_until = begin + self._seconds / 2 if fence else 0.0
        return self.held

    def check(self, connection: Connection) -> None:
        """Hold the lease until the end of the transaction. Raises `LeaseLostError` where another has taken it."""
        mine = (lease.c.name == self._name) & (lease.c.holder == self._holder) & (lease.c.fence == self._fence)
        if connection.scalar(select(lease.c.fence).where(mine).with_for_update(read=True)) is None:
            self._sure_until = 0.0
            raise LeaseLostError(self._name)

    def leave(self) -> None:
        """Let another take it at once."""
        self._sure_until = 0.0
        mine = update(lease).where(lease.c.name == self._name, lease.c.holder == self._holder)
        transact(self._engine, lambda connection: connection.execute(mine.values(ends=0)))

    def _claim(self, connection: Connection) -> int | None:
        insert_missing(connection, lease, [{"name": self._name, "holder": "", "fence": 0, "ends": 0}])
        mine = lease.c.holder == self._holder
        claim = (
            update(lease)
            .where(lease.c.name == self._name, mine | (lease.c.ends < _NOW))
            .values(
                holder=self._holder,
                fence=case((mine, lease.c.fence), else_=lease.c.fence + 1),
                ends=_NOW + self._seconds,
            )
            .returning(lease.c.fence)
        )
        row = connection.execute(claim).one_or_none()
        return None if row is None else int(row[0])
