"""The whole program on real servers: mailbox to ledger to letter, and back to the folders; also when it is killed.

`make whole-worker` runs it with 200 mails, and with 200 more while it is killed twenty times.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.scenarios.world import FOLDERS, World, labelled_mails

MAILS, KILLS = (int(number) for number in os.environ.get("WHOLE_WORKER", "40 4").split())


def agree(world: World, mails: int, *, killed: bool = False) -> None:
    """Database, mailbox and SMTP server tell one story."""
    decided = world.decided()
    states = world.letter_states()
    received = world.letters_at_sink()

    assert world.inbox() == 0
    assert sum(sum(counter.values()) for counter in decided.values()) == mails
    assert {outcome: world.in_folder(folder) for outcome, folder in FOLDERS.items()} == decided
    assert world.succeed("ledger", "check").startswith("The ledger holds")
    assert all(count == 1 for count in received.values())
    sent = {message_id for message_id, state in states.items() if state == "sent"}
    unsure = {message_id for message_id, state in states.items() if state == "uncertain"}
    assert sent <= set(received) <= sent | unsure
    assert sent | unsure == set(states)
    assert killed or not unsure


def kill_at_work(world: World, sign: bytes, seconds: float) -> bool:
    """Start the worker and kill it so long after a sign in its log; False where it was done sooner."""
    log = world.folder / "log"
    before = log.stat().st_size if log.exists() else 0
    worker = world.start("run", "--once")
    while worker.poll() is None and sign not in log.read_bytes()[before:]:
        time.sleep(0.005)
    time.sleep(seconds)
    worker.kill()
    return worker.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_mails_and_then_killed_again_and_again(world: World) -> None:
    mails = labelled_mails()
    first, second = mails[:MAILS], mails[MAILS : 2 * MAILS]

    world.deliver(first)
    world.succeed("run", "--once")
    agree(world, len(first))

    world.deliver(second)
    chance = random.Random(20261124)  # noqa: S311 moments, not secrets
    deciding = [kill_at_work(world, b"mail_decided", chance.uniform(0, 0.3)) for _ in range(KILLS // 2)]
    delivering = [kill_at_work(world, b"letter_sent", chance.uniform(0, 0.06)) for _ in range(KILLS // 2)]
    assert any(deciding)
    assert sum(deciding + delivering) >= KILLS // 4  # the rest found nothing left to do
    assert len(second) == MAILS
    world.succeed("run", "--once")
    agree(world, len(first) + len(second), killed=True)


@contextmanager
def running(world: World) -> Iterator["subprocess.Popen[bytes]"]:
    worker = world.start("run")
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()


def wait_until_filed(world: World, mails: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if world.inbox() == 0 and sum(sum(counter.values()) for counter in world.decided().values()) == mails:
            return
        time.sleep(0.1)
    pytest.fail(f"{world.inbox()} mails still in the inbox after {seconds} s")


def test_a_scheduled_worker_answers_what_arrives_and_stops_in_good_order(world: World) -> None:
    mails = labelled_mails()[:6]
    with running(world) as worker:
        world.deliver(mails[:3])
        wait_until_filed(world, 3, 20)
        world.deliver(mails[3:])
        wait_until_filed(world, 6, 20)

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(20) == 0
    world.run("run", "--once")
    agree(world, 6)


def test_a_second_worker_stays_out(world: World) -> None:
    with running(world):
        deadline = time.monotonic() + 10
        while not (world.folder / "processor.db.lock").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)

        second = world.run("run", "--once")

    assert second.returncode == 1
    assert second.stderr.splitlines()[-1].startswith("Another worker is at work on this database: ")
