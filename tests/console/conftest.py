"""Consoles to visit: one database is built for all tests, and each test gets a copy."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from processor.adapters.render import LetterRenderer
from processor.ports import Reader
from processor.settings import Settings
from processor.wiring import renderer_for
from tests.console.browser import CHROMIUM, open_browser, served
from tests.console.house import House, ManualClock, build, open_house, open_reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def child_reader() -> Iterator[Reader]:
    with open_reader() as reader:
        yield reader


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, child_reader: Reader) -> Path:
    file = tmp_path_factory.mktemp("console") / "console.db"
    build(file, child_reader, history=False)
    return file


@pytest.fixture(scope="session")
def renderer() -> LetterRenderer:
    return renderer_for(Settings.model_construct(seal=SecretStr("a seal for one test")), ManualClock())


@pytest.fixture
def house(built: Path, tmp_path: Path, child_reader: Reader, renderer: LetterRenderer) -> Iterator[House]:
    with open_house(built, tmp_path / "console.db", child_reader, renderer) as house:
        yield house


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    pytest.importorskip("playwright")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with open_browser() as browser:
        yield browser


@pytest.fixture
def at(house: House) -> Iterator[str]:
    with served(house) as address:
        yield address
