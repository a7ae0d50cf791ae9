"""`reverse` on the screen: balances before and after, who is told, a question, the deed."""

from __future__ import annotations

import json

import typer

from processor.adapters.reversal import NotReversibleError
from processor.cli.ending import NEEDS_A_PERSON, WRONG_USAGE, stop
from processor.cli.screen import screen, seen, table
from processor.core.currencies import to_text
from processor.ports import LedgerMovedError
from processor.reversing import TakingBack, propose, take_back
from processor.review import Desk, Refused


def decide(desk: Desk, name: str, reason: str, *, yes: bool, as_json: bool) -> None:
    """Show what would happen, ask unless `yes`, and do exactly that. As JSON it is told, and done with `yes`."""
    proposal = propose(desk, name, reason)
    if isinstance(proposal, Refused):
        stop(WRONG_USAGE, *proposal.problems)
    if not as_json:
        _show(proposal)
        if not (yes or typer.confirm("Do this?")):
            stop(NEEDS_A_PERSON, "Nothing was changed.")
    done = _take_back(desk, proposal) if yes or not as_json else ""
    if as_json:
        typer.echo(json.dumps(_plain(proposal) | {"done": bool(done), "reversal": done or None}, ensure_ascii=False))
    else:
        typer.echo(f"Done: {done}.")


def _take_back(desk: Desk, proposal: TakingBack) -> str:
    try:
        return take_back(desk, proposal).row.allocation_id
    except (LedgerMovedError, NotReversibleError) as error:
        what = " ".join(map(str, error.args))
        stop(NEEDS_A_PERSON, f"Something has changed since this was shown ({what}). Nothing was done: look again.")


def _show(proposal: TakingBack) -> None:
    one, facts = proposal.origin.allocation, _plain(proposal)
    columns = ("payment", "left", "then", "invoice", "open", "then ", "amount", "")
    row = (one.payment_number, facts["payment_left_before"], facts["payment_left_after"], one.invoice_number,
           facts["invoice_open_before"], facts["invoice_open_after"], facts["amount"], one.currency)  # fmt: skip
    console = screen()
    console.print(table(columns, [tuple(map(str, row))], right=("left", "then", "open", "then ", "amount")))
    console.print(seen(f"A letter goes to {proposal.letter.to}." if proposal.letter else "Nobody is written to."))


def _plain(proposal: TakingBack) -> dict[str, str | None]:
    one, origin = proposal.origin.allocation, proposal.origin
    return {
        "allocation": one.allocation_id,
        "partner": one.partner_id,
        "payment": one.payment_number,
        "invoice": one.invoice_number,
        "amount": to_text(one.amount, one.currency),
        "currency": one.currency,
        "payment_left_before": to_text(origin.payment_left, one.currency),
        "payment_left_after": to_text(proposal.payment_left, one.currency),
        "invoice_open_before": to_text(origin.invoice_open, one.currency),
        "invoice_open_after": to_text(proposal.invoice_open, one.currency),
        "reason": proposal.reason,
        "letter_to": proposal.letter.to if proposal.letter else None,
    }
