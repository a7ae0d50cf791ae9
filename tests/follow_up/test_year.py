"""Weeks under a clock that jumps and a program that stands still: nothing due is missing, nothing is doubled."""

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from processor.adapters.engine import reading
from processor.adapters.ledger_check import check_ledger
from processor.adapters.letter_facts import facts_from
from processor.adapters.operations_tables import publication, question
from processor.core.letter import LetterKind
from tests.adapters.samples import ManualClock, fill
from tests.follow_up.conftest import work_of_the_clock
from tests.follow_up.world import apply, ask, deliver, kinds, poll, state

DAYS = int(os.environ.get("FOLLOW_UP_DAYS", "40"))  # 366 is the long form
ALL_ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
ZONES = ALL_ZONES if "EVERY_ZONE" in os.environ else ("Europe/Amsterdam", "Australia/Lord_Howe")  # `make year` runs all


@pytest.mark.parametrize("zone", ZONES)
def test_every_request_ends_and_every_allocation_is_published_once(
    engine: Engine, clock: ManualClock, ledger_folder: Path, tmp_path: Path, zone: str
) -> None:
    if engine.dialect.name == "postgresql" and zone != "Europe/Amsterdam":
        pytest.skip("one zone is enough on the second database")
    fill(engine, ledger_folder)
    here = work_of_the_clock(engine, clock, tmp_path, zone)
    chance = random.Random(zone)  # noqa: S311 repeatable chance
    asked: list[str] = []
    applied: list[str] = []
    start = datetime(2026, 10, 5, 3, tzinfo=UTC)

    for hour in range(0, 24 * (DAYS + 14), 6):
        jump = chance.choice([timedelta()] * 8 + [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-1)])
        clock.moment = start + timedelta(hours=hour) + jump
        if hour % 24 == 6 and hour < 24 * DAYS:
            asked.append(ask(engine, clock, 2 * hour + 1))
            applied.append(apply(engine, clock, 2 * hour + 2, amount=1, before=len(applied)))
        if chance.random() < 0.8:  # else it stands still, sometimes for a day
            poll(engine, clock)
            assert here.turn() == []
            deliver(engine, clock)

    for reference in asked:
        assert state(engine, reference) == "expired"
        written = kinds(engine, reference)
        assert (written[0], written[-1]) == ("question", "expired")
        assert Counter(written)["reminder"] <= 2
    assert sum(kinds(engine, reference).count("reminder") for reference in asked) >= 1.8 * len(asked)
    lines = [line for path in sorted((tmp_path / "feed").glob("*.csv")) for line in path.read_text().splitlines()[1:]]
    assert sorted(line.split(",")[1] for line in lines) == sorted(applied)
    with reading(engine) as connection:
        assert connection.scalars(select(publication.c.allocation_id).where(publication.c.feed.is_(None))).all() == []
        assert facts_from(connection.scalars(select(question.c.facts)).first() or "").kind is LetterKind.QUESTION
    assert check_ledger(engine) == ()
