"""`pause`, `resume` and `rehearsals`: what holds the program back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import WRONG_USAGE, stop
from processor.cli.options import Config, settings_from
from processor.cli.review_acts import Actor, login_of

if TYPE_CHECKING:
    from processor.adapters.pause_sql import Action, Scope

Partner = Annotated[str, typer.Option("--partner", metavar="ID", help="For this partner alone.")]
Mailbox = Annotated[str, typer.Option("--mailbox", metavar="ADDRESS", help="For this mailbox alone.")]
Applying = Annotated[bool, typer.Option("--applying", help="Only applying; else both.")]
Replying = Annotated[bool, typer.Option("--replying", help="Only sending letters; else both.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


def pause(
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record and for who asks.")] = "",
    partner: Partner = "",
    mailbox: Mailbox = "",
    applying: Applying = False,
    replying: Replying = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Stop applying and sending letters at once; when this returns, nothing more is applied. Without a reason: list."""
    from processor.adapters import pause_sql
    from processor.wiring import open_database

    scope, name = _scope(partner, mailbox)
    with open_database(settings_from(config, quiet=True)) as engine:
        if reason:
            for action in _actions(applying=applying, replying=replying):
                new = pause_sql.Pause(scope, name, action, reason, login_of(actor), datetime.now(UTC))
                pause_sql.begin(engine, new)
        elif applying or replying or name:
            stop(WRONG_USAGE, "a pause needs its --reason")
        standing = pause_sql.standing_pauses(engine)
    if as_json:
        rows = [asdict(one) | {"began_at": one.began_at.isoformat()} for one in standing]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(map(str, standing)) or "Nothing is paused.")


def resume(
    partner: Partner = "",
    mailbox: Mailbox = "",
    applying: Applying = False,
    replying: Replying = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """End a pause; other pauses stand."""
    from processor.adapters import pause_sql
    from processor.wiring import open_database

    scope, name = _scope(partner, mailbox)
    with open_database(settings_from(config, quiet=True)) as engine:
        ended = [
            pause_sql.end(engine, scope, name, action, login_of(actor), datetime.now(UTC))
            for action in _actions(applying=applying, replying=replying)
        ]
        standing = pause_sql.standing_pauses(engine)
    if not any(ended):
        stop(WRONG_USAGE, "There is no such pause.", *map(str, standing))
    typer.echo("\n".join(["Resumed.", *map(str, standing)]))


def rehearsals(as_json: AsJson = False, config: Config = None) -> None:
    """List what was decided in rehearsal; after `shadow`, also what people then did."""
    from processor.adapters.rehearsal_sql import rehearsed
    from processor.cli.screen import screen, table
    from processor.core.currencies import to_text
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        found = rehearsed(engine)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        return
    rows = []
    for one in found:
        lines = [
            f"{to_text(each.amount, each.currency)} {each.currency} to {each.invoice}" for each in one.applications
        ]
        would = "; ".join(lines) or ", ".join((*one.reasons, *one.missing))
        rows.append((str(one.mail_id), one.sender, one.subject, one.outcome, would, one.then))
    screen().print(table(("mail", "from", "subject", "outcome", "would have", "people did"), rows, right=("mail",)))


def _scope(partner: str, mailbox: str) -> tuple[Scope, str]:
    if partner and mailbox:
        stop(WRONG_USAGE, "a pause is for a partner or for a mailbox, not for both")
    return ("partner", partner) if partner else ("mailbox", mailbox) if mailbox else ("all", "")


def _actions(*, applying: bool, replying: bool) -> tuple[Action, ...]:
    if applying == replying:
        return ("applying", "replying")
    return ("applying",) if applying else ("replying",)
