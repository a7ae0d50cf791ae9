"""A decision as users' scripts read it: the result line of `replay --json` and `explain --json` (`contracts.md`)."""

from __future__ import annotations

import json
from typing import Any

from processor.core.currencies import to_text
from processor.core.decision import Decision
from processor.core.outcomes import Outcome
from processor.ports import RenderedLetter
from processor.worker import Considered


def result_line(case: str, mail: str, done: Considered | None, seconds: float) -> str:
    """Return one line of JSON; `done` is None for a mail that could not be handled.

    The same input gives the same bytes on any machine, but for `seconds`.
    """
    found = _result(case, mail, done) if done else _failure(case, mail)
    return json.dumps(found | {"seconds": round(seconds, 3)}, ensure_ascii=False)


def _result(case: str, mail: str, done: Considered) -> dict[str, Any]:
    """Return the result with its keys in the order of the contract."""
    decision = done.decision
    return {
        "case": case,
        "mail": mail,
        "message_id": next(iter(done.message.header("Message-ID")), None),
        "outcome": decision.outcome.value,
        "partner": decision.partner_id,
        "sender": decision.sender,
        "request": done.reference or None,
        "allocations": [
            {
                "payment": one.payment,
                "invoice": one.invoice,
                "amount": to_text(one.amount, one.currency),
                "currency": one.currency,
            }
            for one in decision.applications
        ],
        "missing": [missing.value for missing in decision.missing],
        "reasons": [reason.value for reason in decision.reasons],
        "reply": done.letter is not None,
        "language": decision.letter.language if decision.letter else None,
        "letter": _letter(done.letter),
        "evidence": _evidence(decision),
        "trail": [{"rule": trace.rule, "hit": trace.hit} for trace in decision.trail],
    }


def _failure(case: str, mail: str) -> dict[str, Any]:
    """Return what a mail that fails every time comes to: on a real mailbox it is quarantined."""
    nothing = dict.fromkeys(("partner", "sender", "request"))
    empty: dict[str, Any] = {"allocations": [], "missing": [], "reasons": [], "reply": False, "language": None}
    head = {"case": case, "mail": mail, "message_id": None, "outcome": Outcome.QUARANTINED.value}
    return head | nothing | empty | {"letter": None, "evidence": [], "trail": []}


def _letter(letter: RenderedLetter | None) -> dict[str, Any] | None:
    return None if letter is None else {"to": [letter.recipient], "subject": letter.subject, "text": letter.text}


def _evidence(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "field": one.field,
            "value": one.value,
            "source": one.source,
            "start": one.start,
            "end": one.end,
            "seen": one.seen,
        }
        for one in decision.evidence
    ]
