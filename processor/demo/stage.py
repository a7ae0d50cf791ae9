"""The demo's stage: an IMAP and an SMTP server on loopback, a folder for the database, and settings that name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from processor import wiring
from processor.adapters.ledger_import import import_ledger
from processor.demo.mails import LEDGER
from processor.ports import OutsideError
from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from processor.settings import DatabaseSettings, ImapSettings, ScheduleSettings, Settings, SmtpSettings
from processor.settings_safety import SafetySettings


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays."""

    imap: ImapServer
    smtp: SmtpSink
    settings: Settings

    def deliver(self, mails: Iterable[bytes]) -> None:
        """Put mails into the inbox over IMAP."""
        with closing(wiring.mailbox_for(self.settings)) as mailbox:
            for raw in mails:
                mailbox.append(self.settings.mailbox.inbox, raw)

    def folder_counts(self) -> dict[str, int]:
        """Return how many mails stand in each folder, as the server says. A folder that nothing needed is not there."""
        names = [self.settings.mailbox.inbox, *self.settings.folders.model_dump().values()]
        counts = {}
        with closing(wiring.mailbox_for(self.settings)) as mailbox:
            for name in names:
                with suppress(OutsideError):
                    counts[name] = mailbox.status(name).messages
        return counts


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Start the servers, make the database and fill the ledger; all of it is gone at the end."""
    with TemporaryDirectory(prefix="processor-demo-") as folder, ImapServer() as imap, SmtpSink() as smtp:
        settings = _settings(imap, smtp, Path(folder) / "demo.db")
        wiring.upgrade_database(settings)
        with wiring.open_database(settings) as engine:
            import_ledger(engine, LEDGER, datetime.now(UTC))
        yield Stage(imap, smtp, settings)


def _settings(imap: ImapServer, smtp: SmtpSink, database: Path) -> Settings:
    """Return settings that heed neither a file nor the environment, so that the demo is the same everywhere."""
    return Settings.model_construct(
        seal=SecretStr("a seal for one demo"),
        imap=ImapSettings(
            host=imap.host, port=imap.port, security="plain", username=imap.user, password=SecretStr(imap.password)
        ),
        smtp=SmtpSettings(host=smtp.host, port=smtp.port, security="plain", username=""),
        database=DatabaseSettings(url=f"sqlite:///{database}"),
        schedule=ScheduleSettings(poll_seconds=2, deliver_seconds=2),
        safety=SafetySettings(mode="live"),
    )
