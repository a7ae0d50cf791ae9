"""An office with its clock, and requests that wait in it."""

from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from processor.adapters.operations_mail import OperationsMail
from processor.adapters.render import LetterRenderer
from processor.core.office import Office
from processor.daily import Daily
from processor.follow_up import FollowUp
from tests.adapters.conftest import clock, database_url, engine, ledger_folder, postgresql, sqlite_template
from tests.adapters.samples import MAILBOX, ManualClock, fill
from tests.builders import policy
from tests.letters.specimens import SECRET, TEMPLATES

__all__ = ["clock", "database_url", "engine", "ledger_folder", "postgresql", "sqlite_template"]


def office(zone: str = "UTC") -> Office:
    """Open from nine to five."""
    return Office(policy().profile, ZoneInfo(zone), time(9), time(17))


def work_of_the_clock(engine: Engine, clock: ManualClock, folder: Path, zone: str = "UTC") -> FollowUp:
    """All that the clock does, with files in a folder and a digest to operations; nothing is erased."""
    renderer = LetterRenderer(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET, clock)
    here = office(zone)
    mail = OperationsMail(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET)
    daily = Daily(engine, here, mail, ("ops@billing.example",), folder / "anchors", mail_days=0, letter_days=0)
    return FollowUp(engine, renderer, clock, here, MAILBOX, folder / "feed", 3, daily)


@pytest.fixture
def follow_up(engine: Engine, clock: ManualClock, ledger_folder: Path, tmp_path: Path) -> FollowUp:
    """The clock's work on a filled ledger."""
    fill(engine, ledger_folder)
    return work_of_the_clock(engine, clock, tmp_path)
