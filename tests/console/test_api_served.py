"""The API over a real connection: bodies in pieces, bodies too large, HEAD, and a session's cookie that is no key."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from processor.console.guard import COOKIE, HEADERS, LONGEST
from tests.console.api import token_for
from tests.console.house import House
from tests.console.test_acts import BANK


@pytest.fixture
def line(at: str) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(urlsplit(at).netloc, timeout=10)
    yield connection
    connection.close()


def ask(line: HTTPConnection, method: str, path: str, token: str, body: object = None) -> HTTPResponse:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    line.request(method, f"/api/v1{path}", body, headers)  # type: ignore[arg-type]
    return line.getresponse()


def test_it_reads_acts_and_answers_over_one_connection(house: House, line: HTTPConnection) -> None:
    token = token_for(house, "operator")
    head = ask(line, "HEAD", "/queue", token)
    assert (head.status, head.read()) == (200, b"")
    queue = ask(line, "GET", "/queue", token)
    assert {name: queue.headers[name] for name in HEADERS} == HEADERS
    assert BANK in [one["id"] for one in json.load(queue)["items"]]
    pieces = (part for part in (b'{"reason": ', b'"spam"}'))
    shown = ask(line, "POST", f"/items/{BANK}/reject", token, pieces)
    seal = json.load(shown)["shown"]
    done = ask(line, "POST", f"/items/{BANK}/reject", token, json.dumps({"reason": "spam", "shown": seal}))
    assert (done.status, json.load(done)["state"]) == (200, "done")


def test_a_body_in_pieces_is_read_no_further_than_the_limit(house: House, line: HTTPConnection) -> None:
    pieces = (b" " * 10_000 for _ in range(LONGEST // 10_000 + 2))
    answer = ask(line, "POST", f"/items/{BANK}/reject", token_for(house, "operator"), pieces)
    assert (answer.status, json.load(answer)["status"]) == (413, 413)


def test_a_sessions_cookie_is_no_key(house: House, line: HTTPConnection) -> None:
    cookie = house.client("approver").cookies[COOKIE]
    line.request("GET", "/queue", headers={"Cookie": f"{COOKIE}={cookie}"})
    page = line.getresponse()
    page.read()
    line.request("GET", "/api/v1/queue", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert (page.status, line.getresponse().status) == (200, 401)
