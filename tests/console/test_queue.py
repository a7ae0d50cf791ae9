"""The queue when it is long: page by page without a gap, searched, and several items taken at once."""

import re
from datetime import timedelta

from sqlalchemy import select

from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import review_item
from processor.adapters.queue_sql import PAGE, Wanted, read_queue
from tests.console.house import NOW, House
from tests.console.test_acts import PARTNER, token_of

MORE = 2 * PAGE + 7


def lengthen(house: House, state: str = "open") -> None:
    """Put more items before operations, many of them at the same moment."""
    rows: list[dict[str, object]] = [
        {
            "kind": "over_limit",
            "note": f"item number {number}",
            "state": state,
            "opened_at": NOW - timedelta(days=number // 10),
            "resolution": "",
        }
        for number in range(MORE)
    ]
    transact(house.room.engine, lambda connection: connection.execute(review_item.insert(), rows).rowcount)


def walked(house: House, wanted: Wanted) -> list[int]:
    """Go through the queue page by page."""
    found = read_queue(house.room.engine, wanted)
    numbers = [one.id for one in found.items]
    while found.more:
        assert len(found.items) == PAGE
        found = read_queue(house.room.engine, Wanted(wanted.state, wanted.kind, after=numbers[-1], words=wanted.words))
        numbers += [one.id for one in found.items]
    assert found.count == len(numbers)
    return numbers


def ordered(house: House, state: str) -> list[int]:
    with reading(house.room.engine) as connection:
        rows = select(review_item.c.id).where(review_item.c.state == state)
        return list(connection.scalars(rows.order_by(review_item.c.opened_at, review_item.c.id)))


def test_pages_follow_upon_each_other_without_a_gap(house: House) -> None:
    lengthen(house)
    assert walked(house, Wanted()) == ordered(house, "open")
    client = house.client("viewer")
    texts, place = [], "/queue"
    while place:
        texts.append(client.get(place).text)
        more = re.search('href="(/queue[^"]*after=[0-9]+)">More', texts[-1])
        place = more[1].replace("&amp;", "&") if more else ""
    assert sum(text.count("<tr data-row>") for text in texts) == len(ordered(house, "open"))
    assert "From the start" in texts[1]


def test_what_is_done_is_shown_the_newest_first(house: House) -> None:
    lengthen(house, "done")
    assert walked(house, Wanted(state="done")) == ordered(house, "done")[::-1]


def test_what_is_searched_is_leafed_through_too(house: House) -> None:
    everyone = len(ordered(house, "open"))
    words = [PARTNER, "harbour", "bank account"]
    counts = [len(walked(house, Wanted(words=one))) for one in words]
    assert all(0 < count <= everyone for count in counts)
    assert walked(house, Wanted(words="nobody%")) == []


def test_several_items_are_taken_and_given_back_at_once(house: House) -> None:
    client = house.client("operator")
    form = {"form_token": token_of(client)}
    client.post("/item/3/close", data=form | {"note": "done elsewhere"})

    place = client.post("/queue/assign", data=form | {"item": ["1", "2", "3", "77", "x"], "to": "me"}).headers[
        "location"
    ]

    assert place == "/queue?assigned=2&left=2"
    assert "2 items have changed hands; 2 no longer waited" in client.get(place).text
    found = read_queue(house.room.engine, Wanted(assignee="operator"))
    assert [one.id for one in found.items] == [1, 2]
    client.post("/queue/assign", data=form | {"item": ["1"], "to": ""})
    assert read_queue(house.room.engine, Wanted(assignee="operator")).count == 1
    assert "checkbox" not in house.client("viewer").get("/queue").text


def test_the_statement_is_printed_whole_with_its_sums(house: House) -> None:
    page = house.client("viewer").get(f"/partner/{PARTNER}/statement").text
    assert "1400310003" in page
    assert "1 in GBP" in page
    assert page.count("GBP\N{NO-BREAK SPACE}2,200.00") == 3
    assert house.client("viewer").get("/partner/none/statement").status_code == 404
