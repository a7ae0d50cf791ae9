"""The only file that names concrete adapters: settings become working parts, each made when it is asked for."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from processor import events, resources
from processor.aside import on_a_thread
from processor.core.policy import Policy
from processor.deciders import Deciders, spare_processors
from processor.delivery import Delivery
from processor.heart import Heart
from processor.intake import Arrivals, Limits
from processor.policy_files import (
    caps_from,
    limits_from,
    minor_amounts,
    policy_from,
    reading_limits_from,
    seal_of,
    versions_of,
)
from processor.ports import Clock, PermanentError, Reader
from processor.rounds import Rounds
from processor.settings import Settings
from processor.settings_load import BadSettingsError, missing_for_work
from processor.wiring_servers import imap_server, smtp_server
from processor.worker import Worker

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from processor.adapters.books_sql import SqlBooks
    from processor.adapters.imap import ImapMailbox
    from processor.adapters.operations_mail import OperationsMail
    from processor.adapters.render import LetterRenderer
    from processor.adapters.smtp import SmtpMailer


class NoDatabaseError(PermanentError):
    """There is no database."""


class AnotherWorkerError(PermanentError):
    """Another worker is at work on this database."""


class SystemClock:
    """The machine's clock (port `Clock`)."""

    def now(self) -> datetime:
        """Return the current moment, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Work:
    """A worker on a real mailbox."""

    rounds: Rounds
    mailbox: ImapMailbox
    engine: Engine
    heart: Heart


@contextmanager
def open_work(settings: Settings) -> Iterator[Work]:
    """Put everything together that `run` needs. Raises `BadSettingsError`, `OutsideError`."""
    from processor.adapters.breaker_sql import WatchedOutbox
    from processor.adapters.journal_sql import SqlIntake
    from processor.adapters.pulse_sql import beat
    from processor.adapters.rehearsal_sql import SilentOutbox
    from processor.reconcile import reconcile

    if problems := missing_for_work(settings):
        raise BadSettingsError(*problems)
    clock = SystemClock()
    policy = policy_from(settings)
    renderer = renderer_for(settings, clock)
    if settings.letters.templates:  # the shipped ones are compiled by the tests; nine languages take a second or two
        renderer.check()
    with ExitStack() as stack:
        engine = stack.enter_context(open_database(settings))
        stack.enter_context(_alone(engine))
        mailbox = stack.enter_context(closing(mailbox_for(settings)))
        mailer = stack.enter_context(closing(mailer_for(settings)))
        reader = stack.enter_context(closing(reader_for(settings)))
        live = settings.safety.mode == "live"
        if not live:
            events.rehearsing(settings.safety.mode)
        intake, stopping = SqlIntake(engine, clock, rehearsing=not live), threading.Event()
        worker = Worker(reader, books_for(settings, engine, clock), renderer, policy)
        arrivals = Arrivals(mailbox, intake, settings.mailbox.inbox, settings.folders.model_dump(), _limits(settings))
        heart = Heart(clock, partial(beat, engine))
        outbox = WatchedOutbox(engine, settings.flood.letters_per_hour) if live else SilentOutbox(engine)
        at_once = 1 if settings.smtp.per_minute else settings.smtp.connections
        beside = [stack.enter_context(closing(mailer_for(settings))) for _ in range(at_once - 1)]
        hurried = not settings.smtp.per_minute
        delivery = Delivery(outbox, mailer, clock, stopping, heart, hurried, beside)
        compare = partial(reconcile, arrivals, engine, clock)
        told = settings.model_dump(exclude={"imap", "smtp", "oauth", "database", "console"})  # no password goes along
        deciders = stack.enter_context(
            closing(Deciders(policy, renderer, partial(_deciding, told), spare_processors()))
        )
        attempts = settings.intake.attempts
        rounds = Rounds(
            arrivals, intake, worker, delivery, attempts, stopping, heart, compare, beside=deciders, aside=on_a_thread
        )
        yield Work(rounds, mailbox, engine, heart)


@contextmanager
def open_worker(settings: Settings, ledger: Path | None) -> Iterator[Callable[[], Worker]]:
    """Give a maker of workers for stored mails: each on a fresh copy of the ledger's files, or all on the database."""
    from processor.adapters.books_sql import SqlBooks
    from processor.adapters.memory_ledger import LedgerCopy

    clock = SystemClock()
    policy = policy_from(settings)
    renderer = renderer_for(settings, clock)
    with ExitStack() as stack:
        reader = stack.enter_context(closing(reader_for(settings)))
        if ledger is not None:
            copy = stack.enter_context(closing(LedgerCopy(ledger, versions_of(settings))))
            yield lambda: Worker(reader, copy.fresh(), renderer, policy)
        else:
            engine = stack.enter_context(open_database(settings))
            yield lambda: Worker(reader, SqlBooks(engine, clock, versions_of(settings)), renderer, policy)


@contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """Open the database of the settings. Raises `SchemaError` where its schema is not today's, `OutsideError`."""
    from processor.adapters.engine import open_engine
    from processor.adapters.schema import check_schema

    engine = open_engine(settings.database.url)
    file = _sqlite_file(engine)
    if file is not None and not file.exists():  # else looking for it would make it
        raise NoDatabaseError(f"{file} is not there: run `processor database upgrade`")
    try:
        check_schema(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def alone_with_database(settings: Settings) -> Iterator[Engine]:
    """Give the database while no worker is at work on it, whatever its schema. Raises `AnotherWorkerError`."""
    from processor.adapters.engine import open_engine

    engine = open_engine(settings.database.url)
    try:
        with _alone(engine):
            yield engine
    finally:
        engine.dispose()


def upgrade_database(settings: Settings) -> str:
    """Bring the schema up to date; return its version."""
    from processor.adapters.engine import open_engine
    from processor.adapters.schema import schema_of, upgrade

    engine = open_engine(settings.database.url)
    try:
        upgrade(engine)
        if engine.dialect.name == "postgresql" and find_spec("procrastinate"):
            from processor.adapters.jobs import prepare

            prepare(engine)
        return schema_of(engine) or "none"
    finally:
        engine.dispose()


def books_for(settings: Settings, engine: Engine, clock: Clock) -> SqlBooks:
    """Return the books that a worker writes: really, within the limits, or in rehearsal. Raises `BadSettingsError`."""
    from processor.adapters.books_sql import SqlBooks
    from processor.adapters.guard_sql import Guard
    from processor.adapters.rehearsal_sql import RehearsalBooks

    mode, versions = settings.safety.mode, versions_of(settings)
    if mode == "live":
        return SqlBooks(engine, clock, versions, Guard(limits_from(settings)), caps_from(settings))
    return RehearsalBooks(engine, clock, mode, versions)


def four_eyes_from(settings: Settings) -> dict[str, int]:
    """Return above which sums, in minor units by currency, a person needs a second. Raises `BadSettingsError`."""
    problems: list[str] = []
    sums = minor_amounts("safety.four_eyes", settings.safety.four_eyes, problems)
    if problems:
        raise BadSettingsError(*problems)
    return sums


def mailbox_for(settings: Settings) -> ImapMailbox:
    """Return the mailbox; it connects when it is first asked something."""
    from processor.adapters.imap import ImapMailbox

    return ImapMailbox(imap_server(settings), name=settings.mailbox.address, inbox=settings.mailbox.inbox)


def mailer_for(settings: Settings) -> SmtpMailer:
    """Return the way out; it connects when there is a letter."""
    from processor.adapters.smtp import SmtpMailer

    smtp = settings.smtp
    return SmtpMailer(smtp_server(settings), letters_per_minute=smtp.per_minute, dot_seconds=smtp.timeout_seconds)


def try_smtp(settings: Settings) -> None:
    """Connect, encrypt, log in, and leave again. Raises `OutsideError`."""
    from processor.adapters.smtp_session import connect, leave

    leave(connect(smtp_server(settings)))


def reader_for(settings: Settings) -> Reader:
    """Return the reader; its child processes start with the first mail."""
    from processor.adapters.child import ChildReader

    reader = ChildReader(reading_limits_from(settings))
    if settings.mailbox.own_dkim == "off":
        return reader
    from processor.adapters.dns_keys import DnsKeys
    from processor.adapters.verifying_reader import VerifyingReader

    return VerifyingReader(reader, DnsKeys())


def renderer_for(settings: Settings, clock: Clock) -> LetterRenderer:
    """Return the writer of letters."""
    from processor.adapters.render import LetterRenderer

    mailbox = settings.mailbox
    return LetterRenderer(_templates(settings), mailbox.address, mailbox.display_name, seal_of(settings), clock)


def _deciding(told: dict[str, Any]) -> tuple[Policy, LetterRenderer]:
    """Make what decides, in a child that decides too."""
    settings = Settings(**told)
    return policy_from(settings), renderer_for(settings, SystemClock())


def operations_mail_for(settings: Settings) -> OperationsMail:
    """Return the writer of mails to operations."""
    from processor.adapters.operations_mail import OperationsMail

    mailbox = settings.mailbox
    return OperationsMail(_templates(settings), mailbox.address, mailbox.display_name, seal_of(settings))


def _templates(settings: Settings) -> Path:
    return Path(settings.letters.templates) if settings.letters.templates else resources.folder("templates")


def _limits(settings: Settings) -> Limits:
    intake = settings.intake
    return Limits(intake.batch, intake.batch_bytes, intake.max_bytes)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Keep a second worker off an SQLite database; the lock falls with the process that holds it."""
    file = _sqlite_file(engine)
    if file is None:
        yield
        return
    with file.with_name(f"{file.name}.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherWorkerError(file) from error
        yield


def _sqlite_file(engine: Engine) -> Path | None:
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None
