"""What a request remembers between mails, as JSON:
what was understood, what was asked, and what was offered to choose from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from processor.core.letter import QuestionKind
from processor.core.reading.stated import PaymentFact, Stated
from processor.core.request import AskedAmount, Line, Quantity, Total

VERSION = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was put: what it offered (payments by number in their order, neighbours, alternatives)."""

    kind: QuestionKind
    about: str = ""  # the invoice or payment that it speaks of
    choices: tuple[str, ...] = ()
    alternatives: tuple[tuple[tuple[str, str], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """A request as understood so far. `confirm` says that a forwarded text waits for a yes."""

    stated: Stated = field(default_factory=Stated)
    asked: tuple[Asked, ...] = ()
    partner_id: str | None = None
    confirm: bool = False
    hedged: bool = False
    unread: bool = False
    disagreed: bool = False
    reasons: tuple[str, ...] = ()

    def dump(self) -> str:
        """Return the memory as JSON with sorted keys."""
        return json.dumps(_memory_out(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def load_memory(text: str) -> Memory:
    """Read what `Memory.dump` wrote; nothing gives an empty memory. Raises ValueError on another version."""
    if not text:
        return Memory()
    data = json.loads(text)
    if data["version"] != VERSION:
        message = f"memory version {data['version']} is not {VERSION}"
        raise ValueError(message)
    asked = tuple(
        Asked(
            QuestionKind(entry["kind"]),
            entry["about"],
            tuple(entry["choices"]),
            tuple(tuple((pair[0], pair[1]) for pair in option) for option in entry["alternatives"]),
        )
        for entry in data["asked"]
    )
    return Memory(
        _stated_in(data["stated"]),
        asked,
        data["partner_id"],
        data["confirm"],
        data.get("hedged", False),
        data["unread"],
        data["disagreed"],
        tuple(data["reasons"]),
    )


def _memory_out(memory: Memory) -> dict[str, Any]:
    asked = [
        {
            "kind": entry.kind.value,
            "about": entry.about,
            "choices": list(entry.choices),
            "alternatives": [list(map(list, option)) for option in entry.alternatives],
        }
        for entry in memory.asked
    ]
    return {
        "version": VERSION,
        "stated": _stated_out(memory.stated),
        "asked": asked,
        "partner_id": memory.partner_id,
        "confirm": memory.confirm,
        "hedged": memory.hedged,
        "unread": memory.unread,
        "disagreed": memory.disagreed,
        "reasons": list(memory.reasons),
    }


def _stated_out(stated: Stated) -> dict[str, Any]:
    return {
        "lines": [
            {
                "invoice": line.invoice,
                "payment": line.payment,
                "amount": _amount_out(line.amount),
                "quantity": line.quantity,
                "deduction": line.deduction,
            }
            for line in stated.lines
        ],
        "lone_payments": list(stated.lone_payments),
        "facts": [{"amount": _amount_out(fact.amount), "payment": fact.payment} for fact in stated.facts],
        "totals": [{"amount": _amount_out(total.amount), "payment": total.payment} for total in stated.totals],
        "loose": [_amount_out(amount) for amount in stated.loose],
        "days": [[day.isoformat() for day in days] for days in stated.days],
        "ranges": [list(entry) for entry in stated.ranges],
        "flags": [name for name in _FLAGS if getattr(stated, name)],
    }


_FLAGS = ("unpaired", "vague_exclusion", "surplus_may_stay", "deduction", "all_open")


def _stated_in(data: dict[str, Any]) -> Stated:
    lines = tuple(
        Line(
            entry["invoice"],
            entry["payment"],
            _amount_in(entry["amount"]),
            Quantity(entry["quantity"]) if entry["quantity"] else None,
            entry["deduction"],
        )
        for entry in data["lines"]
    )
    return Stated(
        lines=lines,
        lone_payments=tuple(data["lone_payments"]),
        facts=tuple(
            PaymentFact(_amount_in(entry["amount"]) or AskedAmount(()), entry["payment"]) for entry in data["facts"]
        ),
        totals=tuple(
            Total(_amount_in(entry["amount"]) or AskedAmount(()), entry["payment"]) for entry in data["totals"]
        ),
        loose=tuple(_amount_in(entry) or AskedAmount(()) for entry in data["loose"]),
        days=tuple(tuple(date.fromisoformat(day) for day in days) for days in data["days"]),
        ranges=tuple((entry[0], entry[1]) for entry in data["ranges"]),
        unpaired="unpaired" in data["flags"],
        vague_exclusion="vague_exclusion" in data["flags"],
        surplus_may_stay="surplus_may_stay" in data["flags"],
        deduction="deduction" in data["flags"],
        all_open="all_open" in data["flags"],
    )


def _amount_out(amount: AskedAmount | None) -> dict[str, Any] | None:
    if amount is None:
        return None
    return {
        "readings": [str(value) for value in amount.readings],
        "currencies": list(amount.currencies),
        "seen": amount.seen,
        "doubtful": amount.doubtful,
        "balance": amount.balance,
    }


def _amount_in(data: dict[str, Any] | None) -> AskedAmount | None:
    if data is None:
        return None
    return AskedAmount(
        tuple(Decimal(value) for value in data["readings"]),
        tuple(data["currencies"]),
        data["seen"],
        data["doubtful"],
        data.get("balance", False),
    )
