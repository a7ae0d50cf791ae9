"""Programs that call the API in somebody's name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from processor.adapters.tokens_sql import NewToken, add_token
from processor.console.api.problems import MEDIA_TYPE, TYPE
from processor.console.app import app_for
from tests.console.house import HERE, House

ALL = ("read", "act", "approve", "audit", "administer")
FILLED = {"{key}": "AR-4BEKBERX", "{item}": "1", "{partner}": "4810225", "{approval}": "1",
          "{name}": "AL-WHN5BG8Y-1", "{token}": "999999", "{mail}": "1", "{part}": "1", "{replay}": "none"}  # fmt: skip


def token_for(house: House, login: str, scopes: Iterable[str] = ALL, days: float = 30) -> str:
    """Give out a token whatever the role: what it is worth is decided when it comes back."""
    now = house.clock.now()
    return add_token(house.room.engine, NewToken(login, "a test", tuple(scopes), now + timedelta(days=days)), "t", now)


def program(house: House, login: str, scopes: Iterable[str] = ALL) -> TestClient:
    return bearing(house, token_for(house, login, scopes))


def bearing(house: House, token: str) -> TestClient:
    client = TestClient(app_for(house.room), base_url=f"{HERE}/api/v1", follow_redirects=False)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def address(path: str) -> str:
    for hole, value in FILLED.items():
        path = path.replace(hole, value)
    return path


def problem(answer: Response) -> tuple[int, str]:
    """What an answer complains of: its status and its code."""
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["type"].startswith(TYPE)
    return answer.status_code, told["type"].removeprefix(TYPE)
