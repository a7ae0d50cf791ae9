"""The console of the demo: any free port of this machine, and one account that is gone with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine

from processor.adapters.accounts_sql import Person, add_account
from processor.console.app import open_room, serving
from processor.settings import Settings
from processor.settings_console import ConsoleSettings


def add_demo_account(engine: Engine) -> str:
    """Add the account `demo`, which may do all that moves money; return its password."""
    password = secrets.token_urlsafe(12)
    add_account(engine, Person("demo", "Demo", "approver", password), "demo", datetime.now(UTC))
    return password


@contextmanager
def open_demo(settings: Settings, engine: Engine) -> Iterator[str]:
    """Serve, and give the address."""
    here = settings.model_copy(update={"console": ConsoleSettings.model_construct(port=0)})
    with open_room(here, engine) as room, serving(room) as address:
        yield address
