"""A flood stays a trickle: how many letters one address or domain can bring about, and how many items for people.

What exceeds a limit is decided and kept like any mail; it gets no letter, or no item of its own, and people are told
once. Unknown and foreign numbers are counted by sender, so that whoever tries them out is seen (`reliability.md` T16).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Executable, func, select
from sqlalchemy.dialects import postgresql, sqlite

from processor.adapters.caps import NO_CAPS, Caps
from processor.adapters.follow_up_sql import is_done, mark_done
from processor.adapters.journal_tables import letter as letters
from processor.adapters.journal_tables import review_item
from processor.adapters.ledger_cells import address_key
from processor.adapters.privacy_tables import tally
from processor.core.decision import Conversation, Decision, RequestState, ReviewItem
from processor.core.letter import Letter, LetterKind, QuestionKind
from processor.core.outcomes import Reason

HOUR = timedelta(hours=1)
STRANGERS = frozenset({Reason.SENDER_UNKNOWN, Reason.SENDER_UNAUTHENTICATED, Reason.SENDER_SPOOFED})
_UNKNOWN = frozenset({QuestionKind.INVOICE_UNKNOWN, QuestionKind.PAYMENT_UNKNOWN})
_OF_A_REQUEST = frozenset({LetterKind.QUESTION, LetterKind.CONFIRMATION})
_EMPTY = frozenset({LetterKind.ACKNOWLEDGEMENT, LetterKind.ROLE, LetterKind.OVERSIZE, LetterKind.HOW_TO})


@dataclass(frozen=True, slots=True)
class Flood:
    """Counts what one decision would bring about, in its transaction, and takes away what is too much."""

    caps: Caps
    connection: Connection
    at: datetime
    conversation: Conversation | None = None  # that the mail answers
    content: str = ""  # hash of its words

    def restrained(self, decision: Decision) -> Decision:
        """Return a decision as it may be written; `opens`, letter and review items are all that changes."""
        if self.caps == NO_CAPS:
            return decision
        kept = self._counted_numbers(decision)
        kept = self._with_letter(kept) if kept.letter else kept
        return self._with_items(kept) if STRANGERS & set(kept.reasons) else kept

    def _counted_numbers(self, decision: Decision) -> Decision:
        """Count numbers that the sender's partners don't have; tell people when there are many."""
        limit, tried = self.caps.unknown_items, _tried(decision)
        if not limit or not tried:
            return decision
        count = self._count("unknown_items", address_key(decision.sender), tried)
        if count - tried >= limit or count < limit:
            return decision
        note = f"{decision.sender} named {count} numbers today that are not its own"
        return replace(decision, reviews=(*decision.reviews, ReviewItem("probing", note)))

    def _with_letter(self, decision: Decision) -> Decision:
        """Take the letter away where its reader had enough today. Of one that a request hangs on people always hear."""
        letter = decision.letter
        if letter is None or self._is_a_loop(letter, address_key(decision.sender)):
            return replace(decision, letter=None)
        over = next(self._letters_over(decision), None)
        if over is None:
            return decision
        is_strange = Reason.SENDER_UNKNOWN in decision.reasons  # then there is an item anyway
        tells = letter.kind in _OF_A_REQUEST or (over.is_first and not is_strange)
        told = (over.item("letters_capped"),) if tells else ()
        state = RequestState.IN_REVIEW if decision.state is RequestState.WAITING else decision.state
        return replace(decision, letter=None, state=state, reviews=(*decision.reviews, *told))

    def _is_a_loop(self, letter: Letter, address: str) -> bool:
        """Tell whether a letter would answer the answer to its like, or the same words again: a robot may be there."""
        if letter.kind not in _EMPTY or not self.caps.acknowledgements:
            return False
        if self.conversation and self._has_got(self.conversation.reference, letter.kind):
            return True
        return self._count("letters", f"{address} {self.content}", 1) > 1

    def _has_got(self, reference: str, kind: LetterKind) -> bool:
        found = select(letters.c.id).where(letters.c.request == reference, letters.c.kind == kind)
        return self.connection.execute(found.limit(1)).first() is not None

    def _letters_over(self, decision: Decision) -> Iterator[_Over]:
        caps, address = self.caps, address_key(decision.sender)
        if Reason.SENDER_UNKNOWN not in decision.reasons:
            if decision.letter and decision.letter.kind in _EMPTY:
                yield from self._over("letters", f"{address} acknowledged", caps.acknowledgements, "letters to")
            yield from self._over("letters", address, caps.letters, "letters to")
            return
        yield from self._over("stranger_letters", address, caps.stranger_letters, "letters to")
        yield from self._over("stranger_letters", _domain(address), caps.stranger_domain_letters, "letters to")

    def _with_items(self, decision: Decision) -> Decision:
        """Let a stranger's mail have no item and no request of its own where there are enough; people hear of that."""
        over = next(self._items_over(decision), None)
        if over is None:
            return decision
        told = (over.item("flood"),) if over.is_first else ()
        return replace(decision, letter=None, opens=False, state=None, reviews=told)

    def _items_over(self, decision: Decision) -> Iterator[_Over]:
        caps, address = self.caps, address_key(decision.sender)
        yield from self._over("stranger_items", address, caps.stranger_items, "mails of strangers from")
        yield from self._over("stranger_items", _domain(address), caps.stranger_domain_items, "mails of strangers from")
        if caps.hour_items and self._opened_of_late() >= caps.hour_items:
            hour = f"flood {self.at:%Y-%m-%d %H}"
            is_first = not is_done(self.connection, hour)
            mark_done(self.connection, [hour], self.at)
            yield _Over(f"more than {caps.hour_items} mails of strangers in an hour", is_first=is_first)

    def _opened_of_late(self) -> int:
        """Count what strangers' mails of the last hour still ask of people."""
        late = (review_item.c.state == "open") & (review_item.c.opened_at > self.at - HOUR)
        theirs = review_item.c.kind.in_([*STRANGERS, "look_alike"])
        return self.connection.scalars(select(func.count()).select_from(review_item).where(late, theirs)).one()

    def _over(self, kind: str, name: str, limit: int, words: str) -> Iterator[_Over]:
        """Count one more under a name that has a limit; yield what to tell where that is too many."""
        if not limit:
            return
        count = self._count(kind, name, 1)
        if count > limit:
            yield _Over(f"more than {limit} {words} {name or 'nobody'} today", is_first=count == limit + 1)

    def _count(self, kind: str, name: str, more: int) -> int:
        row = {"day": self.at.date(), "kind": kind, "name": name, "count": more}
        count: int = self.connection.execute(_counted(self.connection.dialect.name), row).scalar_one()
        return count


@cache
def _counted(dialect: str) -> Executable:
    """Build the statement once: building it costs more than running it."""
    added = {"postgresql": postgresql, "sqlite": sqlite}[dialect].insert(tally)
    more = {"count": tally.c.count + added.excluded.count}
    key = [tally.c.day, tally.c.kind, tally.c.name]
    counted: Executable = added.on_conflict_do_update(index_elements=key, set_=more).returning(tally.c.count)
    return counted


@dataclass(frozen=True, slots=True)
class _Over:
    """A limit that was exceeded, in words, and whether people have not heard of it yet."""

    words: str
    is_first: bool

    def item(self, kind: str) -> ReviewItem:
        return ReviewItem(kind, f"{self.words}: what comes above that is decided and kept, without {_MISSED[kind]}")


_MISSED = {"letters_capped": "a letter", "flood": "an item of its own"}


def _domain(address: str) -> str:
    return "@" + address.rpartition("@")[2]


def _tried(decision: Decision) -> int:
    """Return how many numbers a mail names that the sender's partners don't have."""
    asked = decision.letter.questions if decision.letter else ()
    unknown = {one.payment or one.invoice or one.seen for one in asked if one.kind in _UNKNOWN}
    return len(unknown) + (Reason.PARTNER_MISMATCH in decision.reasons)
