"""When the world outside fails: one clear sentence, the right exit status, nothing half-done, and on from there."""

import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from tests.scenarios.test_whole_worker import agree
from tests.scenarios.world import MAILS, ROOT, World, environment, labelled_mails
from tests.servers.fixtures import plain

LEDGER = MAILS / "shared" / "ledger"


@pytest.fixture
def small_world(tmp_path: Path, imap_server: ImapServer, smtp_sink: SmtpSink) -> World:
    world = World(tmp_path, plain(imap_server), smtp_sink)
    world.settle_in(LEDGER)
    return world


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stderr.splitlines()[-1]


def test_a_bad_row_is_named_and_nothing_is_imported(small_world: World, tmp_path: Path) -> None:
    shutil.copytree(LEDGER, tmp_path / "bad")
    invoices = tmp_path / "bad" / "invoices.csv"
    lines = invoices.read_text().splitlines()
    lines[2] = lines[2].replace("open,", "opne,")
    invoices.write_text("\n".join(lines) + "\n")
    payments = tmp_path / "bad" / "payments.csv"
    payments.write_text(payments.read_text().replace("1465453281", "1465453299"))

    done = small_world.run("ledger", "import", str(tmp_path / "bad"))

    assert done.returncode == 1
    assert done.stderr.startswith("invoices.csv:3:status: ")
    assert last_line(done) == "Nothing was imported."
    assert "1465453299" not in small_world.succeed("statement", "4892609")


def test_a_wrong_password_is_one_sentence(small_world: World) -> None:
    config = small_world.config
    config.write_text(config.read_text().replace('password = "', 'password = "not '))

    done = small_world.run("run", "--once")

    assert done.returncode == 1
    assert last_line(done).startswith("can't take in mail: The mail server refused the login. (127.0.0.1:")
    assert "not " + (small_world.server.login.password if small_world.server.login else "") not in done.stderr


def test_an_unreachable_server_stops_nothing_else(small_world: World, imap_server: ImapServer) -> None:
    small_world.deliver(labelled_mails()[:2])
    small_world.sink.stop()
    waiting = small_world.run("run", "--once")
    imap_server.stop()
    small_world.sink.start()

    done = small_world.run("run", "--once")

    assert waiting.returncode == 1
    assert last_line(waiting) == "letters deferred: 2"
    assert done.returncode == 1
    assert last_line(done).startswith(
        "can't take in mail: The mail server cannot be reached, fell silent or hung up. ("
    )


def full_disk_at(size: int) -> int:
    """Let no file of the process grow beyond a size: writing fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return size


def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on(small_world: World) -> None:
    mails = labelled_mails()[:40]
    small_world.deliver(mails)
    room = (small_world.folder / "processor.db").stat().st_size + 20_000

    full = subprocess.run(
        small_world.command("run", "--once"),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: full_disk_at(room),
    )

    assert full.returncode == 1
    assert "The database can't be used at the moment: sqlite:///" in last_line(full)
    assert last_line(full).endswith("processor.db: disk I/O error")
    assert "Traceback" not in full.stderr
    assert small_world.succeed("ledger", "check").startswith("The ledger holds")
    assert small_world.run("run", "--once").returncode == 0
    agree(small_world, len(mails))


def test_a_template_with_an_unknown_name_is_named_with_its_line(small_world: World, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    template = tmp_path / "templates" / "mail" / "_base" / "confirmation.jinja"
    template.write_text(template.read_text().replace("{% block body %}", "{% block body %}{{ nonsense }}"))
    right = small_world.config.read_text()
    small_world.config.write_text(f'{right}[letters]\ntemplates = "{tmp_path / "templates"}"\n')
    small_world.deliver(labelled_mails()[:1])

    done = small_world.run("run", "--once")
    small_world.config.write_text(right)

    assert done.returncode == 1
    assert last_line(done).startswith("mail 1 waits: A template of a letter is wrong: _base/confirmation.jinja, line 2")
    assert last_line(done).endswith("'nonsense' is undefined")
    assert small_world.run("run", "--once").returncode == 0
    agree(small_world, 1)


def test_wrong_settings_are_usage(small_world: World) -> None:
    small_world.config.write_text(small_world.config.read_text() + "[nonsense]\n")

    done = small_world.run("run", "--once")

    assert done.returncode == 2
    assert done.stderr == f"{small_world.config}: nonsense: no setting has this name\n"


def test_a_database_that_was_never_made_is_told(small_world: World) -> None:
    (small_world.folder / "processor.db").unlink()

    done = small_world.run("run", "--once")

    assert done.returncode == 1
    assert last_line(done).endswith("processor.db is not there: run `processor database upgrade`")
