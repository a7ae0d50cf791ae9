"""Cluster mode's concrete adapters: fenced intake and outbox, the queue, the lease."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection, Engine, func, select

from processor import events
from processor.adapters import jobs
from processor.adapters.arrival import Place
from processor.adapters.engine import reading, transact
from processor.adapters.jobs import Jobs, lock_of
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import mail, raw_message
from processor.adapters.lease_sql import Lease
from processor.adapters.mime import headers_only
from processor.adapters.outbox_sql import SqlOutbox
from processor.cluster import ClusterRounds
from processor.core.identity import identify
from processor.core.policy import Policy
from processor.ports import Clock, FetchedMail, Phase
from processor.rounds import Rounds
from processor.settings import Settings
from processor.settings_load import BadSettingsError
from processor.wiring import Work, open_work

REFILLED_AT_ONCE = 500


class QueueingIntake(SqlIntake):
    """An intake whose mails are in the queue as soon as they are stored; only the lease's holder stores."""

    def __init__(self, engine: Engine, clock: Clock, lease: Lease, policy: Policy) -> None:
        super().__init__(engine, clock)
        self._lease = lease
        self._policy = policy
        self.jobs: Jobs | None = None

    def store(self, mailbox: str, folder: str, uidvalidity: int, mails: Sequence[FetchedMail]) -> int:
        """Raises also `LeaseLostError`."""

        def work(connection: Connection) -> int:
            self._lease.check(connection)
            before = connection.scalar(select(func.max(mail.c.id))) or 0
            new = Place(mailbox, folder, uidvalidity).store(connection, mails, self._clock.now())
            self._enqueue(connection, mailbox, before)
            return new

        return transact(self._engine, work)

    def refill(self, mailbox: str) -> None:
        """Put into the queue what waits for a decision and has no job: held, interrupted, or older than the queue."""
        with reading(self._engine) as connection:
            waits = select(mail.c.id).where(mail.c.mailbox == mailbox, mail.c.phase == Phase.STORED)
            waiting = set(connection.scalars(waits))
            some = sorted(waiting - (self.jobs.queued(connection) if self.jobs else set()))[:REFILLED_AT_ONCE]
        for mail_id in some:
            transact(self._engine, partial(self._enqueue, mailbox=mailbox, after=mail_id - 1, last=mail_id))

    def _enqueue(self, connection: Connection, mailbox: str, after: int, last: int | None = None) -> None:
        rows = (
            select(mail.c.id, raw_message.c.raw)
            .join(raw_message, mail.c.sha256 == raw_message.c.sha256)
            .where(mail.c.mailbox == mailbox, mail.c.phase == Phase.STORED, mail.c.id > after)
            .order_by(mail.c.id)
        )
        rows = rows if last is None else rows.where(mail.c.id <= last)
        found = [(mail_id, self._lock(connection, mail_id, raw)) for mail_id, raw in connection.execute(rows)]
        if self.jobs is not None:
            self.jobs.defer(connection, found)

    def _lock(self, connection: Connection, mail_id: int, raw: bytes) -> str:
        """Name the partners by the header fields alone: nothing else of the mail is read here."""
        address = identify(headers_only(raw, ""), self._policy).address
        return lock_of(connection, address, mail_id)


@dataclass(frozen=True, slots=True)
class ClusterWork:
    """A worker in a cluster."""

    work: Work
    rounds: ClusterRounds
    jobs: Jobs
    lease: Lease


@contextmanager
def open_cluster(settings: Settings) -> Iterator[ClusterWork]:
    """Put together what `run --cluster` needs. Raises `BadSettingsError`, `OutsideError`."""
    if not settings.database.url.startswith("postgresql"):
        raise BadSettingsError("database.url: several processes need PostgreSQL")
    if settings.safety.mode != "live":
        raise BadSettingsError("safety.mode: only `live` works in a cluster; rehearse with one process")
    with open_work(settings) as work:
        jobs.check(work.engine)
        holder = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex}"
        lease = Lease(work.engine, f"mailbox {work.mailbox.name}", holder)
        rounds = work.rounds
        intake = QueueingIntake(work.engine, rounds.delivery.clock, lease, rounds.worker.policy)
        mine = _fenced(rounds, work.engine, intake, lease)
        intake.jobs = Jobs(work.engine, work.mailbox.name, mine.decide_one)
        try:
            yield ClusterWork(replace(work, rounds=mine), mine, intake.jobs, lease)
        finally:
            lease.leave()


def _fenced(rounds: Rounds, engine: Engine, intake: QueueingIntake, lease: Lease) -> ClusterRounds:
    arrivals = replace(rounds.arrivals, intake=intake)
    return ClusterRounds(
        arrivals=arrivals,
        intake=intake,
        worker=rounds.worker,
        delivery=replace(rounds.delivery, outbox=SqlOutbox(engine, lease.check)),
        attempts=rounds.attempts,
        stopping=rounds.stopping,
        heart=rounds.heart,
        reconcile=rounds.reconcile,
        claim=lease,
        refill=lambda: intake.refill(arrivals.mailbox.name),
    )


@contextmanager
def working(cluster: ClusterWork, grace_seconds: float) -> Iterator[None]:
    """Let this process decide mails of the queue beside whatever it does."""
    thread = threading.Thread(target=_work, args=(cluster, grace_seconds), name="jobs", daemon=True)
    thread.start()
    yield
    thread.join(grace_seconds)


def _work(cluster: ClusterWork, grace_seconds: float) -> None:
    stopping = cluster.rounds.stopping
    while not stopping.is_set():
        try:
            cluster.jobs.work(stopping, grace_seconds)
        except Exception as error:  # noqa: BLE001 the database comes back, and with it the queue
            events.broke("jobs", error)
            stopping.wait(5)
