"""An allocation is taken back by a person: what that does is shown before, and exactly that is done, once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from processor import events
from processor.adapters.origin_sql import AllocationOrigin, origin_of
from processor.adapters.reversal import Reversal, reverse
from processor.core.by_person import reversal_letter
from processor.core.letter import Letter
from processor.core.message import Message
from processor.ports import LedgerMovedError, RenderedLetter
from processor.review import Desk, Refused, RehearsingError


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What taking an allocation back would do. `letter` is None where nobody may be told."""

    origin: AllocationOrigin
    reason: str
    letter: Letter | None

    @property
    def payment_left(self) -> int:
        """What the payment would have left, in minor units."""
        return self.origin.payment_left + self.origin.allocation.amount

    @property
    def invoice_open(self) -> int:
        """What would be open on the invoice, in minor units."""
        return self.origin.invoice_open + self.origin.allocation.amount

    @property
    def seal(self) -> str:
        """Name what was shown, the reason apart, which is still to be written."""
        shown = (self.origin.allocation, self.payment_left, self.invoice_open, self.letter)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def propose(desk: Desk, name: str, reason: str) -> TakingBack | Refused:
    """Say what taking back the allocation of this name would do. Changes nothing."""
    origin = origin_of(desk.engine, name)
    if origin is None:
        return Refused((f"there is no allocation {name}",))
    if origin.allocation.reverses:
        return Refused((f"{name} is itself the reversal of {origin.allocation.reverses}",))
    if origin.taken_back_by:
        return Refused((f"{name} has been taken back already by {origin.taken_back_by}",))
    return TakingBack(origin, reason, _letter(desk, origin))


def take_back(desk: Desk, proposal: TakingBack) -> Reversal:
    """Do it. Raises `LedgerMovedError` where a balance is not as it was shown, `NotReversibleError`."""

    def letter_for(done: Reversal) -> RenderedLetter | None:
        if (done.payment_left, done.invoice_open) != (proposal.payment_left, proposal.invoice_open):
            raise LedgerMovedError("allocation", proposal.origin.allocation.allocation_id)
        return None if proposal.letter is None else _rendered(desk, proposal, proposal.letter, done.sequence)

    if desk.rehearsing:
        raise RehearsingError("set safety.mode to live")
    now = desk.clock.now()
    name = proposal.origin.allocation.allocation_id
    done = reverse(desk.engine, name, desk.actor, proposal.reason, now, letter_for)
    events.money_taken_back(done.row, desk.actor)
    return done


def _letter(desk: Desk, origin: AllocationOrigin) -> Letter | None:
    contact = origin.contact
    if contact is None or contact.role not in desk.policy.profile.roles:
        return None
    today: date = desk.clock.now().date()
    letter = reversal_letter(origin.allocation, origin.payment_left, origin.invoice_open, desk.policy.profile, today)
    return replace(letter, language=origin.language, to=contact.email, name=contact.name, subject=origin.subject)


def _rendered(desk: Desk, proposal: TakingBack, letter: Letter, sequence: int) -> RenderedLetter:
    origin = proposal.origin
    headers = (("Message-ID", origin.message_id),) if origin.message_id else ()
    answered = Message(origin.mail_sha256, "", 0, headers, origin.subject, ())
    return desk.renderer.render(letter, answered, origin.allocation.request, sequence)
