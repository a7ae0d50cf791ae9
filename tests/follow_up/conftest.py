"""An office with its clock, and requests that wait in it."""

from datetime import UTC, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from processor.adapters.render import LetterRenderer
from processor.core.office import Office
from processor.follow_up import FollowUp
from tests.adapters.conftest import clock, database_url, engine, ledger_folder, postgresql, sqlite_template
from tests.adapters.samples import MAILBOX, ManualClock, fill
from tests.builders import policy
from tests.letters.specimens import SECRET, TEMPLATES

__all__ = ["clock", "database_url", "engine", "ledger_folder", "postgresql", "sqlite_template"]


def office(zone: str = "UTC") -> Office:
    """Open from nine to five."""
    return Office(policy().profile, UTC if zone == "UTC" else ZoneInfo(zone), time(9), time(17))


@pytest.fixture
def follow_up(engine: Engine, clock: ManualClock, ledger_folder: Path, tmp_path: Path) -> FollowUp:
    """The clock's work on a filled ledger."""
    fill(engine, ledger_folder)
    renderer = LetterRenderer(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET, clock)
    return FollowUp(engine, renderer, clock, office(), MAILBOX, tmp_path / "feed", 3)
