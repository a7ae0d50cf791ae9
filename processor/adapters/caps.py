"""How much may happen that nobody has looked at, as plain values: whoever only decides needs no database for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Amounts = Mapping[str, int]  # minor units by currency


@dataclass(frozen=True, slots=True)
class UnseenLimits:
    """How much, and how many allocations, may be made unseen; empty and 0 are no limit."""

    request: Amounts = field(default_factory=dict)
    partner_day: Amounts = field(default_factory=dict)
    day: Amounts = field(default_factory=dict)
    partner_hour_lines: int = 0
    hour_lines: int = 0


NO_LIMITS = UnseenLimits()


@dataclass(frozen=True, slots=True)
class Caps:
    """The most in a day (UTC), by address or domain, and in an hour; 0 is no limit. `slot` is in seconds."""

    letters: int = 0  # to one contact on file
    acknowledgements: int = 0  # of them, such as answer nothing
    stranger_letters: int = 0  # to one address that is not
    stranger_domain_letters: int = 0
    stranger_items: int = 0  # about one address without proof, or not on file
    stranger_domain_items: int = 0
    hour_items: int = 0  # about all strangers
    unknown_items: int = 0  # numbers that are not its own, from one sender
    slot: int = 0

    def not_before(self, at: datetime) -> datetime:
        """Return when a letter written now may leave: at the next slot, so that time tells nothing of the work."""
        if not self.slot:
            return at
        return datetime.fromtimestamp((int(at.timestamp()) // self.slot + 1) * self.slot, at.tzinfo)


NO_CAPS = Caps()
