"""What every page works with, and one visit to one page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from starlette.requests import Request

from processor.adapters.accounts_sql import Limits, Session
from processor.adapters.render import LetterRenderer
from processor.console.permissions import Permission, may
from processor.core.message import Message
from processor.core.office import Office
from processor.core.policy import Policy
from processor.ports import Clock, Reader, StoredMail
from processor.review import Desk
from processor.settings import Settings
from processor.trials import Trials
from processor.wiring import four_eyes_from

KEPT = 64  # mails that were read last: a page and its parts ask for the same one


@dataclass
class Mails:
    """Reads mails for pages, each once."""

    reader: Reader
    _read: OrderedDict[tuple[str, bool], Message] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, mail: StoredMail) -> Message | None:
        """Return a mail as the processor reads it, or None where its bytes were erased."""
        if not mail.raw:
            return None
        key = (mail.sha256, mail.headers_only)
        with self._lock:
            found = self._read.get(key)
        if found is not None:
            return found
        message = self.reader.read(mail.raw)
        if mail.headers_only:
            message = replace(message, size=mail.size, over_limit=message.over_limit or "message")
        with self._lock:
            self._read[key] = message
            while len(self._read) > KEPT:
                self._read.popitem(last=False)
        return message


@dataclass(frozen=True, slots=True)
class Room:
    """The console's parts. `config` is the settings file, None where the settings come from the program."""

    engine: Engine
    mails: Mails
    renderer: LetterRenderer
    policy: Policy
    office: Office
    settings: Settings
    versions: Mapping[str, str]
    clock: Clock
    config: Path | None = None
    trials: Trials = field(default_factory=Trials)

    @property
    def limits(self) -> Limits:
        """How long sessions last."""
        console = self.settings.console
        return Limits(timedelta(minutes=console.idle_minutes), timedelta(hours=console.session_hours))

    def desk(self, actor: str) -> Desk:
        """Return the desk of one person."""
        return Desk(
            engine=self.engine,
            reader=self.mails.reader,
            renderer=self.renderer,
            policy=self.policy,
            versions=self.versions,
            clock=self.clock,
            actor=actor,
            four_eyes=four_eyes_from(self.settings),
            rehearsing=self.settings.safety.mode != "live",
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for one page. `form` holds what was sent, each field's values in order."""

    room: Room
    request: Request
    session: Session | None
    now: datetime
    form: Mapping[str, tuple[str, ...]]

    def asked(self, name: str, default: str = "") -> str:
        """Return a parameter of the address."""
        return self.request.query_params.get(name, default).strip()

    def number(self, name: str) -> int:
        """Return a parameter that is a number, 0 where it is none."""
        text = self.asked(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004

    def path(self, name: str) -> str:
        """Return a part of the address."""
        return str(self.request.path_params[name])

    def sent(self, name: str) -> str:
        """Return a field of the form."""
        return next(iter(self.form.get(name, ())), "").strip()

    @property
    def login(self) -> str:
        """Who visits; empty before signing in."""
        return self.session.account.login if self.session else ""

    def may(self, permission: str) -> bool:
        """Tell whether the visitor has a permission; a program needs its person's and the scope of its token."""
        if self.session is None:
            return False
        scopes = self.session.scopes
        within = scopes is None or permission in scopes
        return within and may(self.session.account.role, Permission(permission))
