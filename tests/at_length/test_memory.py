"""What a request remembers comes back as it was."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.core.letter import QuestionKind
from processor.core.memory import Asked, Memory, load_memory
from processor.core.reading.stated import PaymentFact, Stated
from processor.core.request import AskedAmount, Line, Quantity, Total

WORDS = st.text(max_size=6)
VALUES = st.decimals(0, 10**15, places=2, allow_nan=False, allow_infinity=False)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


AMOUNTS = st.builds(AskedAmount, some(VALUES), some(WORDS), WORDS, st.booleans())
LINES = st.builds(
    Line,
    st.none() | WORDS,
    st.none() | WORDS,
    st.none() | AMOUNTS,
    st.none() | st.sampled_from(Quantity),
    st.booleans(),
)
STATED = st.builds(
    Stated,
    lines=some(LINES),
    lone_payments=some(WORDS),
    facts=some(st.builds(PaymentFact, AMOUNTS, st.none() | WORDS)),
    totals=some(st.builds(Total, AMOUNTS, st.none() | WORDS)),
    loose=some(AMOUNTS),
    days=some(some(DAYS)),
    ranges=some(st.tuples(WORDS, WORDS)),
    unpaired=st.booleans(),
    vague_exclusion=st.booleans(),
    surplus_may_stay=st.booleans(),
    deduction=st.booleans(),
    all_open=st.booleans(),
)
ASKED = st.builds(Asked, st.sampled_from(QuestionKind), WORDS, some(WORDS), some(some(st.tuples(WORDS, WORDS))))
MEMORIES = st.builds(Memory, STATED, some(ASKED), st.none() | WORDS, *(st.booleans() for _ in range(4)), some(WORDS))


@given(MEMORIES)
def test_a_memory_comes_back_as_it_was(memory: Memory) -> None:
    assert load_memory(memory.dump()) == memory


@given(MEMORIES)
def test_a_memory_is_written_in_one_way(memory: Memory) -> None:
    assert load_memory(memory.dump()).dump() == memory.dump()


def test_an_amount_keeps_its_decimals() -> None:
    memory = Memory(Stated(loose=(AskedAmount((Decimal("12.50"),)),)))

    assert str(load_memory(memory.dump()).stated.loose[0].readings[0]) == "12.50"


def test_nothing_remembered_is_an_empty_memory() -> None:
    assert load_memory("") == Memory()


def test_a_memory_of_another_version_is_refused() -> None:
    other = json.loads(Memory().dump()) | {"version": 99}

    with pytest.raises(ValueError, match="memory version 99 is not"):
        load_memory(json.dumps(other))
