"""The counts at the end of a replay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from processor.cli.screen import screen, table
from processor.core.outcomes import Outcome
from processor.replay import Replayed


@dataclass(slots=True)
class Counts:
    """Mails by outcome, allocations, letters and time."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    allocations: int = 0
    letters: int = 0
    seconds: float = 0.0

    def add(self, one: Replayed) -> None:
        """Count one mail."""
        self.seconds += one.seconds
        if one.done is None:
            self.outcomes[Outcome.QUARANTINED] += 1
            return
        self.outcomes[one.done.decision.outcome] += 1
        self.reasons.update(one.done.decision.reasons)
        self.allocations += len(one.done.decision.applications)
        self.letters += one.done.letter is not None

    def show(self, *, to_stderr: bool = False) -> None:
        """Print the counts."""
        console = screen(to_stderr=to_stderr)
        mails = sum(self.outcomes.values())
        rows = [(outcome.value, str(self.outcomes[outcome])) for outcome in Outcome if self.outcomes[outcome]]
        console.print(table(("outcome", "mails"), rows, right=("mails",)))
        if self.reasons:
            named = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
            console.print()
            console.print(
                table(("reason", "mails"), [(reason, str(count)) for reason, count in named], right=("mails",))
            )
        console.print(
            f"\n{mails} mails, {self.allocations} allocations, {self.letters} letters in {self.seconds:.1f} s"
            f" ({1000 * self.seconds / max(mails, 1):.0f} ms a mail)."
        )
