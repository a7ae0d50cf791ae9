"""What a check of the ledger finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A row that breaks an invariant: its table, its key (empty is the whole table), and what is wrong."""

    table: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.reason}" if self.key else f"{self.table}: {self.reason}"
