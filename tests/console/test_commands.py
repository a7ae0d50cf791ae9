"""`processor console` as a program: accounts and tokens from the command line, pages and API over HTTP, a good end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest


def program(folder: Path, *arguments: str) -> list[str]:
    config = folder / "processor.toml"
    config.write_text(
        f'seal = "a seal for one test"\n[database]\nurl = "sqlite:///{folder}/x.db"\n'
        f"[console]\nport = {7000 + os.getpid() % 900}\n"
    )
    return [sys.executable, "-m", "processor", *arguments, "--config", str(config)]


def test_an_account_is_added_and_the_console_served_until_it_is_told_to_stop(tmp_path: Path) -> None:
    subprocess.run(program(tmp_path, "database", "upgrade"), check=True, capture_output=True)
    add = program(tmp_path, "console", "user", "add", "ann", "--role", "viewer")
    subprocess.run(add, input="correct horse battery\n", text=True, check=True, capture_output=True)
    again = subprocess.run(add, input="correct horse battery\n", text=True, check=False, capture_output=True)
    assert (again.returncode, again.stderr) == (2, "ann: is taken\n")

    give = program(tmp_path, "console", "token", "add", "ann", "--name", "a job", "--scope", "read")
    token = subprocess.run(give, text=True, check=True, capture_output=True).stdout.strip()
    beyond = subprocess.run([*give, "--scope", "act"], text=True, check=False, capture_output=True)
    assert (beyond.returncode, beyond.stderr) == (2, "ann is viewer and may not do: act\n")

    console = subprocess.Popen(
        program(tmp_path, "console"), stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert console.stdout
    with console.stdout:
        address = console.stdout.readline().split()[4]
        with urlopen(address) as page:  # noqa: S310 our own, on this machine
            assert "Sign in" in page.read().decode()
        call = Request(f"{address}api/v1/whoami", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        with urlopen(call) as answer:  # noqa: S310
            assert json.load(answer)["login"] == "ann"
        listed = subprocess.run(
            program(tmp_path, "console", "token", "list"), text=True, check=True, capture_output=True
        )
        assert "a job" in listed.stdout
        assert token not in listed.stdout
        subprocess.run(program(tmp_path, "console", "token", "revoke", "1"), check=True, capture_output=True)
        with pytest.raises(HTTPError, match="401"):
            urlopen(call)  # noqa: S310
        console.send_signal(signal.SIGTERM)
        assert console.wait(20) == 0
