"""`report`: how the work went, as a table, CSV or JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import WRONG_USAGE, stop
from processor.cli.options import Config, settings_from
from processor.report_rows import csv_of, json_of, rows_of, span_of

if TYPE_CHECKING:
    from processor.adapters.report_sql import Report


def report(
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="From this day (UTC); else 30 days ago.")] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="Up to and with this day (UTC); else now.")
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV on standard output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
    config: Config = None,
) -> None:
    """Rates by envelope and by line, decisions by reason, times and ages, per partner and language."""
    from processor.adapters.report_sql import read_report
    from processor.wiring import open_database

    try:
        start, end = span_of(since, until, datetime.now(UTC))
    except ValueError as error:
        stop(WRONG_USAGE, f"{error}: is no date such as 2026-11-24")
    with open_database(settings_from(config, quiet=True)) as engine:
        found = read_report(engine, start, end)
    if as_json:
        typer.echo(json_of(found))
    elif as_csv:
        typer.echo(csv_of(found), nl=False)
    else:
        _print(found)


def _print(found: Report) -> None:
    from processor.cli.screen import screen, table

    console, last = screen(), ""
    rows: list[tuple[str, str, str]] = []
    for section, name, value in rows_of(found):
        rows.append((section if section != last else "", name, value))
        last = section
    console.print(table(("", "what", "value"), rows, right=("value",)))
