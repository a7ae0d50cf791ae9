"""Past decisions made again from their record and compared: what the processor decided, it decides again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from processor.adapters.past_sql import Past
from processor.core.decide import decide
from processor.core.decision import Decision
from processor.core.holding import held_over_limit
from processor.core.outcomes import Outcome
from processor.core.policy import Policy
from processor.ports import Reader
from processor.worker import read_mail

_LIMIT = "limits_are_kept"  # the rule that holds a decision back after it was made


@dataclass(frozen=True, slots=True)
class Verified:
    """What a second decision showed: the fields that differ, and what of the program or its words has changed since.

    `why_not` says why it could not be made.
    """

    mail_id: int
    sha256: str
    differs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def is_same(self) -> bool:
        """Whether the same was decided again."""
        return not self.differs and not self.why_not


def verify(past: Past, reader: Reader, policy: Policy, versions: Mapping[str, str]) -> Verified:
    """Make a decision again from its record."""
    name = (past.mail.id, past.mail.sha256)
    if not past.is_sealed:
        return Verified(*name, differs=("record",), why_not="the record is not the one that the audit log sealed")
    if past.record["outcome"] == Outcome.QUARANTINED and past.record["trail"] == "[]":
        return Verified(*name, why_not="the mail could not be handled, so there was no decision")
    if past.snapshot is None or not past.mail.raw:
        return Verified(*name, why_not="what it was decided from was erased when its time was over")
    message = read_mail(reader, past.mail)
    again = _held(past.record, decide(message, past.snapshot, policy))
    others = tuple(sorted(key for key in {*versions, *past.versions} if versions.get(key) != past.versions.get(key)))
    return Verified(*name, differs=tuple(_differences(past.record, again)), others=others)


def _held(record: Mapping[str, Any], again: Decision) -> Decision:
    """Hold back what was held back above a limit: that hung on what others had applied that day."""
    last = json.loads(record["trail"])[-1:]
    return held_over_limit(again, last[0]["note"]) if last and last[0]["rule"] == _LIMIT else again


def _differences(record: Mapping[str, Any], again: Decision) -> Iterator[str]:
    plain = {
        "outcome": again.outcome.value,
        "sender": again.sender,
        "partner_id": again.partner_id,
        "language": again.language,
        "missing": [code.value for code in again.missing],
        "reasons": [code.value for code in again.reasons],
        "applications": [asdict(one) for one in again.applications],
        "evidence": [asdict(one) for one in again.evidence],
        "trail": [asdict(one) for one in again.trail],
    }
    for field, value in plain.items():
        kept = json.loads(record[field]) if isinstance(value, list) else record[field]
        if kept != value:
            yield field
