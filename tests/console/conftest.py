"""Consoles to visit: one database is built for all tests, and each test gets a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from processor.ports import Reader
from tests.console.house import House, build, open_house, open_reader


@pytest.fixture(scope="session")
def child_reader() -> Iterator[Reader]:
    with open_reader() as reader:
        yield reader


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, child_reader: Reader) -> Path:
    file = tmp_path_factory.mktemp("console") / "console.db"
    build(file, child_reader, history=False)
    return file


@pytest.fixture
def house(built: Path, tmp_path: Path, child_reader: Reader) -> Iterator[House]:
    with open_house(built, tmp_path / "console.db", child_reader) as house:
        yield house
