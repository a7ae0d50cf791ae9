"""What a person is shown before anything is done: a matter, and a proposal bound to what it shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from processor.adapters.approval_sql import Choices
from processor.adapters.held_sql import Matter
from processor.core.by_person import Held
from processor.core.decision import Decision
from processor.core.message import Message
from processor.ports import RenderedLetter


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something can't be done, one sentence each."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known about a matter: the item, its mail as read, and what a person may decide on."""

    matter: Matter
    message: Message
    held: Held
    to: str = ""  # another contact to write to


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be done: the decision, the letter that would leave, and the request that it belongs to."""

    shown: Shown
    decision: Decision
    letter: RenderedLetter | None
    reference: str
    note: str
    act: str
    choices: Choices
    approval: int | None = None  # of the first person, where this is the second

    @property
    def substance(self) -> str:
        """Name what would be done to the books and the request: it stays the same while nothing changes there."""
        conversation, letter = self.shown.matter.conversation, self.letter
        return _hash(
            self.shown.matter.item_id,
            self.decision.outcome,
            self.decision.applications,
            (conversation.state, conversation.memory, conversation.letters) if conversation else (),
            letter.recipient if letter else "",
        )

    @property
    def seal(self) -> str:
        """Name what was shown, the letter's words too: another seal means that something has changed."""
        return _hash(self.substance, (self.letter.subject, self.letter.text) if self.letter else ())


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
