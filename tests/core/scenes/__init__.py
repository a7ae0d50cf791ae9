"""Mails that make a row of `decisions.md` fire, and near twins that don't, each in the docstring of its scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from processor.core.currencies import to_text
from processor.core.decide import decide
from processor.core.decision import Conversation, Decision, RequestState, Snapshot
from processor.core.memory import Memory
from processor.core.message import Message
from processor.core.model import Allocation
from processor.core.outcomes import Missing
from processor.core.policy import Policy
from processor.core.reading.stated import Stated
from processor.core.request import Line
from tests.builders import PARTNER, invoice, mail, payment, policy, snapshot
from tests.core.docstrings import mail_of

Given = Callable[[], Snapshot]


@dataclass(frozen=True, slots=True)
class Scene:
    """One mail on one ledger. `row` is the row of the table that it is about, `comes_to` what is decided in words."""

    row: str
    fires: bool
    comes_to: str
    given: Given
    changes: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> Message:
        """The mail."""
        return mail_of(self.given, **self.changes)

    def decide(self) -> Decision:
        """Decide the mail."""
        return decide(self.message, self.given(), policy(**self.settings))


SCENES: list[Scene] = []


def fires(row: str, comes_to: str, *, settings: Mapping[str, Any] | None = None, **changes: Any) -> Callable[[Given], Given]:  # fmt: skip  # noqa: ANN401, E501
    """Tell of a mail that a row decides. `changes` are fields of the message that a text can't show."""
    return _scene(row, True, comes_to, settings, changes)


def spares(row: str, comes_to: str, *, settings: Mapping[str, Any] | None = None, **changes: Any) -> Callable[[Given], Given]:  # fmt: skip  # noqa: ANN401, E501
    """Tell of a near twin that the row leaves alone."""
    return _scene(row, False, comes_to, settings, changes)


def _scene(
    row: str, hits: bool, comes_to: str, settings: Mapping[str, Any] | None, changes: Mapping[str, Any]
) -> Callable[[Given], Given]:
    def keep(given: Given) -> Given:
        SCENES.append(Scene(row, hits, comes_to, given, changes, settings or {}))
        return given

    return keep


def in_words(decision: Decision) -> str:
    """Tell a decision in one line: outcome, codes, and `payment>invoice=amount` for each allocation."""
    codes = sorted([*decision.missing, *decision.reasons])
    applied = [f"{one.payment}>{one.invoice}={to_text(one.amount, one.currency)}" for one in decision.applications]
    return " ".join([decision.outcome, *codes, *applied])


def comes_to(words: str, given: Snapshot, policy: Policy) -> str:
    """Tell in one line what a new mail with these words comes to."""
    return in_words(decide(mail(words), given, policy))


DONE = "applied 1400000001>G000000001=1000.00"


def ledger(**changes: Any) -> Snapshot:  # noqa: ANN401  # any field of a snapshot
    """Return one payment and one invoice that fit each other."""
    return replace(snapshot(payment(), invoice()), **changes)


def waiting(**changes: Any) -> Conversation:  # noqa: ANN401  # any field of a conversation
    """Return a request that waits to be told the payment for one invoice."""
    memory = Memory(Stated(lines=(Line("G000000001"),))).dump()
    asked = (Missing.PAYMENT_REFERENCE,)
    built = Conversation("AR-K7Q2M", RequestState.WAITING, "en", memory, PARTNER.partner_id, missing=asked)
    return replace(built, **changes)


def booked(amount: int = 100_000) -> Allocation:
    """Return what an earlier mail brought about."""
    moment = datetime(2026, 11, 10, 9, tzinfo=UTC)
    return Allocation("1", "1400000001", "G000000001", PARTNER.partner_id, amount, "EUR", moment, "AR-K7Q2M")
