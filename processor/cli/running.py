"""`demo` and `run`: the worker at work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, complain, stop
from processor.cli.options import Config, settings_from

if TYPE_CHECKING:
    from processor.scheduler import Scheduler
    from processor.settings import Settings
    from processor.watch import Watch
    from processor.wiring import Work

# How long one thread computes while another wants to: whoever has an answer from a server or a child waits this long
# to go on, several times for each letter. Python's own 5 ms would let a thread that decides hold up all others.
_TURN_SECONDS = 0.0005


def demo(
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave the servers and the worker running until Ctrl-C.")
    ] = False,
) -> None:
    """Show the whole of it on this machine: sample mails through real mail servers, and the letters they get."""
    from processor.cli.demo_pages import show_demo

    show_demo(serve=serve)


def run(
    config: Config = None,
    once: Annotated[bool, typer.Option("--once", help="Drain what is there, then stop.")] = False,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="One of several processes on one PostgreSQL database.")
    ] = False,
) -> None:
    """Work the mailbox on schedule until SIGTERM or Ctrl-C; the message in hand is finished first."""
    from processor.follow_up import follow_up_in
    from processor.scheduler import Scheduler, stop_on_signals
    from processor.watch import watch_for
    from processor.wiring import open_work

    settings = settings_from(config)
    sys.setswitchinterval(_TURN_SECONDS)
    if cluster:
        _run_in_cluster(settings)
        return
    with open_work(settings) as work:
        stop_on_signals(work.rounds.stopping)
        follow_up = follow_up_in(work, settings)
        if once:
            troubles = work.rounds.drain(follow_up.turn)
            if troubles:
                stop(NEEDS_A_PERSON, *troubles)
            return
        watch = watch_for(settings, work.engine, working=True)
        looks = (watch.turn, settings.health.check_seconds)
        scheduler = Scheduler(work.rounds, work.mailbox, settings.schedule, follow_up.turn, looks)
        with _console_beside(work, settings, config), _health_beside(watch, scheduler, settings):
            finished = scheduler.run()
        if not finished:
            complain("The message in hand was not finished in time; the next start goes on with it.")
            os._exit(NEEDS_A_PERSON)  # a thread that waits for a silent server would keep the program here


def _run_in_cluster(settings: Settings) -> None:
    """Decide mails of the queue, and work the mailbox while nobody else does."""
    from processor.adapters.lease_sql import SECONDS
    from processor.follow_up import follow_up_in
    from processor.scheduler import Scheduler, stop_on_signals
    from processor.watch import watch_for
    from processor.wiring_cluster import open_cluster, working

    with open_cluster(settings) as one:
        stop_on_signals(one.rounds.stopping)
        follow_up = follow_up_in(one.work, settings)
        watch = watch_for(settings, one.work.engine, working=True)
        looks = (watch.turn, settings.health.check_seconds)
        turn = partial(one.rounds.follow_up, follow_up.turn)
        scheduler = Scheduler(one.rounds, one.work.mailbox, settings.schedule, turn, looks)
        one.rounds.renew()
        scheduler.repeat("turn renew", one.rounds.renew, SECONDS / 5)
        with working(one, settings.schedule.stop_seconds), _health_beside(watch, scheduler, settings):
            finished = scheduler.run()
    if not finished:
        os._exit(NEEDS_A_PERSON)


@contextmanager
def _console_beside(work: Work, settings: Settings, config: Path | None) -> Iterator[None]:
    """Serve the console beside the worker, where the settings say so."""
    if not settings.console.serve:
        yield
        return
    from processor.console.app import open_room, serving

    with open_room(settings, work.engine, config) as room, serving(room) as address:
        typer.echo(f"The console is at {address}/")
        yield


@contextmanager
def _health_beside(watch: Watch, scheduler: Scheduler, settings: Settings) -> Iterator[None]:
    """Serve the pages about health beside the worker, where the settings say so."""
    if not settings.health.listen:
        yield
        return
    from processor.health_pages import pages_for, serving

    stuck_after = timedelta(seconds=2 * settings.schedule.poll_seconds + settings.smtp.timeout_seconds)
    with serving(pages_for(watch, scheduler.loop_age, stuck_after), settings.health.listen) as address:
        typer.echo(f"Health is at {address}/livez, /readyz and /metrics")
        yield
