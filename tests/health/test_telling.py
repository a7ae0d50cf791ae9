"""How health is told: by command, by web address, as pages for machines, as a command for people."""

import json
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from processor.adapters.alerts import AlertChannel, AlertNotToldError
from processor.cli.app import app
from processor.cli.ending import run
from processor.health_pages import NoHealthPortError, pages_for, serving
from processor.metrics import metrics_text
from processor.settings import Settings
from processor.settings_load import BadSettingsError, load_settings
from processor.watch import watch_for
from tests.adapters.samples import ManualClock
from tests.follow_up.world import apply
from tests.health.installation import Installation

ALERT = {"alert": "poll", "state": "begins", "words": "the mailbox was not read"}


def test_a_command_gets_the_alert_as_json(tmp_path: Path) -> None:
    script = f"import sys, pathlib; pathlib.Path({str(tmp_path / 'alert')!r}).write_text(sys.stdin.read())"

    AlertChannel(f'{sys.executable} -c "{script}"', "").tell(ALERT)

    assert json.loads((tmp_path / "alert").read_text()) == ALERT


@pytest.mark.parametrize("command", ["/nowhere/at/all", f"{sys.executable} -c 'raise SystemExit(3)'"])
def test_a_command_that_fails_is_said(command: str) -> None:
    with pytest.raises(AlertNotToldError):
        AlertChannel(command, "").tell(ALERT)


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[bytes]]]:
    """A web address that keeps what is posted, and answers 500 to what is called `bad`."""
    posted: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if self.path == "/bad" else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", posted
    server.shutdown()
    server.server_close()


def test_a_web_address_gets_the_alert(webhook: tuple[str, list[bytes]]) -> None:
    address, posted = webhook

    AlertChannel("", f"{address}/secret-token").tell(ALERT)

    assert [json.loads(one) for one in posted] == [ALERT]


def test_what_the_web_address_answered_is_said_without_its_secret(webhook: tuple[str, list[bytes]]) -> None:
    with pytest.raises(AlertNotToldError, match="answered 500") as failure:
        AlertChannel("", f"{webhook[0]}/bad").tell(ALERT)

    assert "127.0.0.1" not in str(failure.value)


def test_metrics_are_what_prometheus_reads(installation: Installation) -> None:
    apply(installation.engine, installation.clock)
    installation.run(timedelta(minutes=2))

    families = {
        one.name: one for one in text_string_to_metric_families(metrics_text(installation.watch.look()).decode())
    }

    assert families["allocation_processor_up"].samples[0].value == 1
    assert families["allocation_processor_reconcile_difference"].samples[0].value == 0
    outcomes = {
        one.labels["outcome"]: one.value for one in families["allocation_processor_mails_decided_last_day"].samples
    }
    assert outcomes == {"applied": 1}
    assert {one.labels["alert"] for one in families["allocation_processor_alert"].samples} >= {
        "poll",
        "outbox",
        "database",
    }


def test_no_label_names_a_partner_a_person_or_an_address(installation: Installation) -> None:
    apply(installation.engine, installation.clock)
    installation.run(timedelta(minutes=2))

    text = metrics_text(installation.watch.look()).decode()

    assert "@" not in text
    assert "4000001" not in text


def fetched(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 our own pages
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_the_pages_say_when_the_loop_stands_and_when_work_cannot_go_on(installation: Installation) -> None:
    installation.run(timedelta(minutes=2))
    ages = [timedelta(seconds=5)]
    pages = pages_for(installation.watch, lambda: ages[0], timedelta(minutes=5))

    with serving(pages, "127.0.0.1:0") as address:
        assert fetched(f"{address}/livez") == (200, "ok\n")
        assert json.loads(fetched(f"{address}/readyz")[1]) == {"ready": True, "wrong": {}}
        assert "allocation_processor_up 1.0" in fetched(f"{address}/metrics")[1]
        ages[0] = timedelta(minutes=6)
        installation.clock.moment += timedelta(minutes=10)
        assert fetched(f"{address}/livez") == (503, "stuck\n")
        status, body = fetched(f"{address}/readyz")
        assert (status, list(json.loads(body)["wrong"])) == (503, ["poll"])


def test_a_port_that_is_taken_is_said(installation: Installation) -> None:
    pages = pages_for(installation.watch, lambda: None, timedelta(minutes=5))

    with serving(pages, "127.0.0.1:0") as address:
        taken = serving(pages, address.removeprefix("http://"))
        with pytest.raises(NoHealthPortError, match="in use"):
            taken.__enter__()


def test_status_tells_people_and_scripts(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "processor.toml"
    url = installation.engine.url.render_as_string(hide_password=False)
    config.write_text(f'[database]\nurl = "{url}"\n[safety]\nmode = "live"\n')

    assert run(app, ["status", "--json", "--config", str(config)]) == 1
    written = capsys.readouterr()
    found = json.loads(written.out)
    assert (found["well"], found["mode"]) == (False, "live")
    assert {"name": "poll", "figure": "never", "wrong": "the mailbox was not read yet"} in found["checks"]
    assert "poll: the mailbox was not read yet" in written.err
    assert run(app, ["status", "--config", str(config)]) == 1
    assert "wrong" in capsys.readouterr().out


def test_status_of_a_database_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "processor.toml"
    config.write_text(f'[database]\nurl = "sqlite:///{tmp_path / "none" / "none.db"}"\n')

    assert run(app, ["status", "--config", str(config)]) == 1
    assert capsys.readouterr().err.startswith("database: ")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('listen = "8026"', "is no address and port"),
        ('alert_webhook = "http://example.org/x"', "must begin with https://"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, line: str, problem: str) -> None:
    config = tmp_path / "processor.toml"
    config.write_text(f"[health]\n{line}\n")

    with pytest.raises(BadSettingsError, match=problem):
        load_settings(config)


def test_the_watch_is_put_together_from_the_settings(engine: Engine, clock: ManualClock) -> None:
    watch = watch_for(Settings.model_construct(), engine, clock)

    assert (watch.limits.poll, watch.limits.undecided) == (timedelta(seconds=150), timedelta(minutes=15))
