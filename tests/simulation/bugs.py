"""Bugs that others have made, planted one by one: a simulation that does not find them proves nothing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from sqlalchemy import Connection, Engine, update

from processor.adapters.arrival import Place
from processor.adapters.books_sql import SqlBooks
from processor.adapters.engine import transact
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import letter
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.posting import Cause, post
from processor.core.decision import Decision, Snapshot
from processor.core.message import Message
from processor.delivery import Delivery, Run
from processor.outgoing import EndedLetter, LetterState, Mailer, OutgoingLetter
from processor.ports import Clock, FetchedMail, RenderedLetter, StoredMail
from tests.simulation.outside import INBOX, PostOffice, SimulatedMailer
from tests.simulation.run import Plant
from tests.simulation.world import World


class _WatermarkFirst(SqlIntake):
    """The watermark rises before the bytes are safe."""

    def store(self, mailbox: str, folder: str, uidvalidity: int, mails: Sequence[FetchedMail]) -> int:
        place = Place(mailbox, folder, uidvalidity)

        def rise(connection: Connection) -> None:
            last = place._enter(connection)  # noqa: SLF001 a bug needs no manners
            place._set_watermark(connection, max([last, *(one.uid for one in mails)]))  # noqa: SLF001

        transact(self._engine, rise)
        return super().store(mailbox, folder, uidvalidity, mails)


class _Forgetful(Place):
    """The same bytes under another UIDVALIDITY are taken for another mail."""

    def _mails_from_elsewhere(self, connection: Connection, hashes: Sequence[str]) -> dict[str, deque[int]]:  # noqa: ARG002
        return defaultdict(deque)


class _UidIsIdentity(SqlIntake):
    def store(self, mailbox: str, folder: str, uidvalidity: int, mails: Sequence[FetchedMail]) -> int:
        place = _Forgetful(mailbox, folder, uidvalidity)
        return transact(self._engine, lambda connection: place.store(connection, mails, self._clock.now()))


class _RebuiltUnnoticed(SqlIntake):
    """UIDVALIDITY is never compared."""

    def __init__(self, engine: Engine, clock: Clock, office: PostOffice) -> None:
        super().__init__(engine, clock)
        self._office = office

    def watermark(self, mailbox: str, folder: str) -> tuple[int, int]:
        return self._office.folders[INBOX].uidvalidity, super().watermark(mailbox, folder)[1]


class _NeverCounted(SqlIntake):
    """Attempts are not counted, so that a mail which kills is tried for ever."""

    def begin_attempts(self, mail_ids: Sequence[int]) -> tuple[int, ...]:
        return (1,) * len(mail_ids)


class _MoneyFirst(SqlBooks):
    """Money moves in a transaction of its own."""

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def commit(
        self,
        mail: StoredMail,
        message: Message,
        snapshot: Snapshot,
        decision: Decision,
        letter: RenderedLetter | None,
        reference: str,
    ) -> None:
        cause = Cause(reference, mail.sha256, "processor", self._clock.now())
        transact(self._engine, lambda connection: post(connection, decision.applications, cause))
        super().commit(mail, message, snapshot, replace(decision, applications=()), letter, reference)


class _SentAgainBlindly(SqlOutbox):
    """After a crash every letter that was in hand goes out again."""

    def recover(self) -> int:
        again = update(letter).where(letter.c.state == LetterState.SENDING).values(state=LetterState.QUEUED)
        return transact(self._engine, lambda connection: connection.execute(again).rowcount)


class _NotedTooSoon(Delivery):
    """A letter counts as sent before the server has it."""

    def _send(self, mailer: Mailer, letter: OutgoingLetter, run: Run) -> LetterState:  # noqa: ARG002
        self.outbox.settle([EndedLetter(letter.id, LetterState.SENT, self.clock.now())])
        return mailer.send(letter, lambda: None)[0]


class _UncertainIsRefused(SimulatedMailer):
    """Silence after DATA is taken for a refusal, and the letter is sent again."""

    def send(self, letter: OutgoingLetter, before_data: Callable[[], None]) -> tuple[LetterState, str]:
        state, words = super().send(letter, before_data)
        return LetterState.DEFERRED if state is LetterState.UNCERTAIN else state, words


def _intake(kind: type[SqlIntake]) -> Plant:
    def plant(world: World) -> None:
        world.intake = kind(world.engine, world.clock)

    return plant


def _rebuilt_unnoticed(world: World) -> None:
    world.intake = _RebuiltUnnoticed(world.engine, world.clock, world.office)


def _money_first(world: World) -> None:
    world.books = _MoneyFirst(world.engine, world.clock)


def _sent_again_blindly(world: World) -> None:
    world.outbox = _SentAgainBlindly(world.engine)


def _noted_too_soon(world: World) -> None:
    world.delivery = _NotedTooSoon


def _uncertain_is_refused(world: World) -> None:
    world.mailer = _UncertainIsRefused(world.chance)


# Each bug, and the promises of which at least one must be seen broken.
BUGS: dict[str, tuple[Plant, tuple[str, ...]]] = {
    "watermark before the bytes": (_intake(_WatermarkFirst), ("P1", "P8")),
    "a new UIDVALIDITY makes new mails": (_intake(_UidIsIdentity), ("P2",)),
    "UIDVALIDITY never compared": (_rebuilt_unnoticed, ("P1", "P8")),
    "attempts never counted": (_intake(_NeverCounted), ("P8",)),
    "money in its own transaction": (_money_first, ("P1", "P2", "P6", "P12")),
    "letters sent again blindly": (_sent_again_blindly, ("P4",)),
    "letters noted as sent too soon": (_noted_too_soon, ("P4",)),
    "uncertain taken for refused": (_uncertain_is_refused, ("P4",)),
}
