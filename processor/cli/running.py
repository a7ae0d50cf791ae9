"""`demo` and `run`: the worker at work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, complain, stop
from processor.cli.options import Config, settings_from

if TYPE_CHECKING:
    from processor.settings import Settings
    from processor.wiring import Work


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
) -> None:
    """Work the mailbox on schedule until SIGTERM or Ctrl-C; the message in hand is finished first."""
    from processor.follow_up import follow_up_in
    from processor.scheduler import Scheduler, stop_on_signals
    from processor.wiring import open_work

    settings = settings_from(config)
    with open_work(settings) as work:
        stop_on_signals(work.rounds.stopping)
        follow_up = follow_up_in(work, settings)
        if once:
            troubles = work.rounds.drain(follow_up.turn)
            if troubles:
                stop(NEEDS_A_PERSON, *troubles)
            return
        with _console_beside(work, settings, config):
            finished = Scheduler(work.rounds, work.mailbox, settings.schedule, follow_up.turn).run()
        if not finished:
            complain("The message in hand was not finished in time; the next start goes on with it.")
            os._exit(NEEDS_A_PERSON)  # a thread that waits for a silent server would keep the program here


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
