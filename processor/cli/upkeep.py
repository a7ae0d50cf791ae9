"""`doctor`, `database` and `settings`: what keeps the program fit."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, stop
from processor.cli.options import Config, settings_from


def upgrade(config: Config = None) -> None:
    """Create the database's tables, or bring them up to date."""
    from processor.wiring import upgrade_database

    settings = settings_from(config)
    typer.echo(f"The database is up to date: schema {upgrade_database(settings)}.")


def doctor(config: Config = None) -> None:
    """Try out settings, database, IMAP, SMTP, templates and clock; say what to mend. Changes nothing."""
    from processor.cli.screen import screen, seen
    from processor.doctor import examine

    settings = settings_from(config)
    console = screen()
    ills = 0
    for finding in examine(settings):
        ills += not finding.well
        mark = seen("well  ", "green") if finding.well else seen("mend  ", "bold red")
        console.print(mark + seen(f"{finding.what}: {finding.words}"))
    if ills:
        stop(NEEDS_A_PERSON, f"{ills} to mend" if ills > 1 else "one thing to mend")


def settings(
    page: Annotated[bool, typer.Option("--page", help="As the page of the documentation.")] = False,
) -> None:
    """Print a settings file with every key at its default and its reason."""
    from processor.settings_pages import settings_file, settings_page

    sys.stdout.write(settings_page() if page else settings_file())
