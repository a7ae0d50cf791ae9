"""`status`, `audit verify` and the database's safety copies: what keeps the record whole, and says when it isn't."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, complain, stop
from processor.cli.options import Config, settings_from

if TYPE_CHECKING:
    from processor.watch import Look

Copy = Annotated[Path, typer.Argument(metavar="FILE", help="The safety copy.")]


def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
    config: Config = None,
) -> None:
    """Show what waits, since when, and what is wrong. Exit status 1 when something is."""
    from processor.adapters.engine import open_engine
    from processor.watch import watch_for

    settings = settings_from(config, quiet=True)
    engine = open_engine(settings.database.url)
    try:
        look = watch_for(settings, engine).look()
    finally:
        engine.dispose()
    if as_json:
        typer.echo(json.dumps(_plain(look, settings.safety.mode), ensure_ascii=False, indent=1))
    else:
        _print(look, settings.safety.mode)
    if look.wrong:
        stop(NEEDS_A_PERSON, *(f"{check.name}: {check.wrong}" for check in look.wrong))


def verify_audit(
    anchor: Annotated[
        Path | None,
        typer.Option("--anchor", metavar="FILE", exists=True, dir_okay=False, help="Heads that were kept elsewhere."),
    ] = None,
    config: Config = None,
) -> None:
    """Prove that the audit log was neither changed nor cut; against a log written anew only an anchor helps."""
    from processor.adapters import audit
    from processor.adapters.anchor import Anchor, read_anchor
    from processor.adapters.engine import reading
    from processor.wiring import open_database

    kept = read_anchor(anchor) if anchor else Anchor(())
    with open_database(settings_from(config, quiet=True)) as engine, reading(engine) as connection:
        breaks = audit.verify(connection, kept.heads)
        now = Anchor(audit.heads(connection))
    if breaks:
        complain(*(f"{one.chain}, entry {one.sequence}: {one.reason}" for one in breaks))
        stop(NEEDS_A_PERSON, f"The audit log is broken in {len(breaks)} places.")
    against = f", and holds what {anchor} kept" if anchor else "; keep this line elsewhere, or give --anchor"
    typer.echo(f"The audit log holds: {len(now.heads)} chains, {now.entries} entries, {now.sha256}{against}.")


def keep_anchor(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the heads are kept; best on another machine.")],
    config: Config = None,
) -> None:
    """Write the heads of the audit log to a file, as the worker does daily."""
    from processor.adapters.anchor import write_anchor
    from processor.adapters.digest_sql import anchor_of
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        path = write_anchor(folder, datetime.now(UTC).date(), anchor_of(engine))
    typer.echo(f"The heads are in {path}.")


def backup(copy: Copy, config: Config = None) -> None:
    """Copy an SQLite database while it is in use; the copy is proved readable before it counts."""
    from processor.adapters import backup as copies
    from processor.adapters.pulse_sql import BACKED_UP, beat
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        copies.backup(engine, copy)
        beat(engine, BACKED_UP, datetime.now(UTC))
    typer.echo(f"The copy is in {copy}.")


def restore(
    copy: Copy,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    config: Config = None,
) -> None:
    """Put a copy in the database's place; what stood there is kept beside it. No worker may be running."""
    from processor.adapters import backup as copies
    from processor.wiring import alone_with_database

    settings = settings_from(config, quiet=True)
    with alone_with_database(settings) as engine:
        if not (yes or typer.confirm(f"Put {copy} in the place of {engine.url.database}?")):
            stop(NEEDS_A_PERSON, "Nothing was changed.")
        aside = copies.restore(copy, engine)
    typer.echo(f"{copy} is in place." + (f" What stood there is in {aside}." if aside else ""))


def verify(copy: Copy) -> None:
    """Prove a copy: its file, its schema, its ledger, its audit log."""
    from processor.adapters import backup as copies

    if wrong := copies.verify(copy):
        stop(NEEDS_A_PERSON, *wrong)
    typer.echo(f"{copy} is whole.")


def _print(look: Look, mode: str) -> None:
    from processor.cli.screen import screen, seen, table

    console = screen()
    console.print(f"mode {mode}, {look.at:%Y-%m-%d %H:%M} UTC")
    rows = [
        (
            seen("wrong", "bold red") if check.wrong else seen("well", "green"),
            check.name.replace("_", " "),
            check.figure,
        )
        for check in look.checks
    ]
    console.print(table(("", "what", "figure"), rows))
    for pause in look.pauses:
        console.print(seen(str(pause)))


def _plain(look: Look, mode: str) -> dict[str, object]:
    return {
        "at": look.at.isoformat(),
        "mode": mode,
        "well": not look.wrong,
        "checks": [{"name": one.name, "figure": one.figure, "wrong": one.wrong} for one in look.checks],
        "paused": [str(pause) for pause in look.pauses],
    }
