"""The record is kept: copies that are proved, a log that shows where it was cut, an installation that rehearses."""

import json
from pathlib import Path

import pytest

from processor.adapters.journal_tables import audit_entry
from processor.adapters.rehearsal_sql import RehearsalBooks
from processor.cli.app import app
from processor.cli.ending import run
from processor.settings import Settings
from tests.adapters.tamper import rewrite
from tests.letters.specimens import SECRET
from tests.review.test_desk import REQUEST
from tests.review.world import House, balances


class Shell:
    """Runs commands on the house's database, as a fresh installation has its settings."""

    def __init__(self, house: House, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "processor.toml"
        url = house.engine.url.render_as_string(hide_password=False)
        self.config.write_text(f'seal = "{SECRET.decode()}"\n[database]\nurl = "{url}"\n')
        self._screen = screen

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._screen.readouterr()
        status = run(app, [*arguments, "--config", str(self.config)])
        written = self._screen.readouterr()
        return status, written.out, written.err


@pytest.fixture
def shell(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(house, tmp_path, capsys)


def test_a_fresh_installation_rehearses() -> None:
    assert Settings.model_construct().safety.mode == "dry_run"


def test_a_copy_is_made_proved_and_put_back(shell: Shell, house: House, tmp_path: Path) -> None:
    if house.engine.dialect.name == "postgresql":
        assert "use pg_dump" in shell("database", "backup", str(tmp_path / "copy.db"))[2]
        return
    copy = str(tmp_path / "copy.db")
    assert shell("database", "backup", copy) == (0, f"The copy is in {copy}.\n", "")
    assert run(app, ["database", "verify", copy]) == 0
    house.arrives(REQUEST)
    assert balances(house.engine) == (25_050, 0)
    house.engine.dispose()

    status, out, _ = shell("database", "restore", copy, "--yes")

    assert (status, out.startswith(f"{copy} is in place. What stood there is in ")) == (0, True)
    assert balances(house.engine) == (125_050, 100_000)


def test_a_broken_copy_is_not_put_back(shell: Shell, house: House, tmp_path: Path) -> None:
    if house.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL has tools of its own")
    (tmp_path / "copy.db").write_bytes(b"no database" * 1000)

    assert run(app, ["database", "verify", str(tmp_path / "copy.db")]) == 1
    assert shell("database", "restore", str(tmp_path / "copy.db"), "--yes")[0] == 1
    assert balances(house.engine) == (125_050, 100_000)


def test_a_cut_log_shows_against_its_anchor_alone(shell: Shell, house: House, tmp_path: Path) -> None:
    house.arrives(REQUEST)
    assert shell("audit", "anchor", str(tmp_path / "kept"))[0] == 0
    (anchor,) = (tmp_path / "kept").glob("audit-*.json")
    assert shell("audit", "verify", "--anchor", str(anchor))[0] == 0

    rewrite(house.engine, audit_entry.delete().where(audit_entry.c.chain == "partner:4000001"))

    assert shell("audit", "verify")[0] == 0
    status, _, err = shell("audit", "verify", "--anchor", str(anchor))
    assert (status, "is gone, though the anchor kept it" in err) == (1, True)


def test_a_changed_entry_shows_without_an_anchor(shell: Shell, house: House) -> None:
    house.arrives(REQUEST)

    rewrite(house.engine, audit_entry.update().values(actor="eve"))

    status, _, err = shell("audit", "verify")
    assert (status, "was changed" in err) == (1, True)


def test_rehearsals_are_listed(shell: Shell, house: House) -> None:

    house.books = RehearsalBooks(house.engine, house.clock, "dry_run")
    house.arrives(REQUEST)

    (found,) = json.loads(shell("rehearsals", "--json")[1])

    assert (found["outcome"], found["applications"][0]["amount"]) == ("applied", 100_000)
    assert "1000.00 EUR to G000000001" in " ".join(shell("rehearsals")[1].split())
