"""`ledger` and `statement`: the books, in and out."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, WRONG_USAGE, complain, stop
from processor.cli.options import Config, settings_from

if TYPE_CHECKING:
    from processor.adapters.statement import Statement

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the ledger's CSV files.")]


def import_files(folder: Folder, config: Config = None) -> None:
    """Read partners, contacts, invoices and payments: all of it, or nothing where a row is wrong."""
    from processor.adapters.ledger_import import import_ledger
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        report = import_ledger(engine, folder, datetime.now(UTC))
    if report.problems:
        stop(NEEDS_A_PERSON, *map(str, report.problems), "Nothing was imported.")
    counts = report.counts
    for name in ("partners.csv", "contacts.csv", "invoices.csv", "payments.csv"):
        parts = {"new": counts.added, "changed": counts.changed, "as before": counts.same, "taken away": counts.removed}
        told = [f"{counter[name]} {word}" for word, counter in parts.items() if counter[name] or word == "new"]
        typer.echo(f"{name}: {', '.join(told)}")
    if report.contradictions:
        stop(
            NEEDS_A_PERSON,
            "The ledger's own balances stand where the files contradict allocations made here:",
            *map(str, report.contradictions),
        )


def export_files(folder: Folder, config: Config = None) -> None:
    """Write the ledger and its allocations as CSV files."""
    from processor.adapters.ledger_export import export_ledger
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        export_ledger(engine, folder)
    typer.echo(f"The ledger is in {folder}.")


def check(config: Config = None) -> None:
    """Prove that balances, allocations and the audit log agree; name every row that breaks a rule."""
    from processor.adapters.ledger_check import check_ledger
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        faults = check_ledger(engine)
    if faults:
        complain(*map(str, faults))
        stop(NEEDS_A_PERSON, f"The ledger breaks {len(faults)} rules.")
    typer.echo("The ledger holds.")


def statement(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="A partner's ID.")],
    config: Config = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV on standard output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
) -> None:
    """Show a partner's unallocated payments and open invoices."""
    from processor.adapters.statement import read_statement
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        found = read_statement(engine, partner)
    if found is None:
        stop(WRONG_USAGE, f"There is no partner {partner} in the ledger.")
    (_print_json if as_json else _print_csv if as_csv else _print_table)(found)


def _rows(found: Statement) -> list[dict[str, str]]:
    from processor.core.currencies import to_text

    return [
        {
            "kind": row.kind,
            "number": row.number,
            "currency": row.currency,
            "amount": to_text(row.amount, row.currency),
            "remaining": to_text(row.remaining, row.currency),
            "date": row.on.isoformat() if row.on else "",
        }
        for row in found.rows
    ]


def _print_table(found: Statement) -> None:
    from processor.cli.screen import screen, seen, table

    console = screen()
    console.print(seen(f"{found.partner_id}  {found.partner_name}", "bold"))
    for kind, columns in (
        ("payment", ("payment", "received", "amount", "left", "")),
        ("invoice", ("invoice", "due", "total", "open", "")),
    ):
        rows = [
            (row["number"], row["date"], row["amount"], row["remaining"], row["currency"])
            for row in _rows(found)
            if row["kind"] == kind
        ]
        console.print()
        console.print(table(columns, rows, right=columns[2:4]) if rows else f"No {kind} is open.")


def _print_csv(found: Statement) -> None:
    writer = csv.DictWriter(
        sys.stdout, ["kind", "number", "currency", "amount", "remaining", "date"], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(_rows(found))


def _print_json(found: Statement) -> None:
    typer.echo(
        json.dumps(
            {"partner": found.partner_id, "name": found.partner_name, "items": _rows(found)},
            ensure_ascii=False,
            indent=2,
        )
    )
