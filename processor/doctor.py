"""What is well and what is to mend, before partners notice. Each examination stands alone; none changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from processor import wiring
from processor.events import told
from processor.forgery import try_forgery
from processor.policy_files import limits_from, policy_from
from processor.ports import OutsideError
from processor.settings import Settings
from processor.settings_load import missing_for_work
from processor.usage import WrongUsageError

NEWEST = 20  # mails in the inbox whose headers are looked at
FORGERY_SECONDS = 120.0  # a mail to ourselves arrives sooner
AHEAD = timedelta(minutes=5)  # two clocks may differ by so much


@dataclass(frozen=True, slots=True)
class Finding:
    """What was examined, whether it is well (None: could not be examined), and what to say about it."""

    what: str
    well: bool | None
    words: str


def examine(settings: Settings, *, forge: bool = False) -> Iterator[Finding]:
    """Examine one thing after the other; to `forge` means to send a mail that the mail server should see through."""
    yield _examined("settings", _settings, settings)
    yield _examined("policy", _policy, settings)
    yield _examined("safety", _safety, settings)
    yield _examined("templates", _templates, settings)
    yield _examined("database", _database, settings)
    mailbox = _examined("mailbox", _mailbox, settings)
    yield mailbox
    for what, examination in (("proof of senders", _proof), ("clock", _clock)):
        yield _examined(what, examination, settings) if mailbox.well else Finding(what, None, "needs the mailbox")
    yield _examined("smtp", _smtp, settings)
    if forge:
        yield _examined("forged proof", lambda these: try_forgery(these, FORGERY_SECONDS), settings)


def _examined(what: str, examination: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, well=True, words=examination(settings))
    except (_IllError, WrongUsageError, OutsideError) as error:
        return Finding(what, well=False, words="; ".join(_words(error).splitlines()))


def _words(error: Exception) -> str:
    return told(error) if isinstance(error, OutsideError) else str(error)


class _IllError(Exception):
    """Something is to be mended; the words say what."""


def _settings(settings: Settings) -> str:
    if problems := missing_for_work(settings):
        raise _IllError("; ".join(problems))
    return "complete"


def _policy(settings: Settings) -> str:
    policy = policy_from(settings)
    trust = "sender's proof is required" if not policy.accept_unauthenticated else "MAIL WITHOUT PROOF IS TRUSTED"
    return f"profile {policy.profile.name}, {trust}"


def _safety(settings: Settings) -> str:
    """A worker that rehearses is well, and nothing that it decides is done: that must be said."""
    safety, health = settings.safety, settings.health
    limits_from(settings)
    if safety.mode != "live":
        return f"{safety.mode}: mails are decided, and NOTHING IS APPLIED OR SENT"
    limited = any((safety.request_limits, safety.partner_day_limits, safety.day_limits))
    told = health.alert_command or health.alert_webhook.get_secret_value()
    return f"live, {'with' if limited else 'WITHOUT'} limits, alerts go {'out' if told else 'NOWHERE'}"


def _templates(settings: Settings) -> str:
    renderer = wiring.renderer_for(settings, wiring.SystemClock())
    renderer.check()
    return f"every letter in {', '.join(renderer.languages)}"


def _database(settings: Settings) -> str:
    with wiring.open_database(settings) as engine:
        return f"{engine.url.render_as_string(hide_password=True)}, schema is today's"


def _mailbox(settings: Settings) -> str:
    with closing(wiring.mailbox_for(settings)) as mailbox:
        status = mailbox.status(settings.mailbox.inbox)
    return f"{settings.imap.host}:{settings.imap.port}, {status.messages} mails in {settings.mailbox.inbox}"


def _proof(settings: Settings) -> str:
    """Look for results of the trusted server on the newest mails: without them every mail would be rejected."""
    with closing(wiring.mailbox_for(settings)) as mailbox:
        inbox = settings.mailbox.inbox
        newest = mailbox.envelopes_after(inbox, max(0, mailbox.status(inbox).uidnext - 1 - NEWEST))
        heads = [mail.raw for mail in mailbox.fetch(inbox, newest, headers_only=True)]
    if not heads:
        return "no mail in the inbox to tell by"
    count = sum(any(_names(head, server) for server in settings.mailbox.authserv_ids) for head in heads)
    names = ", ".join(settings.mailbox.authserv_ids)
    if not count:
        raise _IllError(
            f"none of the newest {len(heads)} mails has Authentication-Results of {names}: see mailbox.authserv_ids"
        )
    return f"{count} of the newest {len(heads)} mails have Authentication-Results of {names}"


def _names(head: bytes, server: str) -> bool:
    flat = b" ".join(head.lower().split())
    return b"authentication-results: " + server.lower().encode() in flat


def _clock(settings: Settings) -> str:
    """The mail server stamps mails; a stamp in the future means that one of the two clocks is wrong."""
    now = datetime.now(UTC)
    with closing(wiring.mailbox_for(settings)) as mailbox:
        inbox = settings.mailbox.inbox
        newest = mailbox.envelopes_after(inbox, max(0, mailbox.status(inbox).uidnext - 1 - NEWEST))
    ahead = [mail.received_at for mail in newest if mail.received_at > now + AHEAD]
    if ahead:
        raise _IllError(f"it is {now:%Y-%m-%d %H:%M} UTC here, and a mail arrived at {max(ahead):%Y-%m-%d %H:%M} UTC")
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _smtp(settings: Settings) -> str:
    wiring.try_smtp(settings)
    return f"{settings.smtp.host}:{settings.smtp.port} answers"
