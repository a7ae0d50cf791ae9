"""A whole installation for one test: a mailbox on a real server, an SMTP sink, a database, our program as a process."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from processor.adapters.engine import open_engine, reading
from processor.adapters.imap import ImapMailbox
from processor.adapters.journal_tables import letter, mail, raw_message
from processor.adapters.ledger_import import import_ledger
from processor.adapters.mail_server import MailServer
from processor.adapters.schema import upgrade
from processor.core.outcomes import Outcome
from processor.ports import OutsideError
from processor.servers.smtp_sink import SmtpSink
from processor.settings import FolderSettings
from tests.servers.deliver import deliver

ROOT = Path(__file__).parents[2]
MAILS = ROOT / "tests" / "mails"
SETS = ("shared", "english-dutch", "german-french-spanish", "other-languages-and-edges")
FOLDERS: dict[str, str] = FolderSettings().model_dump()

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


def labelled_mails() -> list[bytes]:
    """Every labelled mail, conversation by conversation."""
    paths = [path for name in SETS for path in sorted((MAILS / name / "cases").glob("*/*.eml"))]
    return [path.read_bytes() for path in paths]


@dataclass(frozen=True)
class World:
    """Nothing in it is pretended: `processor` runs as the program that users run."""

    folder: Path
    server: MailServer
    sink: SmtpSink

    @property
    def config(self) -> Path:
        return self.folder / "processor.toml"

    def settle_in(self, *ledgers: Path) -> None:
        """Write the settings, make the database, fill the ledger."""
        login = self.server.login
        assert login is not None
        self.config.write_text(
            'seal = "a seal for one test"\n'
            f'[imap]\nhost = "{self.server.host}"\nport = {self.server.port}\nsecurity = "plain"\n'
            f'username = "{login.user}"\npassword = "{login.password}"\n'
            f'[smtp]\nhost = "{self.sink.host}"\nport = {self.sink.port}\nsecurity = "plain"\nusername = ""\n'
            f'[database]\nurl = "sqlite:///{self.folder / "processor.db"}"\n'
            '[safety]\nmode = "live"\n'
            "[schedule]\npoll_seconds = 5\ndeliver_seconds = 5\n"
        )
        engine = open_engine(f"sqlite:///{self.folder / 'processor.db'}")
        upgrade(engine)
        for ledger in ledgers:
            assert import_ledger(engine, ledger, datetime.now(UTC)).problems == ()
        engine.dispose()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "processor", *arguments, "--config", str(self.config)]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
        )

    def succeed(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        log = (self.folder / "log").open("ab")
        with log:
            return subprocess.Popen(self.command(*arguments), cwd=ROOT, env=environment(), stdout=log, stderr=log)

    def deliver(self, mails: Iterable[bytes]) -> int:
        return deliver(self.server, mails)

    def in_folder(self, name: str) -> Counter[str]:
        """Hashes of the mails in a folder; a folder that is not there holds none."""
        with closing(ImapMailbox(self.server, name="inspector")) as box:
            try:
                mails = [found.raw for found in box.fetch(name, box.envelopes_after(name, 0))]
            except OutsideError:
                return Counter()
        return Counter(hashlib.sha256(raw).hexdigest() for raw in mails)

    def inbox(self) -> int:
        with closing(ImapMailbox(self.server, name="inspector")) as box:
            return box.status("INBOX").messages

    def decided(self) -> dict[str, Counter[str]]:
        """Hashes of the mails in the database, by outcome."""
        engine = open_engine(f"sqlite:///{self.folder / 'processor.db'}")
        found: dict[str, Counter[str]] = {outcome.value: Counter() for outcome in Outcome}
        with reading(engine) as connection:
            rows = select(mail.c.outcome, raw_message.c.raw).join(raw_message, mail.c.sha256 == raw_message.c.sha256)
            for outcome, raw in connection.execute(rows):
                found[outcome][hashlib.sha256(raw).hexdigest()] += 1
        engine.dispose()
        return found

    def letter_states(self) -> dict[str, str]:
        """Message-ID and state of every letter in the outbox."""
        engine = open_engine(f"sqlite:///{self.folder / 'processor.db'}")
        with reading(engine) as connection:
            states = {row[0]: row[1] for row in connection.execute(select(letter.c.message_id, letter.c.state))}
        engine.dispose()
        return states

    def letters_at_sink(self) -> Counter[str]:
        return Counter(match[1].decode() for one in self.sink.letters if (match := _MESSAGE_ID.search(one.raw)))


def environment() -> dict[str, str]:
    """This process's environment without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PROCESSOR_")}
