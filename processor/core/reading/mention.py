"""An identifier where it stands: what it names, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an identifier names."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    PARTNER = "partner_id"


@dataclass(frozen=True, slots=True)
class Mention:
    """An identifier where it stands in folded text. `value` is the ledger's spelling when `own`, else the one read."""

    kind: Kind
    value: str
    start: int
    end: int
    own: bool
    range_end: str = ""  # "…-93": the mail names a range
