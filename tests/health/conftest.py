"""An installation whose hours are played through by hand."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.adapters.conftest import clock, database_url, engine, ledger_folder, postgresql, sqlite_template
from tests.adapters.samples import ManualClock, fill
from tests.health.installation import Installation

__all__ = ["clock", "database_url", "engine", "ledger_folder", "postgresql", "sqlite_template"]


@pytest.fixture
def installation(engine: Engine, clock: ManualClock, ledger_folder: Path, tmp_path: Path) -> Installation:
    fill(engine, ledger_folder)
    return Installation(engine, clock, tmp_path)
