"""Mails to decide as Procrastinate's jobs, in the ledger's own database and in the transaction that stores the mail.

A job's lock names the sender's partners, so that one partner's mails are decided one after the other, in order of
arrival. A job may run twice: deciding a mail that has its decision changes nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import Connection, Engine, inspect, select, text

from processor.adapters.engine import transact
from processor.adapters.lease_sql import LEASES
from processor.adapters.ledger_cells import address_key
from processor.adapters.tables import contact
from processor.ports import PermanentError

DECIDE = "decide_mail"
BEAT_SECONDS = 3.0
DEAD_SECONDS = 15.0  # without a beat; then the jobs of a worker go to others
RESCUE = "*/5 * * * * *"  # cron with seconds
LOOK_SECONDS = 2.0

_QUEUED = text(
    "SELECT (args->>'mail_id')::bigint FROM procrastinate_jobs"
    " WHERE queue_name = :queue AND task_name = :task AND status IN ('todo', 'doing')"
)


class NoQueueError(PermanentError):
    """Cluster mode has no tables in this database."""


class Jobs:
    """The jobs of one mailbox; `decide` is called with a mail's number."""

    def __init__(self, engine: Engine, mailbox: str, decide: Callable[[int], object]) -> None:
        address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.queue = f"mails of {mailbox}"
        self._engine = engine
        self._deferring = App(connector=SyncPsycopgConnector(conninfo=address))
        self._working = App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=3))
        self._deferring.task(name=DECIDE, queue=self.queue)(_never)
        self._working.task(name=DECIDE, queue=self.queue)(decide)
        self._working.periodic(cron=RESCUE)(self._working.task(name="rescue", queue=self.queue)(self._rescue))

    def defer(self, connection: Connection, mails: Iterable[tuple[int, str]]) -> None:
        """Put mails into the queue, each with its lock, in the caller's transaction."""
        driver = connection.connection.driver_connection
        for mail_id, lock in mails:
            task = self._deferring.configure_task(DECIDE, queue=self.queue, lock=lock, connection=driver)
            task.defer(mail_id=mail_id)

    def queued(self, connection: Connection) -> set[int]:
        """Return the mails that are in the queue, or in hand."""
        return set(connection.scalars(_QUEUED, {"queue": self.queue, "task": DECIDE}))

    def work(self, stopping: threading.Event, grace_seconds: float) -> None:
        """Work until told to stop; the job in hand is finished first, for so long."""
        asyncio.run(self._work(stopping, grace_seconds))

    async def _work(self, stopping: threading.Event, grace_seconds: float) -> None:
        async with self._working.open_async():
            worker = asyncio.create_task(
                self._working.run_worker_async(
                    queues=[self.queue],
                    concurrency=1,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=LOOK_SECONDS,
                    update_heartbeat_interval=BEAT_SECONDS,
                    stalled_worker_timeout=DEAD_SECONDS,
                    shutdown_graceful_timeout=grace_seconds,
                    delete_jobs="always",
                )
            )
            while not worker.done() and not await asyncio.to_thread(stopping.wait, 0.5):
                pass
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker

    async def _rescue(self, timestamp: int) -> None:  # noqa: ARG002 the library passes it
        """Give the jobs of dead workers to others. It has no lock: a dead one would stop it for ever."""
        manager = self._working.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_SECONDS):
            with suppress(ConnectorException):  # another was quicker
                await manager.retry_job(job)


def lock_of(connection: Connection, address: str | None, mail_id: int) -> str:
    """Return one name for all partners that a sender serves, and that others serve together with it."""
    if address is None:
        return f"mail {mail_id}"
    served = select(contact.c.partner_id).where(contact.c.address_key == address_key(address))
    colleagues = select(contact.c.address_key).where(contact.c.partner_id.in_(served))
    first = select(contact.c.partner_id).where(contact.c.address_key.in_(colleagues)).order_by(contact.c.partner_id)
    partner_id = connection.scalar(first.limit(1))
    return f"address {address_key(address)}" if partner_id is None else f"partner {partner_id}"


def prepare(engine: Engine) -> None:
    """Make the tables of cluster mode where they are missing."""
    transact(engine, LEASES.create_all)
    if not inspect(engine).has_table("procrastinate_jobs"):
        schema = App(connector=SyncPsycopgConnector()).schema_manager.get_schema()
        with engine.begin() as connection:
            connection.exec_driver_sql(schema.replace("%", "%%"))


def check(engine: Engine) -> None:
    """Raise `NoQueueError` where the tables of cluster mode are missing."""
    if not inspect(engine).has_table("procrastinate_jobs") or not inspect(engine).has_table("lease"):
        raise NoQueueError("run `processor database upgrade`")


def _never(mail_id: int) -> None:
    """Stand for the task where it is only put into the queue."""
