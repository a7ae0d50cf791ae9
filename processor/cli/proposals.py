"""A proposal on the screen: what it does to balances, whom it writes to and what; then a question, then the deed."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from processor.adapters.approval_sql import NotYoursToApproveError, Pending
from processor.cli.ending import NEEDS_A_PERSON, WRONG_USAGE, stop
from processor.cli.explained import outcome_text
from processor.cli.screen import paragraph, screen, seen, table
from processor.core.currencies import to_text
from processor.core.decision import Application
from processor.ports import LedgerMovedError
from processor.review import Desk, Proposal, Refused


def decide(desk: Desk, proposal: Proposal | Refused, *, yes: bool, as_json: bool) -> None:
    """Show what would happen, ask unless `yes`, and do exactly that. As JSON it is told, and done with `yes`."""
    if isinstance(proposal, Refused):
        stop(WRONG_USAGE, *proposal.problems)
    if not as_json:
        _show(proposal)
        if not (yes or typer.confirm("Do this?")):
            stop(NEEDS_A_PERSON, "Nothing was changed.")
    meant = yes or not as_json
    waiting = _carry_out(desk, proposal) if meant else None
    if as_json:
        facts = {"done": meant and waiting is None, "approval": waiting.id if waiting else None}
        typer.echo(json.dumps(_plain(proposal) | facts, ensure_ascii=False))
    elif waiting is None:
        typer.echo("Done." if not proposal.reference else f"Done: request {proposal.reference}.")
    if waiting is not None:
        stop(NEEDS_A_PERSON, f"So much needs a second person: `processor review approve {waiting.id}`.")


def _carry_out(desk: Desk, proposal: Proposal) -> Pending | None:
    try:
        return desk.carry_out(proposal)
    except NotYoursToApproveError as error:
        stop(NEEDS_A_PERSON, f"A second person must do this: {error}.")
    except LedgerMovedError as error:
        what = " ".join(map(str, error.args))
        stop(NEEDS_A_PERSON, f"Something has changed since this was shown ({what}). Nothing was done: look again.")


def _show(proposal: Proposal) -> None:
    console, decision = screen(), proposal.decision
    console.print(Text("Outcome: ") + outcome_text(decision.outcome))
    if decision.applications:
        columns = ("payment", "left", "then", "invoice", "open", "then ", "amount", "")
        rows = [_row(one) for one in decision.applications]
        console.print(table(columns, rows, right=("left", "then", "open", "then ", "amount")))
    letter = proposal.letter
    if letter is None:
        console.print("Nobody is written to.")
        return
    body = Group(seen(letter.subject, "bold"), Text(), paragraph(letter.text.rstrip()))
    title = Text("Letter to ") + seen(letter.recipient)
    console.print(Panel(body, title=title, title_align="left", padding=(1, 2)))


def _row(one: Application) -> tuple[str, ...]:
    return (one.payment, *_change(one.payment_left_before, one), one.invoice, *_change(one.invoice_open_before, one),
            to_text(one.amount, one.currency), one.currency)  # fmt: skip


def _change(before: int, one: Application) -> tuple[str, str]:
    return to_text(before, one.currency), to_text(before - one.amount, one.currency)


def _plain(proposal: Proposal) -> dict[str, Any]:
    decision, letter = proposal.decision, proposal.letter
    return {
        "item": proposal.shown.matter.item_id,
        "outcome": decision.outcome.value,
        "request": proposal.reference or None,
        "partner": decision.partner_id,
        "missing": [code.value for code in decision.missing],
        "reasons": [code.value for code in decision.reasons],
        "allocations": [_effect(one) for one in decision.applications],
        "letter": None
        if letter is None
        else {"to": [letter.recipient], "subject": letter.subject, "text": letter.text},
        "seal": proposal.seal,
    }


def _effect(one: Application) -> dict[str, str]:
    left, left_after = _change(one.payment_left_before, one)
    still_open, open_after = _change(one.invoice_open_before, one)
    return {
        "payment": one.payment,
        "invoice": one.invoice,
        "amount": to_text(one.amount, one.currency),
        "currency": one.currency,
        "payment_left_before": left,
        "payment_left_after": left_after,
        "invoice_open_before": still_open,
        "invoice_open_after": open_after,
    }
