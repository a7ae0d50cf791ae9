"""`privacy`: what is kept about a partner is handed out, erased, or held."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, WRONG_USAGE, stop
from processor.cli.options import Config, settings_from
from processor.cli.review_acts import Actor, login_of

if TYPE_CHECKING:
    from processor.adapters.erasure_sql import Erasure

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's ID.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


def export(
    partner: Partner,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.", file_okay=False)],
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Write everything that is kept about a partner into a folder: rows as JSON, mails and letters as they were."""
    from processor.adapters.privacy_export import export_partner
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        counts = export_partner(engine, partner, folder)
    if as_json:
        typer.echo(json.dumps(counts, indent=1))
        return
    typer.echo(f"{counts['mail']} mails, {counts['letter']} letters and all else about {partner} are in {folder}.")


def erase(
    partner: Partner,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Erase a partner's words and people: mails, letters, addresses, notes. Ledger, hashes and audit log stay."""
    from processor.adapters import erasure_sql
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        would = erasure_sql.erasure_of(engine, partner)
        if would.obstacles:
            stop(NEEDS_A_PERSON, "Nothing was erased.", *would.obstacles)
        if as_json and not yes:
            typer.echo(json.dumps(asdict(would), indent=1))
            return
        if not reason:
            stop(WRONG_USAGE, "erasing needs its --reason")
        if not as_json:
            _tell(would)
        if not (yes or typer.confirm("Erase it for ever?")):
            stop(NEEDS_A_PERSON, "Nothing was changed.")
        done = erasure_sql.erase(engine, partner, reason, login_of(actor), datetime.now(UTC))
    typer.echo(json.dumps(asdict(done), indent=1) if as_json else "Erased.")


def hold(partner: Partner, reason: Reason = "", actor: Actor = "", config: Config = None) -> None:
    """Keep a partner's words from being erased, by people and by the clock, until `unhold`."""
    from processor.adapters import hold_sql
    from processor.wiring import open_database

    if not reason:
        stop(WRONG_USAGE, "a hold needs its --reason")
    new = hold_sql.Hold(partner, reason, login_of(actor), datetime.now(UTC))
    with open_database(settings_from(config, quiet=True)) as engine:
        if not hold_sql.begin(engine, new):
            stop(WRONG_USAGE, f"partner {partner} is held already")
    typer.echo(f"Nothing of {partner} is erased from now on.")


def unhold(partner: Partner, reason: Reason = "", actor: Actor = "", config: Config = None) -> None:
    """End a hold: what is due is erased at the clock's next turn."""
    from processor.adapters import hold_sql
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        if not hold_sql.end(engine, partner, reason, login_of(actor), datetime.now(UTC)):
            stop(WRONG_USAGE, f"partner {partner} is not held")
    typer.echo(f"Partner {partner} is held no more.")


def holds(as_json: AsJson = False, config: Config = None) -> None:
    """List the holds that stand."""
    from processor.adapters import hold_sql
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        found = hold_sql.standing_holds(engine)
    if as_json:
        rows = [asdict(one) | {"began_at": one.began_at.isoformat()} for one in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(map(str, found)) or "Nobody is held.")


def _tell(would: Erasure) -> None:
    """Say what goes, what stays, and what is not ours to erase."""
    filed = ", ".join(f"{count} {outcome}" for outcome, count in would.filed) or "none"
    typer.echo(
        f"Erased for ever: the bytes and words of {would.mails} mails and {would.letters} letters, what "
        f"{would.requests} requests and {would.items} review items say in words, {would.contacts} contacts on file.\n"
        "Kept, as books and law ask: the partner's name, payments, invoices, allocations, outcomes and codes of "
        "decisions, hashes, references, the audit log.\n"
        f"Not here, to be erased there: copies in the mailbox's folders ({filed}), safety copies of the database, "
        "exports, the contacts in the files that are imported.\n"
        f"Kept because they concern other partners too: {would.shared} mails."
    )
