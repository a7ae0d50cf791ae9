"""Replay through the API: the pages' own checks, one at a time, cancelled at any moment, and nothing applied."""

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from processor.console.drafts import LONGEST
from processor.console.guard import LONGEST as USUAL
from processor.policy_files import PROFILE
from tests.console.api import problem, program
from tests.console.house import House
from tests.console.test_replay import SPAN, applied, counts, nobody_may


@pytest.fixture
def client(house: House) -> TestClient:
    return program(house, "auditor")


def ended(client: TestClient, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(300):
        found = client.get(f"/replays/{name}").json()
        if found["state"] != "running":
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def test_what_would_change_is_told_with_its_money_and_nothing_is_applied(house: House, client: TestClient) -> None:
    before = counts(house)
    begun = client.post("/replays", json={"file": PROFILE, "text": nobody_may(house), **SPAN}).json()
    found = ended(client, begun["id"])

    assert (found["state"], found["number"], found["total"], found["by"]) == ("done", 16, 16, "auditor")
    assert {one["currency"]: one["minor"] for one in found["less"]} == applied(house)
    assert found["changed"] == len(found["changes"]) > 0
    assert {one["after"]["codes"][0] for one in found["changes"]} == {"role_not_permitted"}
    assert '+allocate = ["nobody"]' in found["difference"]
    (listed,) = client.get("/replays").json()["replays"]
    assert listed.items() < found.items()
    assert counts(house) == before


def test_one_at_a_time_and_it_can_be_cancelled(house: House, client: TestClient) -> None:
    words = client.get("/words?file=lexicon/en").json()
    sent = {"file": words["file"], "text": words["text"], **SPAN}
    name = client.post("/replays", json=sent).json()["id"]
    assert problem(client.post("/replays", json=sent)) == (409, "conflict")
    assert client.post(f"/replays/{name}/cancel").json()["state"] == "cancelled"
    assert ended(client, name)["number"] <= 16
    house.room.trials.stop()


@pytest.mark.parametrize(("sent", "told"), [
    ({"file": PROFILE, "text": "name = "}, "is not TOML"),
    ({"file": PROFILE, "text": ""}, "is wrong"),
    ({"file": "../../etc/passwd", "text": "x = 1"}, "there is no such file"),
    ({"file": PROFILE, "text": "", "folder": "november"}, "there is no such folder"),
])  # fmt: skip
def test_an_unsound_draft_is_refused_with_what_is_wrong(client: TestClient, sent: dict[str, str], told: str) -> None:
    answer = client.post("/replays", json=sent)
    assert problem(answer) == (409, "refused")
    assert told in answer.json()["problems"][0]


def test_only_a_draft_may_be_long(client: TestClient) -> None:
    long = {"file": "x", "text": "#" * (2 * USUAL)}
    assert problem(client.post("/replays", json=long)) == (409, "refused")
    assert problem(client.post("/replays", json={"file": "x", "text": "#" * LONGEST})) == (413, "too_large")


def test_what_is_not_there_is_said(client: TestClient) -> None:
    for answer in (
        client.get("/words?file=lexicon/xx"),
        client.get("/replays/none"),
        client.post("/replays/none/cancel"),
    ):
        assert problem(answer) == (404, "not_found")


@pytest.mark.parametrize("days", [("0001-01-01", "9999-12-31"), ("", "9999-12-31"), ("", "0001-01-01")])
def test_no_day_of_the_calendar_breaks_a_page(house: House, days: tuple[str, str]) -> None:
    since, until = days
    assert house.client("auditor").get(f"/reports?since={since}&until={until}").status_code == 200
