"""One seed, one installation: what happens is drawn from the seed alone, so that a failing seed replays exactly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from processor.adapters.books_sql import SqlBooks
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.operations_mail import OperationsMail
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.render import LetterRenderer
from processor.adapters.reversal import NotReversibleError, reverse
from processor.core.office import Office
from processor.daily import Daily
from processor.delivery import Delivery
from processor.failpoints import Failpoint, armed
from processor.follow_up import FollowUp
from processor.intake import Arrivals, Limits
from processor.rounds import Rounds
from processor.settings import FolderSettings
from processor.worker import Worker
from tests.builders import policy
from tests.letters.specimens import SECRET, TEMPLATES
from tests.simulation.checker import OPERATIONS, Seen
from tests.simulation.mails import MAILBOX, Kind, Written, write
from tests.simulation.mails import field as header
from tests.simulation.outside import (
    INBOX,
    Crash,
    PostOffice,
    RememberingReader,
    SimulatedClock,
    SimulatedMailbox,
    SimulatedMailer,
    Weather,
)

ATTEMPTS = 3
QUIET = 40  # turns in fair weather within which all work must end
POLICY = policy(secret=SECRET.decode())
READER = RememberingReader()
CLOCK = SimulatedClock()  # every simulation's, set back at its start, so that the templates are compiled once
RENDERER = LetterRenderer(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET, CLOCK)
TELLER = OperationsMail(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET)


@dataclass
class World:
    """Everything that outlives a crash, and the parts that a start makes anew."""

    chance: Random
    engine: Engine
    clock: SimulatedClock
    trace: list[str] = field(default_factory=list)
    points: set[Failpoint] = field(default_factory=set)
    seen: Seen = field(default_factory=lambda: Seen(attempts=ATTEMPTS))
    serial: int = 0
    fuse: int = 0  # failpoints until the crash; 0 for none

    def __post_init__(self) -> None:
        self.office = PostOffice(self.clock)
        self.weather = Weather(self.chance)
        self.mailer = SimulatedMailer(self.chance)
        self.mailbox = SimulatedMailbox(self.office, self.weather)
        self.intake: SqlIntake = SqlIntake(self.engine, self.clock)
        self.books: SqlBooks = SqlBooks(self.engine, self.clock, {"program": "simulated"})
        self.outbox: SqlOutbox = SqlOutbox(self.engine)
        self.arrivals: Callable[..., Arrivals] = Arrivals
        self.delivery: Callable[..., Delivery] = Delivery

    # --- the program ----------------------------------------------------------------------------------------------

    def live(self, *, crash: bool) -> None:
        """Run the program once, to its end or to its crash."""
        rounds, follow_up = self._start()
        self._run(lambda: rounds.drain(follow_up.turn), crash=crash)

    def _run(self, act: Callable[[], list[str]], *, crash: bool) -> None:
        self.fuse = self.chance.choice((self.chance.randint(1, 8), self.chance.randint(1, 60))) if crash else 0
        try:
            with armed(self._reached):
                troubles = act()
        except Crash:
            self.seen.crashes += 1
            self.note("crash")
        else:
            self.note(f"ran with {len(troubles)} troubles")

    def _reached(self, point: Failpoint) -> None:
        self.points.add(point)
        self.trace.append(point)
        if self.fuse:
            self.fuse -= 1
            if not self.fuse:
                raise Crash(point)

    def _start(self) -> tuple[Rounds, FollowUp]:
        stopping = threading.Event()
        arrivals = self.arrivals(
            self.mailbox, self.intake, INBOX, FolderSettings().model_dump(), Limits(3, 9_000, 10**6)
        )
        worker = Worker(READER, self.books, RENDERER, POLICY)
        delivery = self.delivery(self.outbox, self.mailer, self.clock, stopping)
        here = Office(POLICY.profile, ZoneInfo("Europe/Amsterdam"), time(9), time(17))
        daily = Daily(self.engine, here, TELLER, (OPERATIONS,), None, mail_days=0, letter_days=0)
        follow_up = FollowUp(self.engine, RENDERER, self.clock, here, MAILBOX, None, 3, daily)
        return Rounds(arrivals, self.intake, worker, delivery, ATTEMPTS, stopping), follow_up

    # --- what happens around it -----------------------------------------------------------------------------------

    def note(self, words: str) -> None:
        self.trace.append(f"{self.clock.now():%d %H:%M} {words}")

    def arrive(self, one: Written) -> None:
        self.note(f"arrives: {one.kind} {header(one.raw, b'message-id')}")
        self.seen.written[one.raw] = one
        self.seen.put[one.raw] += 1
        self.office.put(one.raw)

    def partner_writes(self) -> None:
        """A new mail; now and then one that a mail before makes possible."""
        kinds = (Kind.WHOLE, Kind.WHOLE, Kind.PART, Kind.VAGUE, Kind.FORGED, Kind.ROBOT, Kind.POISON)
        self.serial += 1
        self.arrive(write(self.chance.choice(kinds), self.serial, self.serial))

    def partner_answers(self) -> None:
        """A question of ours is answered, once."""
        asked = [raw for raw in self.mailer.accepted if ".question." in header(raw, b"message-id")]
        if not asked:
            return
        letter = self.chance.choice(asked)
        number = int(header(letter, b"to").partition("@")[0].removeprefix("ap") or 0)
        address = header(letter, b"to").partition("@partner")[2].partition(".")[0]
        self.serial += 1
        self.arrive(write(Kind.ANSWER, number or int(address), self.serial, letter))

    def partner_repeats(self) -> None:
        """The same bytes come again, or the same words in another mail."""
        if not self.seen.written:
            return
        one = self.chance.choice(list(self.seen.written.values()))
        if one.kind is Kind.WHOLE and self.chance.random() < 0.5:
            self.serial += 1
            one = write(Kind.AGAIN, int(one.address.partition("@partner")[2].partition(".")[0]), self.serial)
        self.arrive(one)

    def folder_is_rebuilt(self) -> None:
        self.note("UIDVALIDITY changes")
        self.office.rebuild(self.chance)

    def mailbox_is_restored(self) -> None:
        """Everything that was filed comes back into the inbox, and the inbox is another one."""
        self.note("everything filed comes back")
        for name in sorted(self.office.folders.keys() - {INBOX}):
            for uid in sorted(self.office.folders[name].mails):
                self._bring_back(name, uid)
        self.office.rebuild(self.chance)

    def colleague_acts(self) -> None:
        """Somebody files, deletes, or brings back a mail by hand."""
        name = self.chance.choice(sorted(self.office.folders))
        uids = sorted(self.office.folders[name].mails)
        if not uids:
            return
        uid = self.chance.choice(uids)
        raw = self.office.folders[name].mails[uid][0]
        self.note(f"a colleague's hand in {name}")
        if name != INBOX:
            self._bring_back(name, uid)
        elif self.chance.random() < 0.7:
            self.office.carry(uid, INBOX, "By hand")
            self.seen.carried[raw] += 1
        else:
            del self.office.folders[INBOX].mails[uid]
            self.seen.deleted[raw] += 1

    def _bring_back(self, name: str, uid: int) -> None:
        self.seen.returned[self.office.folders[name].mails[uid][0]] += 1
        self.office.carry(uid, name, INBOX)

    def time_passes(self) -> None:
        draw = self.chance.random()
        if draw < 0.6:
            self.clock.move(minutes=self.chance.randint(1, 90))
        elif draw < 0.75:
            self.clock.move(minutes=-self.chance.randint(1, 90))
        else:
            days = self.chance.randint(1, 6)
            self.seen.days += days
            self.clock.move(days=days)
        self.note("the clock was moved")

    def operations_take_back(self) -> None:
        """An allocation is taken back, and then once more, which must be refused."""
        with self.engine.connect() as connection:
            names = list(connection.scalars(text("SELECT allocation_id FROM allocation ORDER BY allocation_id")))
        if not names:
            return
        name = self.chance.choice(names)
        self.note(f"{name} is taken back")

        def take_back() -> list[str]:
            for _ in range(2):
                with suppress(NotReversibleError):
                    reverse(self.engine, name, "mia", "asked for", self.clock.now())
            return []

        self._run(take_back, crash=self.chance.random() < CRASHING / 4)

    # --- one seed -------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let one thing happen."""
        draw = self.chance.random()
        for share, act in _HAPPENINGS:
            draw -= share
            if draw < 0:
                act(self)
                return
        self.weather.bad = self.chance.choice((0.0, 0.0, 0.05, 0.3))
        self.mailer.bad = self.chance.choice((0.0, 0.5, 1.0))
        self.live(crash=self.chance.random() < CRASHING)

    def days_pass(self) -> None:
        """Nothing comes any more; reminders, lapses and publications fall due."""
        for _ in range(3):
            self.clock.move(days=self.chance.randint(1, 4))
            self.weather.bad, self.mailer.bad = 0.05, 0.3
            self.live(crash=self.chance.random() < CRASHING)

    def settle(self) -> bool:
        """Let the weather be fair until all work has ended; False where it never does."""
        self.weather.bad = self.mailer.bad = 0.0
        for _ in range(QUIET):
            before = len(self.trace)
            self.live(crash=False)
            if len(self.trace) - before <= 2 and not self._waiting():
                return True
            self.clock.move(minutes=61)
        return False

    def _waiting(self) -> bool:
        query = text("SELECT count(*) FROM letter WHERE state NOT IN ('sent', 'uncertain', 'failed')")
        with self.engine.connect() as connection:
            return bool(connection.scalar(query))

    def fingerprint(self) -> str:
        """Return a hash of all that happened and of all that the database holds."""
        whole = hashlib.sha256("\n".join(self.trace).encode())
        with self.engine.connect() as connection:
            for table in ("mail", "decision", "allocation", "letter", "audit_entry", "location", "review_item"):
                rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 names of our own
                whole.update(repr(sorted(map(repr, rows))).encode())
        return whole.hexdigest()


CRASHING = 0.6  # of all lives
_HAPPENINGS: tuple[tuple[float, Callable[[World], None]], ...] = (
    (0.28, World.partner_writes),
    (0.06, World.partner_answers),
    (0.08, World.partner_repeats),
    (0.03, World.folder_is_rebuilt),
    (0.02, World.mailbox_is_restored),
    (0.05, World.colleague_acts),
    (0.08, World.time_passes),
    (0.04, World.operations_take_back),
)
