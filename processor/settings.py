"""Every setting with its default and its reason; file, environment and secrets may name no other.

`config/processor.toml` and `docs/configuration.md` are written from this module and can't fall behind it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from processor.settings_base import LOOPBACK, PREFIX, Count, Port, Seconds, Section, Security, Text
from processor.settings_console import ConsoleSettings, OidcSettings
from processor.settings_health import HealthSettings
from processor.settings_reading import ReadingSettings
from processor.settings_safety import FloodSettings, SafetySettings
from processor.settings_upkeep import FollowUpSettings, RetentionSettings


class Server(Section):
    """A server reached over the network."""

    @model_validator(mode="after")
    def _plain_stays_here(self) -> Self:
        if getattr(self, "security", "tls") == "plain" and getattr(self, "host", "") not in LOOPBACK:
            raise ValueError(
                'security "plain" is for this machine alone (127.0.0.1, ::1, localhost): take "tls" or "starttls"'
            )
        return self


class MailboxSettings(Section):
    """The mailbox that partners write to."""

    address: Text = "allocations@billing.example"
    """Its address. Letters come from it, and a mail that claims to come from it is our own. It also names the mailbox
    in the database.
    """
    display_name: Text = "Allocations"
    """The name beside that address in our letters."""
    authserv_ids: Annotated[tuple[Text, ...], Field(min_length=1)] = ("mx.billing.example",)
    """The receiving server's name in `Authentication-Results`. Only results under these names are proof of who wrote a
    mail; one too many here is an open door. Gmail and Microsoft 365 need special entries: `docs/security.md`.
    """
    own_dkim: Literal["off", "enough", "required"] = "off"
    """Check DKIM signatures here too (extra `mailauth`; asks the domain name system). `required`: beside the receiving
    server's proof, as a second one. `enough`: as the proof, where that server checks neither DKIM nor DMARC.
    """
    own_domains: tuple[Text, ...] = ("billing.example",)
    """Domains of the mailbox's own organisation: its staff forward partners' mails, and a person looks at those."""
    inbox: Text = "INBOX"
    """The folder where mail arrives."""


class FolderSettings(Section):
    """Where each outcome is filed. A `/` makes a folder within a folder, whatever the server's own separator. Folders
    are for people; the database holds the state.
    """

    applied: Text = "Applied"
    """Everything asked for was applied."""
    needs_details: Text = "Needs details"
    """The partner was asked for something."""
    rejected: Text = "Rejected"
    """Operations must look."""
    answered: Text = "Answered"
    """A question was answered; the ledger did not change."""
    ignored: Text = "Ignored"
    """Machine mail."""
    quarantined: Text = "Quarantine"
    """Spam, malware, and mail that could not be handled in three attempts."""


class ImapSettings(Server):
    """How the mailbox is reached."""

    host: Text = "imap.billing.example"
    """The mail server's name."""
    port: Port = 993
    """993 is IMAP inside TLS; 143 goes with `starttls`."""
    security: Security = "tls"
    """`tls`, `starttls` (which ends the session when the server refuses it), or `plain` to a server on this machine."""
    ca_file: str = ""
    """A file of certificate authorities to trust instead of the system's; empty for the system's."""
    username: Text = "allocations@billing.example"
    """The login."""
    password: SecretStr = SecretStr("")
    """The password: better in the secrets directory (file `imap__password`) than here."""
    connect_timeout_seconds: Seconds = 10
    """How long a connection may take to open."""
    read_timeout_seconds: Seconds = 60
    """How long the server may be silent. Without a limit a dead line would hold the worker for ever."""


class SmtpSettings(Server):
    """How letters leave."""

    host: Text = "smtp.billing.example"
    """The submission server's name."""
    port: Port = 587
    """587 goes with `starttls`, 465 with `tls`."""
    security: Security = "starttls"
    """As for IMAP."""
    ca_file: str = ""
    """As for IMAP."""
    username: str = "allocations@billing.example"
    """The login; empty for a server that asks for none."""
    password: SecretStr = SecretStr("")
    """The password: better in the secrets directory (file `smtp__password`) than here."""
    timeout_seconds: Seconds = 600
    """How long the server may think about a letter. RFC 5321 (4.5.3.2.6) allows ten minutes after the final dot; giving
    up sooner makes letters arrive twice.
    """
    per_minute: Annotated[int, Field(ge=0)] = 0
    """At most so many letters a minute; 0 for no limit. Microsoft 365 allows 30."""
    connections: Annotated[int, Field(ge=1, le=10)] = 1
    """Letters that leave at the same time, each on a connection of its own; with `per_minute` it is one. Worth it for a
    server far away, which answers each step late. Some servers take two or three connections from one client.
    """


class OauthSettings(Section):
    """Access tokens instead of passwords, for IMAP and SMTP alike."""

    provider: Literal["none", "microsoft", "google"] = "none"
    """`none` logs in with the passwords above; `microsoft` needs the extra `m365`, `google` the extra `gmail`."""
    tenant: str = ""
    """Microsoft: the directory (tenant) ID."""
    client_id: str = ""
    """Microsoft: the application ID, with the permissions IMAP.AccessAsApp and SMTP.SendAsApp."""
    client_secret: SecretStr = SecretStr("")
    """Microsoft: the application's secret: better in the secrets directory (file `oauth__client_secret`) than here."""
    key_file: str = ""
    """Google: the service account's key file; the account needs domain-wide delegation for https://mail.google.com/."""


class LettersSettings(Section):
    """What is written to partners."""

    templates: str = ""
    """A folder of letter templates instead of the shipped one, a copy of which is a good start; empty for the shipped.
    """


class DatabaseSettings(Section):
    """The record of work and the ledger."""

    url: Text = "sqlite:///processor.db"
    """An SQLAlchemy address. A relative SQLite file is looked for where the program is started;
    `sqlite:////var/lib/processor/processor.db` is absolute.
    """


class IntakeSettings(Section):
    """What is taken in, and how much of it at once."""

    batch: Annotated[int, Field(ge=1, le=100)] = 100
    """Mails stored in one transaction, at most."""
    batch_bytes: Count = 32_000_000
    """Bytes stored in one transaction, so that a batch of large mails does not fill the memory."""
    attempts: Count = 3
    """A mail that failed so often is quarantined, and the next one is not held up."""
    max_bytes: Count = 25_000_000
    """A larger mail is taken in with its headers alone, and a person looks at it. Few providers deliver more."""
    read_seconds: Seconds = 9
    """How long reading one mail may take before its child process is ended."""
    read_memory_bytes: Annotated[int, Field(ge=250_000_000)] = 1_000_000_000
    """How much memory that child process may hold; below 250 MB the program itself does not fit."""


class ScheduleSettings(Section):
    """When things run. All intervals are in UTC and count from the start."""

    poll_seconds: Seconds = 60
    """How often the mailbox is asked. Asking is one cheap STATUS."""
    deliver_seconds: Seconds = 15
    """How often the outbox is looked at."""
    follow_up_seconds: Seconds = 60
    """How often the clock's own work is looked at: reminders, publications, escalations, the digest."""
    idle: bool = True
    """Let the server wake us when mail arrives (IDLE). Only a wake-up: polling finds every mail without it."""
    stop_seconds: Seconds = 30
    """How long a stop waits for the message in hand."""


class PolicySettings(Section):
    """What operations may decide otherwise; every other rule is fixed. Roles and promised days stand in the profile."""

    profile: Text = "partner_center"
    """The biller's grammar of numbers, roles and promises: the name of a shipped profile, or the path of a `.toml`
    file.
    """
    accept_unauthenticated: bool = False
    """Take a mail without proof of its sender. With `true`, whoever can write a From line can move money."""
    spam_headers: tuple[Text, ...] = (
        "X-Spam-Flag: yes",
        "X-Spam-Status: yes",
        "X-Forefront-Antispam-Report: sfv:spm",
        "X-MS-Exchange-Organization-SCL: 9",
    )
    """Fields in which the receiving server writes its verdict, and how a bad verdict begins. Such a mail is
    quarantined.
    """
    loop_limit: Count = 10
    """A conversation that got so many letters of ours is a loop: the next mail is ignored."""
    date_tolerance_days: Annotated[int, Field(ge=0)] = 3
    """A payment's date in a mail may differ from the ledger's by so many calendar days."""
    apply_limits: dict[str, Text] = Field(default_factory=dict)
    """The most that one group of lines may apply before a person approves, by currency, such as `{ EUR = "50000" }`. A
    currency that isn't named has no limit.
    """


class LogSettings(Section):
    """What is said about the work. No log line ever holds text of a mail."""

    format: Literal["auto", "json", "console"] = "auto"
    """`json` for machines, `console` for people; `auto` takes `console` on a terminal."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important line that is written."""


class Settings(BaseSettings):
    """All of it. A later source replaces an earlier one: file, secrets directory, environment."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", use_attribute_docstrings=True
    )

    secrets_directory: str = ""
    """A directory with one file per secret, named like its key: `imap__password`, `smtp__password`, `seal`. Fits
    systemd credentials, Docker and Kubernetes.
    """
    seal: SecretStr = SecretStr("")
    """The secret that marks our own letters and reply addresses: 16 characters or more, the same for the life of the
    installation. Better a file `seal` in the secrets directory.
    """
    mailbox: MailboxSettings = MailboxSettings()
    folders: FolderSettings = FolderSettings()
    imap: ImapSettings = ImapSettings()
    smtp: SmtpSettings = SmtpSettings()
    oauth: OauthSettings = OauthSettings()
    letters: LettersSettings = LettersSettings()
    database: DatabaseSettings = DatabaseSettings()
    intake: IntakeSettings = IntakeSettings()
    reading: ReadingSettings = ReadingSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    policy: PolicySettings = PolicySettings()
    safety: SafetySettings = SafetySettings()
    flood: FloodSettings = FloodSettings()
    follow_up: FollowUpSettings = FollowUpSettings()
    retention: RetentionSettings = RetentionSettings()
    health: HealthSettings = HealthSettings()
    console: ConsoleSettings = ConsoleSettings()
    oidc: OidcSettings = OidcSettings()
    log: LogSettings = LogSettings()
