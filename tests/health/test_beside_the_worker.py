"""The pages about health, served by a worker that really runs."""

import json
import socket
import time
import urllib.request
from urllib.error import URLError

from tests.scenarios.conftest import world
from tests.scenarios.test_whole_worker import running
from tests.scenarios.world import World, labelled_mails

__all__ = ["world"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def fetched(address: str) -> str:
    """The page, once it is there and well."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 our own page
                return str(answer.read().decode())
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(address)


def test_a_running_worker_says_that_it_is_well(world: World) -> None:
    port = free_port()
    world.config.write_text(f'{world.config.read_text()}[health]\nlisten = "127.0.0.1:{port}"\ncheck_seconds = 1\n')
    world.deliver(labelled_mails()[:2])

    with running(world):
        assert fetched(f"http://127.0.0.1:{port}/livez") == "ok\n"
        assert json.loads(fetched(f"http://127.0.0.1:{port}/readyz"))["ready"] is True
        metrics = fetched(f"http://127.0.0.1:{port}/metrics")

    assert 'allocation_processor_sign_of_life_age_seconds{what="progress"}' in metrics
    assert 'allocation_processor_events_total{event="started"} 1.0' in metrics
