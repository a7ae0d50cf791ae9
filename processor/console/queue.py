"""The queue: what waits for a person; and finding anything by number or name."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from processor.adapters.billing_sql import find
from processor.adapters.queue_sql import MOST, Wanted, read_queue
from processor.console.room import Visit
from processor.console.words import page

AGES = {"1": "1 day", "2": "2 days", "3": "3 days", "7": "a week"}
STATES = {"open": "open", "done": "done"}
FILTERS = ("state", "kind", "partner", "assignee", "language", "age", "q")


def queue(visit: Visit) -> Response:
    chosen = {name: visit.asked(name)[:100] for name in FILTERS}
    chosen["state"] = chosen["state"] if chosen["state"] in STATES else "open"
    wanted = Wanted(
        state=chosen["state"],
        kind=chosen["kind"],
        partner_id=chosen["partner"],
        assignee=chosen["assignee"],
        language=chosen["language"],
        before=visit.now - timedelta(days=int(chosen["age"])) if chosen["age"] in AGES else None,
        words=chosen["q"],
        after=visit.number("after"),
    )
    return page(
        visit,
        "queue.html",
        found=read_queue(visit.room.engine, wanted),
        chosen=chosen,
        ages=AGES,
        states=STATES,
        after=wanted.after,
        most=MOST,
        address=urlencode({name: value for name, value in chosen.items() if value}),
    )


def search(visit: Visit) -> Response:
    words = visit.asked("q")[:100]
    found = find(visit.room.engine, words)
    exact = [one for one in found if one.number.lower() == words.lower() and one.kind != "mail"]
    if len(exact) == 1 or len(found) == 1:
        return RedirectResponse((exact or found)[0].address, 303)
    return page(visit, "find.html", words=words, found=found)
