"""A labelled mail as it came, and what was decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from processor.core.decision import Decision, Snapshot
from processor.worker import Considered
from tests.core.metamorphic.letters import Leaf, rewritten

AMOUNT = re.compile(
    r"(?<![\w.,'/:-])(\d{1,3}(?:[.,' \u00a0\u202f\u2019]\d{3})+|\d{1,6})[.,](\d{2})"
    r"(?![\w'/:-]|[.,]\d|\. [a-z])"  # "1.12. we paid" is a day
)


@dataclass(frozen=True, slots=True)
class Original:
    """A mail and what was decided."""

    raw: bytes
    done: Considered

    @property
    def decision(self) -> Decision:
        return self.done.decision

    @property
    def snapshot(self) -> Snapshot:
        return self.done.snapshot

    @property
    def identifiers(self) -> set[str]:
        """The identifiers of everything that was applied."""
        return {number for one in self.decision.applications for number in (one.payment, one.invoice)}


Variation = Callable[[Original, Random], bytes | None]


def replaced(original: Original, others: Mapping[str, str]) -> bytes | None:
    """Write other identifiers in their place."""

    def change(leaf: Leaf) -> str:
        text = leaf.text
        for number, other in others.items():
            text = re.sub(rf"(?<![\w/=]){number}(?!\w)", other, text)
        return text

    return rewritten(original.raw, change)
