"""Acts through the API: without `shown` an effect and nothing else, with it exactly that, by the pages' own rules."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from processor.adapters.audit import verify
from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import decision, letter, review_item
from processor.adapters.ledger_check import check_ledger
from processor.adapters.tables import allocation, payment
from processor.demo.mails import sample_mails
from tests.console.api import problem, program
from tests.console.house import House
from tests.console.test_acts import BANK, PARTNER, ROLE, do, hidden, rows, show, token_of, with_four_eyes

LINES = [{"payment": "1400310003", "invoice": "G012450104", "amount": "900.00"}]
MADE = select(allocation.c.actor).where(allocation.c.payment_number == "1400310003")


@pytest.fixture
def client(house: House) -> TestClient:
    return program(house, "operator")


def effect(client: TestClient, path: str, **sent: object) -> dict[str, Any]:
    answer = client.post(path, json=sent)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_effect_tells_balances_and_letter_and_does_nothing(house: House, client: TestClient) -> None:
    shown = effect(client, f"/items/{BANK}/apply", lines=LINES)

    assert shown["state"] == "shown"
    (line,) = shown["applications"]
    assert line["payment_left_after"] == {"minor": 0, "currency": "GBP", "decimal": "0.00"}
    assert line["invoice_open_after"]["decimal"] == "1300.00"
    assert "900.00" in shown["letter"]["text"]
    assert rows(house, MADE) == []


def test_what_was_shown_is_done_once_and_recorded(house: House, client: TestClient) -> None:
    sent = {"lines": LINES, "note": "agreed by phone"}
    shown = effect(client, f"/items/{BANK}/apply", **sent)
    done = effect(client, f"/items/{BANK}/apply", **sent, shown=shown["shown"])

    assert done == shown | {"state": "done"}
    assert rows(house, MADE) == [("operator",)]
    assert rows(house, select(decision.c.actor).where(decision.c.round == 1)) == [("operator",)]
    again = client.post(f"/items/{BANK}/apply", json={**sent, "shown": shown["shown"]})
    assert problem(again) == (409, "refused")
    with reading(house.room.engine) as connection:
        assert verify(connection) == ()
    assert check_ledger(house.room.engine) == ()


def test_another_seal_does_nothing_and_shows_how_it_stands(house: House, client: TestClient) -> None:
    answer = client.post(f"/items/{BANK}/apply", json={"lines": LINES, "shown": "0" * 16})

    assert problem(answer) == (409, "changed")
    assert answer.json()["effect"]["applications"][0]["amount"]["minor"] == 90_000
    assert rows(house, MADE) == []


def test_what_changed_since_is_not_done(house: House, client: TestClient) -> None:
    shown = effect(client, f"/items/{BANK}/apply", lines=LINES)
    spent = payment.update().where(payment.c.payment_number == "1400310003").values(unallocated=90_000 - 1)
    transact(house.room.engine, lambda connection: connection.execute(spent).rowcount)

    answer = client.post(f"/items/{BANK}/apply", json={"lines": LINES, "shown": shown["shown"]})

    assert problem(answer) == (409, "refused")
    assert "at most 899.99 fits" in answer.json()["problems"][0]
    assert rows(house, MADE) == []


def test_page_and_program_share_one_seal(house: House, client: TestClient) -> None:
    page = show(house.client("operator"), BANK, "apply", payment="1400310003", invoice="G012450104", amount="900.00")
    shown = effect(client, f"/items/{BANK}/apply", lines=LINES)
    assert hidden(page)["seal"] == [shown["shown"]]
    assert effect(client, f"/items/{BANK}/apply", lines=LINES, shown=shown["shown"])["state"] == "done"
    assert do(house.client("operator"), BANK, "apply", page).status_code == 403  # another session's form
    assert rows(house, MADE) == [("operator",)]


@pytest.mark.parametrize("amount", ["9.00", None])
def test_the_amount_is_a_decimal_or_what_fits(client: TestClient, amount: str | None) -> None:
    lines = [LINES[0] | {"amount": amount}]
    minor = effect(client, f"/items/{BANK}/apply", lines=lines)["applications"][0]["amount"]["minor"]
    assert minor == (900 if amount else 90_000)


@pytest.mark.parametrize("amount", ["1,000", "-5", "1e4", "NaN", 900, 9.0, "12.34567", ""])
def test_what_is_no_decimal_is_refused_at_the_door(client: TestClient, amount: object) -> None:
    answer = client.post(f"/items/{BANK}/apply", json={"lines": [LINES[0] | {"amount": amount}]})
    assert problem(answer) == (422, "invalid")


@pytest.mark.parametrize("wrong", [{"amount": "12.345"}, {"amount": "900.01"}, {"payment": "1"}, {"invoice": "G1"}])
def test_what_the_books_forbid_is_refused(client: TestClient, wrong: dict[str, str]) -> None:
    answer = client.post(f"/items/{BANK}/apply", json={"lines": [LINES[0] | wrong]})
    assert problem(answer) == (409, "refused")


def test_asking_and_rejecting_write_letters(house: House, client: TestClient) -> None:
    asked = {"missing": ["amount", "invoice_number"], "note": "Thank you for calling"}
    shown = effect(client, f"/items/{BANK}/ask", **asked)
    assert "Thank you for calling" in shown["letter"]["text"]
    assert effect(client, f"/items/{BANK}/ask", **asked, shown=shown["shown"])["outcome"] == "needs_details"
    assert rows(house, select(letter.c.kind).where(letter.c.kind == "question", letter.c.text.contains("for calling")))

    rejected = {"reason": "role_not_permitted", "tell": False}
    shown = effect(client, f"/items/{ROLE}/reject", **rejected)
    assert shown["letter"] is None
    assert effect(client, f"/items/{ROLE}/reject", **rejected, shown=shown["shown"])["state"] == "done"
    assert client.get(f"/items/{ROLE}").json()["state"] == "done"


def test_releasing_decides_the_mail_again(house: House, client: TestClient) -> None:
    raw = sample_mails()[7].replace(b"dmarc=pass", b"dmarc=none").replace(b"dkim=pass", b"dkim=none")
    number = house.arrive(raw.replace(b"Message-ID: <", b"Message-ID: <again-"))
    (item,) = rows(house, select(review_item.c.id).where(review_item.c.mail_id == number))

    shown = effect(client, f"/items/{item.id}/release")

    assert shown["letter"]
    assert effect(client, f"/items/{item.id}/release", shown=shown["shown"])["state"] == "done"


def test_above_the_threshold_a_second_person_carries_it_out(house: House) -> None:
    house = with_four_eyes(house)
    first, second, own = program(house, "operator"), program(house, "approver"), house.client("operator")
    shown = effect(first, f"/items/{BANK}/apply", lines=LINES)
    proposed = effect(first, f"/items/{BANK}/apply", lines=LINES, shown=shown["shown"])
    assert (proposed["state"], proposed["approval"]) == ("proposed", 1)
    assert rows(house, MADE) == []
    assert second.get("/status").json()["pending"][0]["proposed_by"] == "operator"

    assert problem(first.post("/approvals/1", json={})) == (403, "forbidden")
    assert own.post("/approval/1", data={"form_token": token_of(own)}).status_code == 403
    seen = effect(second, "/approvals/1")
    assert seen["state"] == "shown"
    assert effect(second, "/approvals/1", shown=seen["shown"])["state"] == "done"
    assert rows(house, MADE) == [("approver",)]
    assert problem(second.post("/approvals/1", json={})) == (404, "not_found")


def test_nobody_approves_their_own_proposal_neither_by_page_nor_by_program(house: House) -> None:
    house = with_four_eyes(house)
    page, client = house.client("approver"), program(house, "approver")
    do(page, BANK, "apply", show(page, BANK, "apply", payment="1400310003", invoice="G012450104", amount="900.00"))

    answer = client.post("/approvals/1", json={"shown": "0" * 16})

    assert problem(answer) == (409, "refused")
    assert "a second person must do this" in answer.json()["problems"][0]
    assert rows(house, MADE) == []


def test_an_allocation_is_taken_back_once_and_only_with_a_reason(house: House) -> None:
    client, path = program(house, "approver"), "/allocations/AL-WHN5BG8Y-1/reverse"
    shown = effect(client, path)
    assert shown["payment_left_after"]["decimal"] == "1840.00"
    assert effect(client, path, shown=shown["shown"])["state"] == "shown"
    assert effect(client, path, shown=shown["shown"], note="wrong invoice")["state"] == "done"
    assert problem(client.post(path, json={})) == (409, "refused")
    assert len(rows(house, select(allocation).where(allocation.c.reverses == "AL-WHN5BG8Y-1"))) == 1
    assert problem(client.post("/allocations/AL-NONE/reverse", json={})) == (409, "refused")


def test_an_item_is_taken_noted_closed_and_opened_again(house: House, client: TestClient) -> None:
    assert effect(client, f"/items/{ROLE}/assign")["assignee"] == "operator"
    assert effect(client, f"/items/{ROLE}/assign", to="")["assignee"] == ""
    assert effect(client, f"/items/{ROLE}/note", note="call  them")["note"].endswith("operator: call them")
    assert effect(client, f"/items/{ROLE}/close", note="told by phone")["state"] == "done"
    assert problem(client.post(f"/items/{ROLE}/assign", json={})) == (409, "conflict")
    assert effect(client, f"/items/{ROLE}/reopen")["state"] == "open"
    assert problem(client.post(f"/items/{ROLE}/note", json={"note": "  "})) == (409, "refused")
    for act in ("assign", "reopen", "apply", "release"):
        assert problem(client.post(f"/items/4711/{act}", json={})) == (404, "not_found")


def test_a_note_on_the_page_stands_with_the_item(house: House) -> None:
    page = house.client("operator")
    page.post(f"/item/{BANK}/note", data={"form_token": token_of(page), "note": "the bank says no"})
    key = program(house, "viewer").get(f"/items/{BANK}").json()["key"]
    assert "operator: the bank says no" in page.get(f"/request/{key}").text


def test_while_a_partner_is_paused_nothing_is_applied(house: House, client: TestClient) -> None:
    pauses = effect(client, f"/partners/{PARTNER}/pause", note="disputes everything")["pauses"]
    assert [one["action"] for one in pauses] == ["applying", "replying"]
    shown = effect(client, f"/items/{BANK}/apply", lines=LINES)
    held = client.post(f"/items/{BANK}/apply", json={"lines": LINES, "shown": shown["shown"]})
    assert problem(held) == (409, "held_back")
    assert effect(client, f"/partners/{PARTNER}/resume")["pauses"] == []
    assert effect(client, f"/items/{BANK}/apply", lines=LINES, shown=shown["shown"])["state"] == "done"
    assert problem(client.post("/partners/nobody/pause", json={"note": "x"})) == (404, "not_found")
