"""A filled ledger with a real reader, renderer and policy."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from processor.adapters.child import ChildReader
from processor.adapters.limits import ReadingLimits
from processor.adapters.render import LetterRenderer
from processor.ports import Reader
from tests.adapters.conftest import clock, database_url, engine, ledger_folder, postgresql, sqlite_template
from tests.adapters.samples import MAILBOX, ManualClock, fill
from tests.builders import policy
from tests.letters.specimens import SECRET, TEMPLATES
from tests.review.world import House

__all__ = ["clock", "database_url", "engine", "ledger_folder", "postgresql", "sqlite_template"]


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """A reader whose child stays for all tests."""
    with closing(ChildReader(ReadingLimits())) as reader:
        yield reader


@pytest.fixture
def house(engine: Engine, clock: ManualClock, ledger_folder: Path, reader: Reader) -> House:
    fill(engine, ledger_folder)
    renderer = LetterRenderer(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET, clock)
    return House(engine, clock, reader, renderer, policy(secret=SECRET.decode()))
