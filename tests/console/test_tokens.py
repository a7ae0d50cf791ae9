"""The page of tokens: shown once, never more than its person may, nobody else's that move money, revoked at once."""

import re

from starlette.testclient import TestClient

from processor.adapters.accounts_sql import CHAIN
from processor.adapters.audit import entries
from processor.adapters.engine import reading
from tests.console.api import bearing
from tests.console.house import House
from tests.console.test_acts import token_of


def give(client: TestClient, **form: str | list[str]) -> tuple[int, str]:
    sent = {"form_token": token_of(client), "name": "a job", "scope": ["read", "act"], "days": "30"}
    answer = client.post("/tokens", data=sent | form)
    found = re.search(r"arp_[\w-]{43}", answer.text)
    return answer.status_code, found[0] if found else answer.text


def test_a_token_is_given_out_shown_once_and_revoked(house: House) -> None:
    client = house.client("operator")
    status, token = give(client)
    assert (status, bearing(house, token).get("/whoami").json()["may"]) == (200, ["read", "act"])
    assert token not in client.get("/tokens").text
    client.post("/tokens/1/revoke", data={"form_token": token_of(client)})
    assert bearing(house, token).get("/whoami").status_code == 401
    assert "revoked" in client.get("/tokens").text
    assert client.post("/tokens/1/revoke", data={"form_token": token_of(client)}).status_code == 422
    with reading(house.room.engine) as connection:
        events = [(one.event, one.actor) for one in entries(connection) if one.chain == CHAIN]
    assert events[-2:] == [("token_added", "operator"), ("token_revoked", "operator")]


def test_others_tokens_are_an_administrators_and_move_no_money(house: House) -> None:
    administrator, viewer = house.client("administrator"), house.client("viewer")
    status, token = give(administrator, login="operator", scope=["read"])
    assert (status, bearing(house, token).get("/whoami").json()["login"]) == (200, "operator")
    for scope in ("act", "approve"):
        status, told = give(administrator, login="approver", scope=["read", scope])
        assert (status, "given out by approver themselves" in told) == (422, True)
    status, told = give(viewer, login="operator", scope=["read"])
    assert (status, "of your own alone" in told) == (422, True)
    assert "a job" not in viewer.get("/tokens").text
    assert viewer.post("/tokens/1/revoke", data={"form_token": token_of(viewer)}).status_code == 422
    assert "operator" in administrator.get("/tokens").text
    assert administrator.post("/tokens/1/revoke", data={"form_token": token_of(administrator)}).status_code == 303
    assert bearing(house, token).get("/whoami").status_code == 401


def test_what_a_token_may_not_be_is_said_and_none_is_given(house: House) -> None:
    client = house.client("administrator")
    for form, words in (
        ({"scope": ["approve"]}, "administrator is administrator and may not do: approve"),
        ({"login": "viewer", "scope": ["audit"]}, "viewer is viewer and may not do: audit"),
        ({"scope": []}, "a token needs a scope"),
        ({"scope": ["read"], "days": "0"}, "a token lasts from 1 to 366 days"),
        ({"scope": ["read"], "days": "1000"}, "a token lasts from 1 to 366 days"),
        ({"scope": ["read"], "name": ""}, "a token needs a name"),
        ({"login": "nobody", "scope": ["read"]}, "there is no such account"),
    ):
        status, told = give(client, **form)
        assert (status, words in told) == (422, True), told
    assert "There is none." in client.get("/tokens").text
