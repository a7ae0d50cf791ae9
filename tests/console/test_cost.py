"""What a page costs in statements: the same however much there is. Times are measured by `make benchmark-console`."""

from pathlib import Path

from sqlalchemy import text

from processor.adapters.audit import verify
from processor.adapters.engine import open_engine, reading
from processor.adapters.ledger_check import check_ledger
from processor.adapters.schema import upgrade
from tests.benchmarks.filling import fill
from tests.benchmarks.pages import measure
from tests.benchmarks.plenty import Size


def statements(file: Path, size: Size) -> dict[str, int]:
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    fill(engine, size)
    try:
        return {cost.page: cost.statements for cost in measure(engine, size, 1)}
    finally:
        engine.dispose()


def test_a_page_asks_as_many_questions_of_much_as_of_little(tmp_path: Path) -> None:
    few = statements(tmp_path / "few.db", Size(200, open=20))
    many = statements(tmp_path / "many.db", Size(1000, open=90))

    assert many == few
    assert max(many.values()) <= 25


def test_what_pages_are_measured_on_is_a_sound_database(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine)
    fill(engine, Size(200))

    with reading(engine) as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert verify(connection) == ()
    no_import = {"is not in the audit log", "was changed since the last import, and not by an allocation"}
    assert {one.reason for one in check_ledger(engine)} == no_import  # but every balance is what it must be
    engine.dispose()
