"""All commands in one place, in the order in which a newcomer meets them."""

from __future__ import annotations

import typer

from processor.cli import deciding, ledger, reviewing, running, upkeep

_PLAIN = {"add_completion": False, "pretty_exceptions_enable": False, "no_args_is_help": True, "rich_markup_mode": None}

app = typer.Typer(
    help="Reads partners' payment allocation requests from a mailbox, applies what matches, and answers every one.",
    **_PLAIN,
)
app.command()(running.demo)
app.command()(running.run)
app.command()(deciding.explain)
app.command()(deciding.replay)

_ledger = typer.Typer(help="The ledger: import, export, check.", **_PLAIN)
_ledger.command("import")(ledger.import_files)
_ledger.command("export")(ledger.export_files)
_ledger.command("check")(ledger.check)
app.add_typer(_ledger, name="ledger")
app.command()(ledger.statement)

_review = typer.Typer(help="Messages that wait for a person.", **_PLAIN)
_review.command("list")(reviewing.list_items)
_review.command("show")(reviewing.show)
app.add_typer(_review, name="review")

_database = typer.Typer(help="The database: bring its schema up to date.", **_PLAIN)
_database.command("upgrade")(upkeep.upgrade)
app.add_typer(_database, name="database")
app.command()(upkeep.doctor)
app.command("settings")(upkeep.settings)
