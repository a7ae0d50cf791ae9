"""What operations can do about a matter that was held: see what it would bring about, then bring about exactly that.

A proposal changes nothing. Carrying it out is bound to what it showed: where balances, the request or the item have
changed since, nothing is written and it has to be looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Engine

from processor import events
from processor.adapters.approval_sql import Choices, Pending, propose
from processor.adapters.books_sql import SqlBooks
from processor.adapters.columns import storable
from processor.adapters.engine import transact
from processor.adapters.guard_sql import above
from processor.adapters.held_sql import Matter, account_of, read_matter, served_by
from processor.adapters.ledger_cells import address_key
from processor.adapters.person_act import PersonAct, SecondPair
from processor.core.by_person import (
    Chosen,
    Held,
    applications_of,
    applied_by_person,
    asked_by_person,
    rejected_by_person,
    unaskable,
    understood,
)
from processor.core.decide import decide
from processor.core.decision import Decision, Snapshot
from processor.core.identity import Verdict, author_of, identify
from processor.core.message import Message
from processor.core.model import Contact
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.policy import Policy
from processor.core.reading.read import read
from processor.core.reading.stated import Stated
from processor.core.reference import reference_for
from processor.core.threading import thread_keys
from processor.policy_files import policy_from, versions_of
from processor.ports import Clock, PermanentError, Reader, Renderer
from processor.proposal import Proposal, Refused, Shown
from processor.settings import Settings
from processor.wiring import SystemClock, four_eyes_from, open_database, reader_for, renderer_for
from processor.worker import read_mail

__all__ = ["Desk", "Proposal", "Refused", "RehearsingError", "Shown", "open_desk"]


class RehearsingError(PermanentError):
    """The program only rehearses, so nothing is carried out."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one person works. `versions` name the program and its words, as in every decision's record.

    `four_eyes` are sums in minor units by currency: more needs a second person. In rehearsal nothing is carried out.
    """

    engine: Engine
    reader: Reader
    renderer: Renderer
    policy: Policy
    versions: Mapping[str, str]
    clock: Clock
    actor: str
    four_eyes: Mapping[str, int] = field(default_factory=dict)
    rehearsing: bool = False

    def look(self, item_id: int, partner_id: str | None = None, to: str = "") -> Shown | Refused:
        """Gather a matter. `partner_id` names the partner where the item doesn't; `to` another contact to write to."""
        matter = read_matter(self.engine, item_id)
        if matter is None:
            return Refused((f"there is no review item {item_id}",))
        if matter.state != "open":
            return Refused((f"item {item_id} is done: `review reopen {item_id}` opens it again",))
        if matter.mail is None:
            return Refused((f"item {item_id} is about no mail: `review close {item_id}` ends it",))
        message = read_mail(self.reader, matter.mail)
        held = self._held(matter, message, partner_id or matter.partner_id, to)
        return held if isinstance(held, Refused) else Shown(matter, message, held, to)

    # --- what a person may propose ------------------------------------------------------------------------------------

    def apply(self, shown: Shown, chosen: Sequence[Chosen] = (), note: str = "") -> Proposal | Refused:
        """Propose to apply the chosen lines; without any, those that were understood."""
        lines = tuple(chosen) or understood(shown.held, self.policy)
        made, problems = applications_of(lines, shown.held.account)
        if problems:
            return Refused(problems)
        decision = applied_by_person(shown.held, made, self.policy, note)
        return self._proposal(shown, decision, note, "apply", lines)

    def ask(self, shown: Shown, missing: Sequence[Missing], note: str = "") -> Proposal | Refused:
        """Propose to ask the partner; `note` is put into the letter."""
        if problems := unaskable(missing, shown.held):
            return Refused(problems)
        return self._proposal(shown, asked_by_person(shown.held, missing, self.policy, note), note, "ask")

    def reject(self, shown: Shown, reason: Reason, note: str = "", *, tell: bool = True) -> Proposal:
        """Propose to end the matter without an allocation."""
        return self._proposal(shown, rejected_by_person(shown.held, reason, note, tell=tell), note, "reject")

    def release(self, shown: Shown, note: str = "") -> Proposal | Refused:
        """Propose to decide the mail again, with a person's word for what only a person may let through.

        That is a spam verdict, a sender without proof, and an amount above the limit.
        """
        matter, message = shown.matter, shown.message
        if matter.mail is None:
            return Refused(("there is no mail to decide",))
        policy = replace(self.policy, spam_headers=(), accept_unauthenticated=True, apply_limits={})
        keys = thread_keys(message, policy)
        found = self._books().snapshot_for(matter.mail, message, author_of(message), keys)
        snapshot = replace(found, today=self._today(), conversation=matter.conversation, delivered_before=False)
        decision = decide(message, snapshot, policy)
        if decision.outcome in {Outcome.REJECTED, Outcome.QUARANTINED}:
            reasons = ", ".join(decision.reasons)
            return Refused((f"decided again it is {decision.outcome} still: {reasons}",))
        joins = matter.conversation is not None
        decision = replace(decision, joins=joins, opens=decision.opens and not joins)
        return self._proposal(shown, decision, note, "release")

    def carry_out(self, proposal: Proposal) -> Pending | None:
        """Do what was proposed, in one transaction; what needs a second person is put before one and returned.

        Raises, with nothing written, `LedgerMovedError` where anything is not as it was shown, `HeldBackError` while
        applying is paused, `NotYoursToApproveError`, `RehearsingError`, and what `post` raises.
        """
        if self.rehearsing:
            raise RehearsingError("set safety.mode to live")
        if proposal.approval is None and above(proposal.decision.applications, self.four_eyes):
            return self._before_second(proposal)
        transact(self.engine, self._act(proposal).write)
        events.person_decided(proposal.shown.matter.item_id, proposal.decision, proposal.reference, self.actor)
        return None

    def reconsider(self, waiting: Pending) -> Proposal | Refused:
        """Show a second person what the first proposed, as it would be done today."""
        shown = self.look(waiting.item_id, waiting.partner_id, waiting.choices.to)
        if isinstance(shown, Refused):
            return shown
        again = (
            self.release(shown, waiting.note)
            if waiting.act == "release"
            else self.apply(shown, waiting.choices.lines, waiting.note)
        )
        if isinstance(again, Refused):
            return again
        if again.substance != waiting.seal:
            return Refused(
                (f"what item {waiting.item_id} is about has changed since it was proposed: propose it anew",)
            )
        return replace(again, approval=waiting.id)

    def _before_second(self, proposal: Proposal) -> Pending:
        item, partner_id = proposal.shown.matter.item_id, proposal.decision.partner_id
        now = self.clock.now()
        new = Pending(
            0, item, partner_id, proposal.act, proposal.choices, proposal.note, proposal.substance, self.actor, now
        )
        return propose(self.engine, new)

    def _act(self, proposal: Proposal) -> PersonAct:
        shown = proposal.shown
        if shown.matter.mail is None:
            raise AssertionError
        return PersonAct(
            item_id=shown.matter.item_id,
            mail=shown.matter.mail,
            message=shown.message,
            conversation=shown.matter.conversation,
            decision=proposal.decision,
            letter=proposal.letter,
            request=proposal.reference,
            actor=self.actor,
            note=storable(proposal.note),
            versions=self.versions,
            at=self.clock.now(),
            second=SecondPair(self.four_eyes, proposal.approval, proposal.substance),
        )

    # --- gathering --------------------------------------------------------------------------------------------------

    def _books(self) -> SqlBooks:
        return SqlBooks(self.engine, self.clock, self.versions)

    def _today(self) -> date:
        return self.clock.now().date()

    def _held(self, matter: Matter, message: Message, partner_id: str | None, to: str) -> Held | Refused:
        identity = identify(message, self.policy)
        proved = identity.address if identity.verdict is Verdict.AUTHENTICATED else None
        account = Snapshot(self._today()) if partner_id is None else account_of(self.engine, partner_id, self._today())
        if partner_id is not None and not account.partners:
            return Refused((f"there is no partner {partner_id} in the ledger",))
        recipient = _contact(account, to or proved, () if to else self.policy.profile.roles)
        if to and recipient is None:
            return Refused((f"{to} is not on file for the partner",))
        said = read(message, account, self.policy) if not message.over_limit else None
        spoken = matter.conversation.language if matter.conversation else said.language if said else None
        own = next((partner.language for partner in account.partners), "en")
        return Held(
            account=account,
            sender=identity.address or "",
            recipient=recipient,
            language=own if to or not spoken else spoken,
            subject=message.subject,
            stated=said.stated if said else Stated(),
            conversation=matter.conversation,
            served=served_by(self.engine, proved) if proved else (),
            unreadable=said.unreadable if said else (),
        )

    def _proposal(
        self, shown: Shown, decision: Decision, note: str, act: str, lines: tuple[Chosen, ...] = ()
    ) -> Proposal:
        """Write the letter that would leave. A matter without a request opens one."""
        choices = Choices(lines, shown.to)
        matter = shown.matter
        conversation = matter.conversation
        opened = reference_for(matter.mail.sha256) if matter.mail and decision.opens else ""
        reference = conversation.reference if conversation else opened
        if decision.letter is None:
            return Proposal(shown, decision, None, reference, note, act, choices)
        facts = replace(decision.letter, reference=reference)
        sequence = conversation.letters + 1 if conversation else 1
        letter = self.renderer.render(facts, shown.message, reference, sequence)
        return Proposal(shown, replace(decision, letter=facts), letter, reference, note, act, choices)


@contextmanager
def open_desk(settings: Settings, actor: str) -> Iterator[Desk]:
    """Put together where a person works. Raises `BadSettingsError`, `OutsideError`."""
    clock, policy = SystemClock(), policy_from(settings)
    with ExitStack() as stack:
        engine = stack.enter_context(open_database(settings))
        reader = stack.enter_context(closing(reader_for(settings)))
        renderer = renderer_for(settings, clock)
        four_eyes, rehearsing = four_eyes_from(settings), settings.safety.mode != "live"
        yield Desk(engine, reader, renderer, policy, versions_of(settings), clock, actor, four_eyes, rehearsing)


def _contact(account: Snapshot, address: str | None, roles: Sequence[str] | frozenset[str]) -> Contact | None:
    """Return the contact on file with this address, and with one of the roles where any are given."""
    if address is None:
        return None
    mine = [one for one in account.contacts if address_key(one.email) == address_key(address)]
    return next((one for one in mine if not roles or one.role in roles), None)
