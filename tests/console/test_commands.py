"""`processor console` as a program: accounts from the command line, pages over HTTP, an end in good order."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen


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

    console = subprocess.Popen(
        program(tmp_path, "console"), stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert console.stdout
    with console.stdout:
        address = console.stdout.readline().split()[4]
        with urlopen(address) as page:  # noqa: S310 our own, on this machine
            assert "Sign in" in page.read().decode()
        console.send_signal(signal.SIGTERM)
        assert console.wait(20) == 0
