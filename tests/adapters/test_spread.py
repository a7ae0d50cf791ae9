"""Median and percentile as the database finds them are those of the sorted list."""

from datetime import timedelta
from math import ceil

import pytest
from sqlalchemy import Engine

from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import review_item
from processor.adapters.spread_sql import Spread, spread
from tests.adapters.samples import NOON


def waited(engine: Engine, seconds: list[float]) -> Spread:
    rows: list[dict[str, object]] = [
        {"kind": "x", "note": "", "state": "open", "opened_at": NOON - timedelta(seconds=one), "resolution": ""}
        for one in seconds
    ]
    if rows:
        transact(engine, lambda connection: connection.execute(review_item.insert(), rows).rowcount)
    with reading(engine) as connection:
        return spread(connection, review_item.c.opened_at, NOON, review_item, [review_item.c.state == "open"])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 19, 20, 21, 101])
def test_ranks_are_those_of_the_sorted_list(engine: Engine, count: int) -> None:
    ages = [round((number * 7919 % 104_729) ** 1.2, 3) for number in range(count)] if count != 3 else [5.0, 5.0, 5.0]
    found, ordered = waited(engine, ages), sorted(ages)

    assert found.count == count
    if count:
        expected = (ordered[ceil(count * 0.5) - 1], ordered[ceil(count * 0.95) - 1], ordered[-1])
        assert (found.median, found.p95, found.longest) == pytest.approx(expected, abs=0.002)
    else:
        assert found == Spread(0, 0.0, 0.0, 0.0)
