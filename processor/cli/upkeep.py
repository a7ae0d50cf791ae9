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

    settings = settings_from(config, quiet=True)
    typer.echo(f"The database is up to date: schema {upgrade_database(settings)}.")


def doctor(
    config: Config = None,
    forge: Annotated[bool, typer.Option("--forge", help="Also send the mailbox a forged proof, and see.")] = False,
) -> None:
    """Try out settings, database, IMAP, SMTP, templates and clock; say what to mend.

    Changes nothing. With --forge it sends the mailbox a mail whose proof of the sender is forged, waits for it, and
    says whether the mail server took the forgery out.
    """
    from processor.cli.screen import screen, seen, table
    from processor.doctor import examine

    settings = settings_from(config, quiet=True)
    findings = list(examine(settings, forge=forge))
    marks = {True: ("well", "green"), False: ("mend", "bold red"), None: ("skipped", "bright_black")}
    rows = [(seen(*marks[finding.well]), finding.what, finding.words) for finding in findings]
    screen().print(table(("", "examined", "found"), rows))
    ills = sum(finding.well is False for finding in findings)
    if ills:
        stop(NEEDS_A_PERSON, f"{ills} to mend" if ills > 1 else "one thing to mend")


def settings(
    page: Annotated[bool, typer.Option("--page", help="As the page of the documentation.")] = False,
) -> None:
    """Print a settings file with every key at its default and its reason."""
    from processor.settings_pages import settings_file, settings_page

    sys.stdout.write(settings_page() if page else settings_file())
