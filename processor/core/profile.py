"""One biller's grammar, roles and promises, built from `config/profiles/*.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """What is special to one biller. Patterns match whole identifiers in upper case, without spaces and dashes."""

    name: str
    invoice: re.Pattern[str]
    invoice_near: re.Pattern[str]
    invoice_digits: int
    prefixes: tuple[str, ...]
    payment: re.Pattern[str]
    payment_near: re.Pattern[str]
    bank_reference: re.Pattern[str]
    anything: re.Pattern[str]  # any of these five
    placeholders: frozenset[str]
    partner_id: re.Pattern[str]
    roles: frozenset[str]
    publication_from_days: int
    publication_to_days: int
    reminder_days: tuple[int, ...]
    expiry_days: int
    holidays: frozenset[date]

    def business_day(self, start: date, days: int) -> date:
        """Return the date so many business days after `start` (weekends and the profile's holidays don't count)."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= day.weekday() < _SATURDAY and day not in self.holidays
        return day


def load_profile(data: Mapping[str, Any]) -> Profile:
    """Build a profile from a parsed file. Raises KeyError naming a missing key, `re.error` on a wrong pattern."""
    identifiers, promise = data["identifiers"], data["promise"]
    shapes = ("invoice", "invoice_near", "payment", "payment_near", "bank_reference")
    return Profile(
        name=data["name"],
        invoice=_any_of(identifiers["invoice"]),
        invoice_near=_any_of(identifiers["invoice_near"]),
        invoice_digits=identifiers["invoice_digits"],
        prefixes=tuple(identifiers["prefixes"]),
        payment=_any_of(identifiers["payment"]),
        payment_near=_any_of(identifiers["payment_near"]),
        bank_reference=_any_of(identifiers["bank_reference"]),
        anything=_any_of([pattern for shape in shapes for pattern in identifiers[shape]]),
        placeholders=frozenset(identifiers["placeholders"]),
        partner_id=_any_of([identifiers["partner_id"]]),
        roles=frozenset(data["roles"]["allocate"]),
        publication_from_days=promise["publication_from_days"],
        publication_to_days=promise["publication_to_days"],
        reminder_days=tuple(promise["reminder_days"]),
        expiry_days=promise["expiry_days"],
        holidays=frozenset(date.fromisoformat(day) for day in promise["holidays"]),
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    """Join alternatives; none at all matches nothing."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)", re.ASCII)
