"""`review apply`, `ask`, `reject`, `release` and what is done to an item itself: a person's decisions."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import WRONG_USAGE, stop
from processor.cli.options import Config, settings_from
from processor.core.currencies import to_minor
from processor.core.outcomes import Missing, Reason

if TYPE_CHECKING:
    from processor.adapters.review_acts import ItemActs
    from processor.core.by_person import Chosen
    from processor.core.decision import Snapshot
    from processor.review import Desk, Proposal, Refused, Shown

Item = Annotated[int, typer.Argument(metavar="ITEM", help="A number of `review list`.")]
Note = Annotated[str, typer.Option("--note", help="Why, for the record; in a letter the partner reads it too.")]
Partner = Annotated[str | None, typer.Option("--partner", metavar="ID", help="The partner, where the item names none.")]
To = Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Another contact on file to write to.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, without asking; without --yes nothing is done.")]
Actor = Annotated[str, typer.Option("--as", metavar="LOGIN", help="Who decides; else the login of this machine.")]


def apply(
    item: Item,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="PAYMENT:INVOICE[=AMOUNT]", help="What to apply; else what was understood."),
    ] = None,
    note: Note = "",
    partner: Partner = None,
    to: To = "",
    yes: Yes = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Apply payments to invoices; without an amount, as much as fits. Shows balances before and after, and a letter."""

    def propose(desk: Desk, shown: Shown) -> Proposal | Refused:
        return desk.apply(shown, _chosen(line or (), shown.held.account), note)

    _decide(config, actor, (item, partner, to), propose, yes=yes, as_json=as_json)


def ask(
    item: Item,
    missing: Annotated[list[Missing], typer.Option("--missing", help="What to ask for; may be given several times.")],
    note: Note = "",
    partner: Partner = None,
    to: To = "",
    yes: Yes = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Ask the partner for what is missing; the answer joins the request."""
    _decide(
        config, actor, (item, partner, to), lambda desk, shown: desk.ask(shown, missing, note), yes=yes, as_json=as_json
    )


def reject(
    item: Item,
    reason: Annotated[Reason, typer.Option("--reason", help="Why, for the record.")],
    note: Note = "",
    partner: Partner = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell the partner nothing.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """End the matter without an allocation, and tell the partner."""

    def propose(desk: Desk, shown: Shown) -> Proposal:
        return desk.reject(shown, reason, note, tell=not quiet)

    _decide(config, actor, (item, partner, ""), propose, yes=yes, as_json=as_json)


def release(
    item: Item,
    note: Note = "",
    yes: Yes = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Decide the mail again, on your word for its sender, against a spam verdict, or above the limit."""
    _decide(config, actor, (item, None, ""), lambda desk, shown: desk.release(shown, note), yes=yes, as_json=as_json)


def approve(
    approval: Annotated[int, typer.Argument(metavar="APPROVAL", help="A number of `review approvals`.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Let it not be done.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Do, as a second person, what a first one proposed."""
    from processor.adapters.approval_sql import pending
    from processor.adapters.approval_sql import withdraw as give_up
    from processor.cli.proposals import decide
    from processor.review import open_desk

    with open_desk(settings_from(config, quiet=True), login_of(actor)) as desk:
        waiting = next(iter(pending(desk.engine, approval)), None)
        if waiting is None:
            stop(WRONG_USAGE, f"Nothing of the number {approval} waits for a second person.")
        if withdraw:
            give_up(desk.engine, approval, desk.actor, desk.clock.now())
            typer.echo(f"Approval {approval} is withdrawn.")
        else:
            decide(desk, desk.reconsider(waiting), yes=yes, as_json=as_json)


def approvals(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, config: Config = None) -> None:
    """List what waits for a second person."""
    from processor.adapters.approval_sql import pending
    from processor.cli.screen import screen, table
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        found = pending(engine)
    facts = [
        (str(one.id), str(one.item_id), one.act, one.partner_id or "", one.proposed_by,
         f"{one.proposed_at:%Y-%m-%d %H:%M}") for one in found
    ]  # fmt: skip
    names = ("approval", "item", "act", "partner", "proposed by", "at (UTC)")
    if as_json:
        typer.echo(json.dumps([dict(zip(names, row, strict=True)) for row in facts], ensure_ascii=False))
    elif facts:
        screen().print(table(names, facts, right=("approval", "item")))
    else:
        typer.echo("Nothing waits for a second person.")


def reopen(item: Item, note: Note = "", actor: Actor = "", config: Config = None) -> None:
    """Open an item again that is done."""
    with _acts(config, actor) as acts:
        acts.reopen(item, note)
    typer.echo(f"Item {item} is open again.")


def close(item: Item, note: Note = "", actor: Actor = "", config: Config = None) -> None:
    """End an item that asks for no decision."""
    with _acts(config, actor) as acts:
        acts.close(item, note)
    typer.echo(f"Item {item} is done.")


def open_about(
    mail: Annotated[int, typer.Argument(metavar="MAIL", help="A number of `review quarantined`.")],
    note: Note = "",
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Put a mail before a person that nobody was to look at, so that it can be released."""
    with _acts(config, actor) as acts:
        item = acts.open_about(mail, note)
    typer.echo(f"Item {item} is open.")


def assign(
    item: Item,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Who takes it; an empty word for nobody.")],
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Give an item to somebody."""
    with _acts(config, actor) as acts:
        acts.assign(item, login)
    typer.echo(f"Item {item} is with {login}." if login else f"Item {item} is with nobody.")


def note(
    item: Item,
    words: Annotated[str, typer.Argument(metavar="WORDS", help="For whoever looks at it next.")],
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Add words to an item."""
    with _acts(config, actor) as acts:
        acts.note(item, words)
    typer.echo(f"Item {item} is noted.")


def reverse(
    allocation: Annotated[str, typer.Argument(metavar="ALLOCATION", help="Its name, AL-…")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")],
    yes: Yes = False,
    as_json: AsJson = False,
    actor: Actor = "",
    config: Config = None,
) -> None:
    """Take an allocation back by a new, opposite row, and tell the partner."""
    from processor.cli.taking_back import decide
    from processor.review import open_desk

    with open_desk(settings_from(config, quiet=True), login_of(actor)) as desk:
        decide(desk, allocation, reason, yes=yes, as_json=as_json)


def login_of(actor: str) -> str:
    """Return who acts: as said, else the login of this machine."""
    return actor or getpass.getuser()


def _decide(
    config: Path | None,
    actor: str,
    about: tuple[int, str | None, str],
    propose: Callable[[Desk, Shown], Proposal | Refused],
    *,
    yes: bool,
    as_json: bool,
) -> None:
    from processor.cli.proposals import decide
    from processor.review import Refused, open_desk

    with open_desk(settings_from(config, quiet=True), login_of(actor)) as desk:
        shown = desk.look(*about)
        decide(desk, shown if isinstance(shown, Refused) else propose(desk, shown), yes=yes, as_json=as_json)


@contextmanager
def _acts(config: Path | None, actor: str) -> Iterator[ItemActs]:
    from processor.adapters.person_act import NotHeldError
    from processor.adapters.review_acts import ItemActs
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        try:
            yield ItemActs(engine, login_of(actor), datetime.now(UTC))
        except NotHeldError as error:
            stop(WRONG_USAGE, str(error))


def _chosen(lines: Sequence[str], account: Snapshot) -> tuple[Chosen, ...]:
    currencies = {one.payment_number: one.currency for one in account.payments}
    return tuple(_line(line, currencies) for line in lines)


def _line(text: str, currencies: dict[str, str]) -> Chosen:
    from processor.core.by_person import Chosen

    pair, _, amount = text.partition("=")
    payment, colon, invoice = pair.partition(":")
    if not colon:
        stop(WRONG_USAGE, f"{text}: is not PAYMENT:INVOICE or PAYMENT:INVOICE=AMOUNT")
    if not amount or payment not in currencies:
        return Chosen(payment, invoice)
    try:
        minor = to_minor(Decimal(amount), currencies[payment])
    except InvalidOperation:
        minor = None
    if minor is None:
        stop(WRONG_USAGE, f"{amount}: is no amount in {currencies[payment]}, such as 1250.00")
    return Chosen(payment, invoice, minor)
