"""The audit log: whatever is done to it behind our back shows."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import pytest
from sqlalchemy import ColumnElement, Engine, Executable, insert, literal, select

from processor.adapters import audit
from processor.adapters.audit import Head
from processor.adapters.engine import reading, transact
from tests.adapters.samples import NOON
from tests.adapters.tamper import AUDIT, rewrite

CHAINS = ("mailbox:a@x", "partner:1", "partner:2")


def grow(engine: Engine, chain: str, number: int) -> Head:
    return transact(
        engine, lambda connection: audit.append(connection, chain, "decided", {"number": number}, "processor", NOON)
    )


@pytest.fixture
def log(engine: Engine) -> Engine:
    """Three chains of five entries."""
    for number in range(5):
        for chain in CHAINS:
            grow(engine, chain, number)
    return engine


def breaks(engine: Engine, anchor: tuple[Head, ...] = ()) -> list[tuple[str, int]]:
    with reading(engine) as connection:
        return [(broken.chain, broken.sequence) for broken in audit.verify(connection, anchor)]


def heads(engine: Engine) -> tuple[Head, ...]:
    with reading(engine) as connection:
        return audit.heads(connection)


def at(sequence: int, chain: str = "partner:1") -> ColumnElement[bool]:
    return (AUDIT.c.chain == chain) & (AUDIT.c.sequence == sequence)


def third(**values: object) -> Executable:
    """Change the third entry of a chain."""
    return AUDIT.update().where(at(3)).values(values)


def copied(**changed: object) -> Executable:
    """Put a copy of the third entry in, some of it changed."""
    columns = [literal(changed[one.name]) if one.name in changed else one for one in AUDIT.c]
    return insert(AUDIT).from_select([one.name for one in AUDIT.c], select(*columns).where(at(3)))


def test_a_log_that_nobody_touched_holds(log: Engine) -> None:
    assert breaks(log, heads(log)) == []
    assert [(head.chain, head.sequence) for head in heads(log)] == [(chain, 5) for chain in CHAINS]


def test_a_log_grows_on_after_it_was_anchored(log: Engine) -> None:
    anchor = heads(log)

    grow(log, "partner:1", 5)

    assert breaks(log, anchor) == []


def test_every_entry_says_how_it_is_sealed(log: Engine) -> None:
    with reading(log) as connection:
        assert {entry.format for entry in audit.entries(connection)} == {audit.FORMAT}


def test_many_who_write_at_once_write_one_chain(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda number: grow(engine, "partner:1", number), range(30)))

    assert sorted(head.sequence for head in written) == list(range(1, 31))
    assert breaks(engine) == []


@pytest.mark.parametrize(
    "change",
    [
        third(body='{"number":9}'),
        third(actor="somebody"),
        third(event="reversed"),
        third(at="2020-01-01T00:00:00.000000Z"),
        third(at="yesterday"),
        third(format=2),
        third(hash="abc"),
        third(previous="abc"),
        third(sequence=33),
        third(chain="partner:3"),
        AUDIT.delete().where(at(3)),
        AUDIT.delete().where(at(1)),
        copied(sequence=6),
        copied(chain="partner:9", sequence=1, previous=""),
    ],
)
def test_a_change_shows_without_anything_kept_elsewhere(log: Engine, change: Executable) -> None:
    rewrite(log, change)

    assert breaks(log) != []


def test_two_entries_that_changed_places_show(log: Engine) -> None:
    places = [(2, 99), (3, 2), (99, 3)]

    rewrite(log, *(AUDIT.update().where(at(old)).values(sequence=new) for old, new in places))

    assert breaks(log)


@pytest.mark.parametrize("first_cut", [1, 2, 5])
def test_a_cut_tail_shows_against_the_anchor(log: Engine, first_cut: int) -> None:
    anchor = heads(log)

    rewrite(log, AUDIT.delete().where(AUDIT.c.chain == "partner:1", AUDIT.c.sequence >= first_cut))

    assert breaks(log) == []  # the chain itself can't tell
    assert breaks(log, anchor) == [("partner:1", 5)]


def test_a_log_written_anew_shows_against_the_anchor(log: Engine) -> None:
    anchor = heads(log)
    rewrite(log, AUDIT.delete())
    for number in range(5):
        for chain in CHAINS:
            grow(log, chain, number + 100)

    assert breaks(log) == []
    assert breaks(log, anchor) == [(chain, 5) for chain in CHAINS]


def test_every_random_change_of_one_character_shows(log: Engine) -> None:
    """A hundred single edits, each made and taken back."""
    chance = random.Random(7)  # noqa: S311 (no secret)
    with reading(log) as connection:
        before = [dict(zip(audit.Entry.__slots__, astuple(entry), strict=True)) for entry in audit.entries(connection)]
    for _ in range(100):
        entry, column = chance.choice(before), chance.choice(("at", "actor", "event", "body", "previous", "hash"))
        place, found = at(entry["sequence"], entry["chain"]), str(entry[column])
        where = chance.randrange(len(found) + 1)
        bent = found[:where] + chance.choice("0123456789abcdef{}") + found[where + chance.randint(0, 1) :]
        rewrite(log, AUDIT.update().where(place).values({column: bent}))
        assert (breaks(log) == []) is (bent == found), (column, found, bent)
        rewrite(log, AUDIT.update().where(place).values({column: found}))


def test_a_body_is_kept_in_full_whatever_is_in_it(engine: Engine) -> None:
    body: dict[str, audit.JsonValue] = {"b": [1, None, {"x": "ü\x00\udc80"}], "a": True}
    transact(engine, lambda connection: audit.append(connection, "c", "e", body, "processor", NOON))

    with reading(engine) as connection:
        (entry,) = audit.entries(connection)
    assert json.loads(entry.body) == body
    assert breaks(engine) == []
