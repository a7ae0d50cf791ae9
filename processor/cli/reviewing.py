"""`review list` and `show`: what waits for a person, and all that bears on one item."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import WRONG_USAGE, stop
from processor.cli.options import Config, settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from processor.adapters.review_sql import Dossier, Waiting
    from processor.review import Shown

AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


def list_items(
    kind: Annotated[str, typer.Option("--reason", metavar="CODE", help="Only those that wait for this reason.")] = "",
    partner: Annotated[str, typer.Option("--partner", metavar="ID", help="Only this partner's.")] = "",
    assigned: Annotated[str, typer.Option("--assigned", metavar="LOGIN", help="Only those that this person has.")] = "",
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="Only requests in this language.")] = "",
    words: Annotated[str, typer.Option("--search", metavar="WORDS", help="In subject, sender, reference, note.")] = "",
    older: Annotated[int, typer.Option("--older", metavar="DAYS", help="Only those that wait so long.")] = 0,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """List what waits for a person, the oldest first."""
    from processor.adapters.review_sql import Wanted, waiting_items
    from processor.wiring import open_database

    before = datetime.now(UTC) - timedelta(days=older) if older else None
    wanted = Wanted(kind, partner, assigned, language, words, before)
    with open_database(settings_from(config, quiet=True)) as engine:
        items = waiting_items(engine, wanted)
    if as_json:
        typer.echo(json.dumps([_plain(item) for item in items], ensure_ascii=False, indent=1))
    elif items:
        _print_items(items)
    else:
        typer.echo("Nothing waits for a person.")


def show(
    item: Annotated[int, typer.Argument(metavar="ITEM", help="A number of `review list`.")],
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show one item: why it waits, the mail's words, what was decided and written, and the partner's account."""
    from processor.adapters.review_sql import dossier
    from processor.review import Refused, open_desk

    with open_desk(settings_from(config, quiet=True), "") as desk:
        found = dossier(desk.engine, item)
        looked = desk.look(item) if found and found.item.state == "open" else None
    if found is None:
        stop(WRONG_USAGE, f"There is no review item {item}.")
    shown = None if isinstance(looked, Refused) else looked
    if as_json:
        typer.echo(json.dumps(_dossier(found, shown), ensure_ascii=False, indent=1))
    else:
        _print(found, shown)


def list_quarantined(
    days: Annotated[int, typer.Option("--days", help="Of so many days.")] = 30, config: Config = None
) -> None:
    """List the mails in quarantine; `review open MAIL` makes an item of one, `review release` decides it again."""
    from processor.adapters.review_sql import quarantined
    from processor.cli.screen import screen, table
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        found = quarantined(engine, datetime.now(UTC) - timedelta(days=days))
    rows = [(str(one[0]), f"{one[1]:%Y-%m-%d %H:%M}", *one[2:]) for one in found]
    if rows:
        screen().print(table(("mail", "since (UTC)", "sender", "subject", "why"), rows, right=("mail",)))
    else:
        typer.echo("Nothing is in quarantine.")


def _print_items(items: tuple[Waiting, ...]) -> None:
    from processor.cli.screen import screen, table

    columns = ("item", "since (UTC)", "why", "partner", "sender", "subject", "with")
    rows = [
        (
            str(item.id),
            f"{item.opened_at:%Y-%m-%d %H:%M}",
            item.kind,
            item.partner_id,
            item.sender,
            item.subject,
            item.assigned_to,
        )
        for item in items
    ]
    screen().print(table(columns, rows, right=("item",)))


def _print(found: Dossier, shown: Shown | None) -> None:
    from rich.text import Text

    from processor.cli.screen import paragraph, screen, seen

    console = screen()
    for label, value in _facts(found).items():
        if value.strip():
            console.print(Text(f"{label:10} ", "bright_black") + seen(value))
    if shown is not None:
        for source in shown.message.sources:
            console.print(seen(f"\n{source.name}", "bold"))
            console.print(paragraph(source.text))
        _print_account(console, shown)
    for kind, state, text in found.letters:
        console.print(seen(f"\nLetter: {kind} ({state})", "bold"))
        console.print(paragraph(text))


def _print_account(console: Console, shown: Shown) -> None:
    from processor.cli.screen import table
    from processor.core.currencies import to_text

    account = shown.held.account
    payments = [
        (one.payment_number, one.received_on.isoformat(), to_text(one.unallocated, one.currency), one.currency)
        for one in account.payments
        if one.unallocated
    ]
    invoices = [
        (one.invoice_number, one.status.value, to_text(one.open_amount, one.currency), one.currency)
        for one in account.invoices
        if one.open_amount
    ]
    for columns, rows in (
        (("payment", "received", "left", ""), payments),
        (("invoice", "status", "open", ""), invoices),
    ):
        if rows:
            console.print()
            console.print(table(columns, rows, right=columns[2:3]))


def _facts(found: Dossier) -> dict[str, str]:
    item = found.item
    return {
        "why": f"{item.kind} {item.note}",
        "since": f"{item.opened_at:%Y-%m-%d %H:%M} UTC",
        "state": f"{item.state} {item.resolution}",
        "with": item.assigned_to,
        "sender": item.sender,
        "subject": item.subject,
        "partner": item.partner_id,
        "request": item.request,
        "outcome": found.outcome,
        "reasons": ", ".join(found.reasons),
        "missing": ", ".join(found.missing),
    }


def _plain(item: Waiting) -> dict[str, object]:
    return asdict(item) | {"opened_at": item.opened_at.isoformat()}


def _dossier(found: Dossier, shown: Shown | None) -> dict[str, object]:
    words = [] if shown is None else [{"source": one.name, "text": one.text} for one in shown.message.sources]
    return _plain(found.item) | {
        "mail": found.mail_id,
        "outcome": found.outcome,
        "reasons": list(found.reasons),
        "missing": list(found.missing),
        "letters": [{"kind": kind, "state": state, "text": text} for kind, state, text in found.letters],
        "words": words,
    }
