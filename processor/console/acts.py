"""What a person does about a matter, from a page: its effect is shown, and the page's seal binds what is done to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import zip_longest
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from processor.adapters.approval_sql import pending
from processor.adapters.person_act import NotHeldError
from processor.adapters.queue_sql import next_open, read_item
from processor.adapters.review_acts import ItemActs
from processor.console import acting
from processor.console.acting import Came, Effect, Line, Wish, one_line
from processor.console.room import Visit
from processor.console.words import page
from processor.core.outcomes import Missing, Reason
from processor.review import Proposal

TITLES = {"apply": "Apply", "ask": "Ask the partner", "reject": "Reject", "release": "Release"}
_AGAIN = "Something has changed since this was shown, so nothing was done. This is how it stands now."


def decide(visit: Visit) -> Response:
    """Show what a decision would do; with the seal of what was shown, do it."""
    item, act = int(visit.request.path_params["item"]), visit.path("act")
    if act not in TITLES:
        return page(visit, "missing.html", HTTPStatus.NOT_FOUND, words=f"There is no act {act}.")
    effect = acting.decide(visit.room.desk(visit.login), item, _wish(visit, act), visit.sent("seal"))
    match effect.came:
        case Came.DONE | Came.PROPOSED:
            return _onwards(visit, item, effect.came.value)
    return _preview(visit, item, act, effect)


def approve(visit: Visit) -> Response:
    """Show a second person what the first proposed; with the seal of what was shown, do it."""
    found = pending(visit.room.engine, int(visit.request.path_params["approval"]))
    if not found:
        words = "This proposal doesn't wait any more."
        return page(visit, "refused.html", HTTPStatus.CONFLICT, words=words)
    effect = acting.approve(visit.room.desk(visit.login), found[0], visit.sent("seal"))
    if effect.came is Came.DONE:
        return _onwards(visit, found[0].item_id)
    return _preview(visit, found[0].item_id, "approve", effect)


def take_back(visit: Visit) -> Response:
    """Show what taking an allocation back would do; with the seal of what was shown, do it."""
    effect = acting.take_back(visit.room.desk(visit.login), visit.path("name"), _note(visit), visit.sent("seal"))
    proposal = effect.proposal
    if proposal is None:
        return page(visit, "missing.html", HTTPStatus.CONFLICT, words="; ".join(effect.problems))
    if effect.came is Came.DONE:
        partner = quote(proposal.origin.allocation.partner_id, safe="")
        return RedirectResponse(f"/partner/{partner}", HTTPStatus.SEE_OTHER)
    warning = _warning(effect.came, effect.problems)
    status = HTTPStatus.CONFLICT if warning else HTTPStatus.OK
    return page(visit, "taking_back.html", status, proposal=proposal, seal=proposal.seal, warning=warning)


def pause(visit: Visit) -> Response:
    """Stop applying and writing for a partner, or go on."""
    partner = visit.path("partner")
    if visit.sent("resume"):
        acting.resume(visit.room.engine, partner, visit.login, visit.now)
    elif _note(visit):
        acting.pause(visit.room.engine, partner, _note(visit), visit.login, visit.now)
    return RedirectResponse(f"/partner/{quote(partner, safe='')}", HTTPStatus.SEE_OTHER)


def assign(visit: Visit) -> Response:
    to = visit.login if visit.sent("to") == "me" else ""
    return _item_act(visit, lambda acts, item: acts.assign(item, to))


def note(visit: Visit) -> Response:
    return _item_act(visit, lambda acts, item: acts.note(item, _note(visit)))


def close(visit: Visit) -> Response:
    return _item_act(visit, lambda acts, item: acts.close(item, _note(visit)))


def reopen(visit: Visit) -> Response:
    return _item_act(visit, lambda acts, item: acts.reopen(item, _note(visit)))


def _wish(visit: Visit, act: str) -> Wish:
    return Wish(
        act=act,
        partner=visit.sent("partner"),
        to=visit.sent("to"),
        note=visit.sent("note"),
        lines=tuple(_lines(visit)),
        missing=tuple(Missing(one) for one in visit.form.get("missing", ()) if one in set(Missing)),
        reason=Reason(visit.sent("reason")) if visit.sent("reason") in set(Reason) else None,
        tell=visit.sent("tell") == "1",
    )


def _lines(visit: Visit) -> Iterator[Line]:
    columns = (visit.form.get(name, ()) for name in ("payment", "invoice", "amount"))
    for payment, invoice, amount in zip_longest(*columns, fillvalue=""):
        if payment or invoice:
            yield Line(payment.strip(), invoice.strip(), amount.strip())


def _warning(came: Came, problems: tuple[str, ...]) -> str:
    return _AGAIN if came is Came.CHANGED else "; ".join(problems) if came is Came.HELD_BACK else ""


def _preview(visit: Visit, item: int, act: str, effect: Effect[Proposal]) -> Response:
    warning = _warning(effect.came, effect.problems)
    problems = () if effect.proposal else effect.problems
    status = HTTPStatus.CONFLICT if warning else HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
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
        proposal=effect.proposal,
        problems=problems,
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
    return one_line(visit.sent("note"))
