"""What the API tells: the queue by stretches, a request to the last rule, accounts, the log, how things stand."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from processor.adapters.engine import transact
from processor.adapters.journal_tables import request, review_item
from processor.demo.mails import sample_mails
from tests.console.api import problem, program
from tests.console.house import House
from tests.console.test_acts import PARTNER


@pytest.fixture
def client(house: House) -> TestClient:
    return program(house, "viewer")


def told(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def walk(client: TestClient, path: str, rows: str) -> list[dict[str, Any]]:
    """Follow the cursors to the end."""
    found, cursor = [], ""
    while True:
        page = told(client, f"{path}cursor={cursor}")
        found += page[rows]
        cursor = page["next"]
        if not cursor:
            return found


def multiply(engine: Engine, times: int) -> None:
    """Let there be many more items and requests, several at the same moment."""
    with engine.connect() as connection:
        item = dict(connection.execute(select(review_item).limit(1)).mappings().one()) | {"mail_id": None}
        asked = dict(connection.execute(select(request).limit(1)).mappings().one())
    del item["id"]
    items = [item for _ in range(times)]
    requests = [asked | {"reference": f"AR-MANY{number:03}"} for number in range(times)]
    transact(engine, lambda connection: connection.execute(review_item.insert(), items).rowcount)
    transact(engine, lambda connection: connection.execute(request.insert(), requests).rowcount)


def test_the_queue_is_filtered_and_searched_as_on_its_page(client: TestClient) -> None:
    everything = told(client, "/queue")
    assert everything["count"] == len(everything["items"]) > 2
    assert [one["sender"] for one in told(client, "/queue?q=harbour")["items"]] != []
    assert told(client, "/queue?q=nobody%25")["items"] == []
    kind = everything["items"][0]["kind"]
    assert {one["kind"] for one in told(client, f"/queue?kind={kind}")["items"]} == {kind}
    assert told(client, "/queue?state=done")["items"] == []
    assert told(client, "/queue?before=2020-01-01T00:00:00Z")["items"] == []


def test_lists_go_on_behind_their_last_row_and_miss_none(house: House, client: TestClient) -> None:
    multiply(house.room.engine, 130)
    numbers = [one["id"] for one in walk(client, "/queue?", "items")]
    assert len(numbers) == len(set(numbers)) == told(client, "/queue")["count"] > 130
    assert len(walk(client, "/queue?q=a&", "items")) == told(client, "/queue?q=a")["count"]
    references = [one["reference"] for one in walk(client, "/requests?", "requests")]
    assert len(references) == len(set(references)) > 130
    assert len(walk(client, "/requests?q=ar-many&state=applied&", "requests")) in {0, 130}


def test_requests_are_filtered(client: TestClient) -> None:
    found = told(client, "/requests")["requests"]
    assert found == sorted(found, key=lambda one: (one["opened_at"], one["reference"]), reverse=True)
    assert told(client, f"/requests?partner={PARTNER}")["requests"]
    states = {one["state"] for one in found}
    for state in states:
        assert {one["state"] for one in told(client, f"/requests?state={state}")["requests"]} == {state}
    assert [one["reference"] for one in told(client, "/requests?q=4bekberx")["requests"]] == ["AR-4BEKBERX"]


def test_a_request_tells_its_mails_rules_evidence_letters_and_money(client: TestClient) -> None:
    found = told(client, "/requests/AR-WHN5BG8Y")
    (mail,) = found["mails"]
    texts = {one["name"]: one["text"] for one in mail["sources"]}
    (decided,) = mail["decisions"]
    assert [rule["rule"] for rule in decided["rules"] if rule["hit"]]
    for one in decided["evidence"]:
        if one["seen"]:
            assert one["seen"] in texts[one["source"]][one["start"] : one["end"]]
    assert decided["applications"][0]["amount"]["decimal"]
    assert found["letters"][0]["text"]
    assert found["allocations"][0]["payment"] == decided["applications"][0]["payment"]
    assert found["acting"] is None
    assert problem(client.get("/requests/AR-NONE")) == (404, "not_found")


def test_a_mail_and_its_parts_come_as_bytes_to_keep(client: TestClient) -> None:
    (mail,) = told(client, "/requests/AR-JZK6E2ED")["mails"]
    original = client.get(f"/mails/{mail['id']}/original")
    assert original.content in sample_mails()
    (file,) = mail["attachments"]
    part = client.get(f"/mails/{mail['id']}/parts/{file['part']}")
    assert len(part.content) == file["size"]
    for answer in (original, part):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
    assert problem(client.get(f"/mails/{mail['id']}/parts/9.9")) == (404, "not_found")
    assert problem(client.get("/mails/4711/original")) == (404, "not_found")


def test_who_may_act_is_told_what_can_be_done(house: House, client: TestClient) -> None:
    key = told(client, "/items/1")["key"]
    assert told(client, f"/requests/{key}")["acting"] is None
    assert told(program(house, "operator", ("read",)), f"/requests/{key}")["acting"] is None
    assert told(program(house, "operator"), f"/requests/{key}")["acting"] == 1


def test_an_account_tells_payments_invoices_and_what_is_published_when(client: TestClient) -> None:
    found = told(client, f"/partners/{PARTNER}")
    left = {one["number"]: one["left"]["decimal"] for one in found["payments"]}
    assert left["1400310003"] == "900.00"
    assert "G012450104" in {one["number"] for one in found["invoices"]}
    assert all(one["published_at"] or one["published_by"] for one in found["allocations"])
    statement = told(client, f"/partners/{PARTNER}/statement")
    assert {one["number"] for one in statement["rows"] if one["kind"] == "payment"} == set(left)
    assert problem(client.get("/partners/nobody/statement")) == (404, "not_found")
    assert told(client, "/find?q=G012450104")["found"][0]["address"] == f"/partner/{PARTNER}#G012450104"


def test_the_log_is_told_by_stretches_and_verified(house: House) -> None:
    client = program(house, "auditor")
    entries = walk(client, "/audit?", "entries")
    places = [(one["chain"], one["sequence"]) for one in entries]
    assert len(places) == len(set(places)) > 5
    assert {one["event"] for one in told(client, "/audit?event=token_added")["entries"]} == {"token_added"}
    assert told(client, "/audit?until=2020-01-01")["entries"] == []
    assert told(client, "/audit/verify") == {"holds": True, "breaks": []}


def test_settings_are_told_without_secrets(house: House) -> None:
    answer = program(house, "administrator").get("/settings")
    assert "a seal for one test" not in answer.text
    assert {"section": "", "key": "seal", "value": "set"}.items() <= answer.json()["settings"][1].items()


def test_how_things_stand(client: TestClient) -> None:
    status = told(client, "/status")
    assert status["review"]["count"] == told(client, "/queue")["count"]
    health = told(client, "/health")
    assert health["well"] == all(one["well"] for one in health["checks"])
    report = told(client, "/reports?since=2026-11-01&until=9999-12-31")
    assert 0 < report["straight_through_by_envelope"] <= 1
    assert told(client, "/reports?since=0001-01-01&until=0001-01-01")["lines"] == 0


def test_letters_are_shown_in_every_language(client: TestClient) -> None:
    everything = told(client, "/letters?kind=confirmation")
    assert [one["language"] for one in everything["letters"]] == everything["languages"]
    (german,) = told(client, "/letters?kind=reminder&language=de")["letters"]
    assert "1400000001" in german["text"]


def test_people_and_tokens_are_told_and_tokens_revoked(house: House) -> None:
    client, other = program(house, "administrator"), program(house, "viewer")
    assert len(told(client, "/accounts")["accounts"]) == 5
    newest = told(client, "/tokens")["tokens"][0]
    assert (newest["login"], newest["used_at"]) == ("viewer", None)
    assert "arp_" not in client.get("/tokens").text
    assert client.post(f"/tokens/{newest['id']}/revoke").status_code == 200
    assert other.get("/whoami").status_code == 401
    assert problem(client.post(f"/tokens/{newest['id']}/revoke")) == (404, "not_found")
