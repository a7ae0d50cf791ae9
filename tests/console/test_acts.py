"""What a person does about a matter, without script: shown first, then done exactly so, once, and in the records."""

import re
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Select, select
from starlette.testclient import TestClient

from processor.adapters.audit import entries, verify
from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import decision, letter, review_item
from processor.adapters.ledger_check import check_ledger
from processor.adapters.tables import allocation, payment
from processor.demo.mails import sample_mails
from tests.console.house import House

BANK, ROLE, SPOOFED = 1, 2, 3  # the demo's review items
PARTNER = "4810225"  # whose payment 1400310003 has 900.00 left, and G012450104 is open at 2200.00


def hidden(text: str) -> dict[str, list[str]]:
    """The fields that the effect's page keeps, and its seal."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text):
        found.setdefault(name, []).append(value)
    for seal in re.findall(r'name="seal" value="(\w+)"', text):
        found["seal"] = [seal]
    return found


def token_of(client: TestClient) -> str:
    return hidden(client.get("/").text)["form_token"][0]


def show(client: TestClient, item: int, act: str, **form: str | list[str]) -> str:
    answer = client.post(f"/item/{item}/decide/{act}", data={"form_token": token_of(client), **form})
    assert answer.status_code == 200, answer.text
    return answer.text


def do(client: TestClient, item: int, act: str, shown: str) -> Response:
    return client.post(f"/item/{item}/decide/{act}", data=hidden(shown))


def rows(house: House, query: Select[Any]) -> list[Any]:
    with reading(house.room.engine) as connection:
        return list(connection.execute(query))


LINE = {"payment": ["1400310003", ""], "invoice": ["G012450104", ""], "amount": ["900.00", ""]}


def test_the_effect_of_applying_is_shown_and_changes_nothing(house: House) -> None:
    shown = show(house.client("operator"), BANK, "apply", **LINE)

    assert "GBP\N{NO-BREAK SPACE}900.00" in shown  # left now
    assert "GBP\N{NO-BREAK SPACE}1,300.00" in shown  # open then
    assert rows(house, select(allocation).where(allocation.c.payment_number == "1400310003")) == []


def test_what_was_shown_is_done_and_recorded(house: House) -> None:
    client = house.client("operator")
    answer = do(client, BANK, "apply", show(client, BANK, "apply", **LINE, note="agreed by phone"))

    assert answer.status_code == 303
    (made,) = rows(house, select(allocation).where(allocation.c.payment_number == "1400310003"))
    assert (made.amount, made.actor) == (90_000, "operator")
    assert rows(house, select(review_item.c.state, review_item.c.closed_by).where(review_item.c.id == BANK)) == [
        ("done", "operator")
    ]
    (second,) = rows(house, select(decision.c.actor, decision.c.outcome).where(decision.c.round == 1))
    assert tuple(second) == ("operator", "applied")
    (written,) = rows(
        house, select(letter.c.text).where(letter.c.request == made.request, letter.c.kind == "confirmation")
    )
    assert "agreed by phone" in written.text
    with reading(house.room.engine) as connection:
        assert verify(connection) == ()
        assert any(one.actor == "operator" and one.event == "decided" for one in entries(connection))
    assert check_ledger(house.room.engine) == ()


def test_what_changed_since_is_shown_again_and_not_done(house: House) -> None:
    client = house.client("operator")
    shown = show(client, BANK, "apply", **LINE)
    spent = payment.update().where(payment.c.payment_number == "1400310003").values(unallocated=90_000 - 1)
    transact(house.room.engine, lambda connection: connection.execute(spent).rowcount)

    answer = do(client, BANK, "apply", shown)

    assert answer.status_code == 422
    assert "at most 899.99 fits" in answer.text
    assert rows(house, select(allocation).where(allocation.c.payment_number == "1400310003")) == []


def test_a_letter_that_reads_otherwise_now_is_shown_again(house: House) -> None:
    client = house.client("operator")
    shown = show(client, ROLE, "reject", reason="role_not_permitted", note="first")
    other = hidden(shown) | {"seal": ["0" * 16]}

    answer = client.post(f"/item/{ROLE}/decide/reject", data=other)

    assert answer.status_code == 409
    assert "Something has changed" in answer.text
    assert rows(house, select(review_item.c.state).where(review_item.c.id == ROLE)) == [("open",)]


def test_of_two_people_the_second_is_told(house: House) -> None:
    first, second = house.client("operator"), house.client("approver")
    shown = [show(one, ROLE, "reject", reason="role_not_permitted") for one in (first, second)]

    assert do(first, ROLE, "reject", shown[0]).status_code == 303
    assert do(second, ROLE, "reject", shown[1]).status_code == 422


def test_asking_writes_a_question_in_the_partners_language(house: House) -> None:
    client = house.client("operator")
    shown = show(client, BANK, "ask", missing=["amount", "invoice_number"], note="Thank you for calling")
    assert "Thank you for calling" in shown

    assert do(client, BANK, "ask", shown).status_code == 303
    assert rows(house, select(letter.c.kind).where(letter.c.kind == "question", letter.c.text.contains("for calling")))


@pytest.mark.parametrize("form", [{}, {"missing": ["nothing"]}])
def test_a_question_about_nothing_is_refused(house: House, form: dict[str, Any]) -> None:
    client = house.client("operator")
    answer = client.post(f"/item/{BANK}/decide/ask", data={"form_token": token_of(client), **form})
    assert answer.status_code == 422


@pytest.mark.parametrize("amount", ["1,000", "-5", "1e400", "12.345", "NaN", "all"])
def test_an_amount_that_is_none_is_refused(house: House, amount: str) -> None:
    client = house.client("operator")
    form = {**LINE, "amount": [amount, ""], "form_token": token_of(client)}
    assert client.post(f"/item/{BANK}/decide/apply", data=form).status_code == 422


def test_taking_giving_back_closing_and_opening_again(house: House) -> None:
    client = house.client("operator")
    form = {"form_token": token_of(client)}
    client.post(f"/item/{ROLE}/assign", data=form | {"to": "me"})
    assert rows(house, select(review_item.c.assigned_to).where(review_item.c.id == ROLE)) == [("operator",)]
    assert "Paiement 1400640001" in client.get("/queue?assignee=operator").text
    client.post(f"/item/{ROLE}/assign", data=form | {"to": ""})
    assert "Paiement 1400640001" not in client.get("/queue?assignee=operator").text
    client.post(f"/item/{ROLE}/close", data=form | {"note": "told by phone"})
    assert "told by phone" in client.get("/queue?state=done").text
    client.post(f"/item/{ROLE}/reopen", data=form)
    assert "Paiement 1400640001" in client.get("/queue").text


def test_an_allocation_is_taken_back_once(house: House) -> None:
    client = house.client("approver")
    form = {"form_token": token_of(client)}
    shown = client.post("/allocation/AL-WHN5BG8Y-1/reverse", data=form)
    assert "GBP\N{NO-BREAK SPACE}1,840.00" in shown.text
    sealed = hidden(shown.text) | {"note": "wrong invoice"}

    assert client.post("/allocation/AL-WHN5BG8Y-1/reverse", data=sealed).status_code == 303
    assert client.post("/allocation/AL-WHN5BG8Y-1/reverse", data=sealed).status_code == 409
    assert "was taken back" in client.get(f"/partner/{PARTNER}").text
    assert check_ledger(house.room.engine) == ()


def test_a_mail_held_for_its_sender_is_released_on_a_persons_word(house: House) -> None:
    raw = sample_mails()[7].replace(b"dmarc=pass", b"dmarc=none").replace(b"dkim=pass", b"dkim=none")
    number = house.arrive(raw.replace(b"Message-ID: <", b"Message-ID: <again-"))
    (item,) = rows(house, select(review_item.c.id).where(review_item.c.mail_id == number))
    client = house.client("operator")

    shown = show(client, item.id, "release")

    assert "This letter leaves" in shown
    assert do(client, item.id, "release", shown).status_code == 303


def test_finding_by_number_leads_there(house: House) -> None:
    client = house.client("viewer")
    assert client.get("/find?q=G012450104").headers["location"] == f"/partner/{PARTNER}#G012450104"
    assert client.get("/find?q=ar-4bekberx").headers["location"] == "/request/AR-4BEKBERX"
    assert "Harbour" in client.get("/queue?q=harbour").text
    assert "Nothing is like that" in client.get("/queue?q=nobody%25").text


def test_the_statement_is_a_file_with_every_row(house: House) -> None:
    answer = house.client("viewer").get(f"/partner/{PARTNER}/statement.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "payment,1400310003,GBP,900.00,900.00,2026-11-09" in answer.text
    assert "invoice,G012450104,GBP,2200.00,2200.00," in answer.text


def test_no_secret_is_on_the_page_of_settings(house: House) -> None:
    text = house.client("administrator").get("/settings").text
    assert "a seal for one test" not in text
    assert "program" in text


def with_four_eyes(house: House) -> House:
    safety = house.room.settings.safety.model_copy(update={"four_eyes": {"GBP": "500"}})
    settings = house.room.settings.model_copy(update={"safety": safety})
    return replace(house, room=replace(house.room, settings=settings))


def test_above_the_threshold_a_second_person_carries_it_out(house: House) -> None:
    house = with_four_eyes(house)
    first, second = house.client("approver"), house.client("operator")
    made = select(allocation.c.actor).where(allocation.c.payment_number == "1400310003")

    assert do(second, BANK, "apply", show(second, BANK, "apply", **LINE)).headers["location"].endswith("proposed=1")
    assert rows(house, made) == []
    assert "Waits for a second person" in first.get("/").text
    assert second.post("/approval/1", data={"form_token": token_of(second)}).status_code == 403
    seen = first.post("/approval/1", data={"form_token": token_of(first)})
    assert "1,300.00" in seen.text
    assert first.post("/approval/1", data=hidden(seen.text)).status_code == 303
    assert rows(house, made) == [("approver",)]


def test_nobody_approves_their_own_proposal(house: House) -> None:
    house = with_four_eyes(house)
    client = house.client("approver")
    do(client, BANK, "apply", show(client, BANK, "apply", **LINE))

    answer = client.post("/approval/1", data={"form_token": token_of(client), "seal": "anything"})

    assert "a second person must do this" in answer.text
    assert rows(house, select(allocation.c.actor).where(allocation.c.payment_number == "1400310003")) == []


def test_a_partner_is_paused_and_goes_on(house: House) -> None:
    client = house.client("operator")
    form = {"form_token": token_of(client)}
    client.post(f"/partner/{PARTNER}/pause", data=form | {"note": "disputes everything"})
    assert "disputes everything" in client.get("/").text
    shown = show(client, BANK, "apply", **LINE)
    answer = do(client, BANK, "apply", shown)
    assert answer.status_code == 409
    assert "paused" in answer.text.lower()
    client.post(f"/partner/{PARTNER}/pause", data=form | {"resume": "1"})
    assert do(client, BANK, "apply", shown).status_code == 303
