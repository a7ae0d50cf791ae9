"""What a person does about a matter: first its effect is shown, then exactly that is done.

The page that shows the effect seals it. Where anything has changed since, nothing is written and it is shown anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from itertools import zip_longest
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from processor import reversing
from processor.adapters import pause_sql
from processor.adapters.approval_sql import pending
from processor.adapters.person_act import NotHeldError
from processor.adapters.queue_sql import next_open, read_item
from processor.adapters.review_acts import ItemActs
from processor.console.room import Visit
from processor.console.words import page
from processor.core.by_person import Chosen
from processor.core.currencies import to_minor
from processor.core.outcomes import Missing, Reason
from processor.events import told
from processor.ports import HeldBackError, LedgerMovedError, PermanentError
from processor.review import Desk, Proposal, Refused, Shown

TITLES = {"apply": "Apply", "ask": "Ask the partner", "reject": "Reject", "release": "Release"}
_ACTIONS: tuple[pause_sql.Action, ...] = ("applying", "replying")
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
        waiting = desk.carry_out(proposal)
    except LedgerMovedError:
        return _again(visit, item, act)
    except (HeldBackError, PermanentError) as error:
        return _preview(visit, item, act, proposal, told(error))
    return _onwards(visit, item, "proposed" if waiting else "done")


def _again(visit: Visit, item: int, act: str) -> Response:
    """Show the effect anew: the ledger moved, or another person was faster."""
    desk = visit.room.desk(visit.login)
    shown = desk.look(item, visit.sent("partner") or None, visit.sent("to"))
    return _preview(
        visit, item, act, shown if isinstance(shown, Refused) else _propose(visit, desk, shown, act), _AGAIN
    )


def approve(visit: Visit) -> Response:
    """Show a second person what the first proposed; with the seal of what was shown, do it."""
    desk = visit.room.desk(visit.login)
    found = pending(visit.room.engine, int(visit.request.path_params["approval"]))
    if not found:
        words = "This proposal doesn't wait any more."
        return page(visit, "refused.html", HTTPStatus.CONFLICT, words=words)
    waiting, warning = found[0], ""
    proposal = desk.reconsider(waiting)
    if waiting.proposed_by == visit.login:
        proposal = Refused(("you proposed it yourself: a second person must do this",))
    if not isinstance(proposal, Refused) and visit.sent("seal"):
        try:
            if visit.sent("seal") == proposal.seal:
                desk.carry_out(proposal)
                return _onwards(visit, waiting.item_id)
            warning = _AGAIN
        except LedgerMovedError:
            warning, proposal = _AGAIN, desk.reconsider(waiting)
        except (HeldBackError, PermanentError) as error:
            warning = told(error)
    return _preview(visit, waiting.item_id, "approve", proposal, warning)


def pause(visit: Visit) -> Response:
    """Stop applying and writing for a partner, or go on."""
    partner, engine = visit.path("partner"), visit.room.engine
    for action in _ACTIONS:
        if visit.sent("resume"):
            pause_sql.end(engine, "partner", partner, action, visit.login, visit.now)
        elif _note(visit):
            new = pause_sql.Pause("partner", partner, action, _note(visit), visit.login, visit.now)
            pause_sql.begin(engine, new)
    return RedirectResponse(f"/partner/{quote(partner, safe='')}", HTTPStatus.SEE_OTHER)


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
        title=TITLES.get(act, "Approve"),
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


def _onwards(visit: Visit, item: int, how: str = "done") -> Response:
    """Go on with what waits next, so that a morning's queue is worked through without going back."""
    following = next_open(visit.room.engine, item)
    place = f"/request/{quote(following.key)}" if following and following.key and following.id != item else "/queue"
    place = f"{place}?{how}={item}"
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)


def _note(visit: Visit) -> str:
    return " ".join(visit.sent("note").split())[:_LONGEST]


def take_back(visit: Visit) -> Response:
    """Show what taking an allocation back would do; with the seal of what was shown, do it."""
    desk, name = visit.room.desk(visit.login), visit.path("name")
    proposal = reversing.propose(desk, name, _note(visit))
    if isinstance(proposal, Refused):
        return page(visit, "missing.html", HTTPStatus.CONFLICT, words="; ".join(proposal.problems))
    seal, warning = visit.sent("seal"), ""
    if seal and _note(visit):
        try:
            if seal == _seal(proposal):
                reversing.take_back(desk, proposal)
                partner = quote(proposal.origin.allocation.partner_id, safe="")
                return RedirectResponse(f"/partner/{partner}", HTTPStatus.SEE_OTHER)
            warning = _AGAIN
        except LedgerMovedError:
            warning = _AGAIN
        except (HeldBackError, PermanentError) as error:
            warning = told(error)
    status = HTTPStatus.CONFLICT if warning else HTTPStatus.OK
    return page(visit, "taking_back.html", status, proposal=proposal, seal=_seal(proposal), warning=warning)


def _seal(proposal: reversing.TakingBack) -> str:
    """Name what was shown, the reason apart, which is still to be written."""
    shown = (proposal.origin.allocation, proposal.payment_left, proposal.invoice_open, proposal.letter)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
