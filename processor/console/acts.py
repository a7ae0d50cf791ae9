"""What a person does about a matter: first its effect is shown, then exactly that is done.

The page that shows the effect seals it. Where anything has changed since, nothing is written and it is shown anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from itertools import zip_longest
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from processor.adapters.person_act import NotHeldError
from processor.adapters.queue_sql import next_open, read_item
from processor.adapters.review_acts import ItemActs
from processor.console.room import Visit
from processor.console.words import page
from processor.core.by_person import Chosen
from processor.core.currencies import to_minor
from processor.core.outcomes import Missing, Reason
from processor.ports import LedgerMovedError, PermanentError
from processor.review import Desk, Proposal, Refused, Shown

TITLES = {"apply": "Apply", "ask": "Ask the partner", "reject": "Reject", "release": "Release"}
_AGAIN = "Something has changed since this was shown, so nothing was done. This is how it stands now."
_LONGEST = 2000  # characters of a note


def decide(visit: Visit) -> Response:
    """Show what a decision would do; with the seal of what was shown, do it."""
    item, act = int(visit.request.path_params["item"]), visit.path("act")
    if act not in TITLES:
        return page(visit, "missing.html", HTTPStatus.NOT_FOUND, words=f"There is no act {act}.")
    desk = visit.room.desk(visit.login)
    shown = desk.look(item, visit.sent("partner") or None, visit.sent("to"))
    proposal = shown if isinstance(shown, Refused) else _propose(visit, desk, shown, act)
    seal = visit.sent("seal")
    if isinstance(proposal, Refused) or not seal:
        return _preview(visit, item, act, proposal)
    if seal != proposal.seal:
        return _preview(visit, item, act, proposal, _AGAIN)
    try:
        desk.carry_out(proposal)
    except (LedgerMovedError, PermanentError):
        return _again(visit, item, act)
    return _onwards(visit, item)


def _again(visit: Visit, item: int, act: str) -> Response:
    """Show the effect anew: the ledger moved, or another person was faster."""
    desk = visit.room.desk(visit.login)
    shown = desk.look(item, visit.sent("partner") or None, visit.sent("to"))
    return _preview(
        visit, item, act, shown if isinstance(shown, Refused) else _propose(visit, desk, shown, act), _AGAIN
    )


def assign(visit: Visit) -> Response:
    to = visit.login if visit.sent("to") == "me" else ""
    return _item_act(visit, lambda acts, item: acts.assign(item, to))


def close(visit: Visit) -> Response:
    return _item_act(visit, lambda acts, item: acts.close(item, _note(visit)))


def reopen(visit: Visit) -> Response:
    return _item_act(visit, lambda acts, item: acts.reopen(item, _note(visit)))


def chosen_lines(visit: Visit, shown: Shown) -> tuple[tuple[Chosen, ...], tuple[str, ...]]:
    """Read the lines of the form; return them, and one sentence for each that can't be read."""
    currencies = {one.payment_number: one.currency for one in shown.held.account.payments}
    lines: list[Chosen] = []
    problems: list[str] = []
    for payment, invoice, amount in _rows(visit):
        minor = _minor(amount, currencies.get(payment, "")) if amount else None
        if amount and minor is None:
            problems.append(f"{amount}: is no amount in {currencies.get(payment, 'a currency')}, such as 1250.00")
        lines.append(Chosen(payment, invoice, minor))
    return tuple(lines), tuple(problems)


def _rows(visit: Visit) -> Iterator[tuple[str, str, str]]:
    columns = (visit.form.get(name, ()) for name in ("payment", "invoice", "amount"))
    for payment, invoice, amount in zip_longest(*columns, fillvalue=""):
        if payment or invoice:
            yield payment.strip(), invoice.strip(), amount.strip()


def _minor(text: str, currency: str) -> int | None:
    try:
        return to_minor(Decimal(text), currency) if currency else None
    except InvalidOperation:
        return None


def _propose(visit: Visit, desk: Desk, shown: Shown, act: str) -> Proposal | Refused:
    note = _note(visit)
    match act:
        case "apply":
            lines, problems = chosen_lines(visit, shown)
            return Refused(problems) if problems else desk.apply(shown, lines, note)
        case "ask":
            return desk.ask(shown, [Missing(one) for one in visit.form.get("missing", ()) if one in set(Missing)], note)
        case "reject" if visit.sent("reason") in set(Reason):
            return desk.reject(shown, Reason(visit.sent("reason")), note, tell=visit.sent("tell") == "1")
        case "release":
            return desk.release(shown, note)
    return Refused(("choose a reason",))


def _preview(visit: Visit, item: int, act: str, proposal: Proposal | Refused, warning: str = "") -> Response:
    refused = proposal.problems if isinstance(proposal, Refused) else ()
    status = HTTPStatus.CONFLICT if warning else HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    kept = [
        (name, value) for name, values in visit.form.items() if name not in {"seal", "form_token"} for value in values
    ]
    return page(
        visit,
        "preview.html",
        status,
        item=read_item(visit.room.engine, item),
        act=act,
        title=TITLES[act],
        proposal=None if isinstance(proposal, Refused) else proposal,
        problems=refused,
        warning=warning,
        kept=kept,
    )


def _item_act(visit: Visit, act: Callable[[ItemActs, int], None]) -> Response:
    item = int(visit.request.path_params["item"])
    try:
        act(ItemActs(visit.room.engine, visit.login, visit.now), item)
    except NotHeldError as error:
        return page(visit, "refused.html", HTTPStatus.CONFLICT, words=f"{error}.")
    found = read_item(visit.room.engine, item)
    return RedirectResponse(f"/request/{quote(found.key)}" if found and found.key else "/queue", HTTPStatus.SEE_OTHER)


def _onwards(visit: Visit, done: int) -> Response:
    """Go on with what waits next, so that a morning's queue is worked through without going back."""
    following = next_open(visit.room.engine, done)
    place = f"/request/{quote(following.key)}?done={done}" if following and following.key else f"/queue?done={done}"
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)


def _note(visit: Visit) -> str:
    return " ".join(visit.sent("note").split())[:_LONGEST]
