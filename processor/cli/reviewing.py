"""`review`: what waits for a person."""

from __future__ import annotations

from typing import Annotated

import typer

from processor.cli.ending import WRONG_USAGE, stop
from processor.cli.options import Config, settings_from


def list_items(config: Config = None) -> None:
    """List what waits for a person, the oldest first."""
    from processor.adapters.review_sql import waiting_items
    from processor.cli.screen import screen, table
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        items = waiting_items(engine)
    if not items:
        typer.echo("Nothing waits for a person.")
        return
    rows = [
        (str(item.id), f"{item.opened_at:%Y-%m-%d %H:%M}", item.kind, item.partner_id, item.sender, item.subject)
        for item in items
    ]
    screen().print(table(("item", "since (UTC)", "why", "partner", "sender", "subject"), rows, right=("item",)))


def show(
    item: Annotated[int, typer.Argument(metavar="ITEM", help="A number of `review list`.")], config: Config = None
) -> None:
    """Show one item: why it waits, what was decided, what was written to the partner."""
    from processor.adapters.review_sql import dossier
    from processor.cli.screen import paragraph, screen, seen
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        found = dossier(engine, item)
    if found is None:
        stop(WRONG_USAGE, f"There is no review item {item}.")
    console = screen()
    facts = {
        "why": f"{found.item.kind} {found.item.note}",
        "since": f"{found.item.opened_at:%Y-%m-%d %H:%M} UTC",
        "state": found.item.state,
        "sender": found.item.sender,
        "subject": found.item.subject,
        "partner": found.item.partner_id,
        "request": found.item.request,
        "outcome": found.outcome,
        "reasons": ", ".join(found.reasons),
        "missing": ", ".join(found.missing),
    }
    for label, value in facts.items():
        if value.strip():
            console.print(seen(f"{label:8}", "bright_black") + seen(" ") + seen(value))
    for kind, state, text in found.letters:
        console.print(seen(f"\nLetter: {kind} ({state})", "bold"))
        console.print(paragraph(text))
