"""Gates 1 to 17 of `decisions.md`, one named function each, top to bottom: the first that fires decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from processor.core.decision import RequestState, ReviewItem, Snapshot
from processor.core.identity import Identity, Verdict
from processor.core.intent import Intent, intent_of
from processor.core.letter import LetterKind
from processor.core.machine import is_failure_report, is_own, running_attachment, spam_verdict, strong_sign, weak_sign
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.reading.read import Reading, read

if TYPE_CHECKING:
    from processor.core.message import Message
    from processor.core.policy import Policy


@dataclass(frozen=True)
class Situation:
    """One mail before the gates; it is read only when a gate needs its words."""

    message: Message
    snapshot: Snapshot
    policy: Policy
    identity: Identity

    @cached_property
    def permitted(self) -> Snapshot:
        """The snapshot of the partners for which the sender may ask."""
        roles = self.policy.profile.roles
        served = {contact.partner_id for contact in self.snapshot.contacts if contact.role in roles}
        keep = self.snapshot
        return Snapshot(
            keep.today,
            tuple(contact for contact in keep.contacts if contact.partner_id in served),
            tuple(partner for partner in keep.partners if partner.partner_id in served),
            tuple(payment for payment in keep.payments if payment.partner_id in served),
            tuple(invoice for invoice in keep.invoices if invoice.partner_id in served),
            tuple(row for row in keep.allocations if row.partner_id in served),
            keep.conversation,
            keep.delivered_before,
            keep.signers,
        )

    @cached_property
    def reading(self) -> Reading:
        """What the mail says."""
        return read(self.message, self.permitted, self.policy)

    @cached_property
    def intent(self) -> Intent:
        """What the mail wants."""
        return intent_of(self.reading, self.permitted)


@dataclass(frozen=True, slots=True)
class Ending:
    """What a gate decides: outcome, codes, the letter (none: no reply), and what people must look at."""

    outcome: Outcome
    reason: Reason | None = None
    missing: Missing | None = None
    letter: LetterKind | None = None
    reviews: tuple[ReviewItem, ...] = field(default=())
    state: RequestState | None = None


Gate = Callable[[Situation], Ending | None]


def is_not_our_own(case: Situation) -> Ending | None:
    """Gate 1: our own message came back, or a thread exceeds its loop limit."""
    conversation = case.snapshot.conversation
    looping = conversation is not None and conversation.letters >= case.policy.loop_limit
    return Ending(Outcome.IGNORED, Reason.OWN_MESSAGE) if looping or is_own(case.message, case.policy) else None


def is_first_delivery(case: Situation) -> Ending | None:
    """Gate 2: the same raw message, or the same Message-ID with the same content, was already taken in."""
    return Ending(Outcome.IGNORED, Reason.DUPLICATE_DELIVERY) if case.snapshot.delivered_before else None


def is_no_bounce(case: Situation) -> Ending | None:
    """Gate 3: a delivery report that says *failed*; its request can't be waiting unseen."""
    if not is_failure_report(case.message):
        return None
    return Ending(
        Outcome.IGNORED, Reason.BOUNCE, reviews=(ReviewItem("undelivered", "a letter of ours could not be delivered"),)
    )


def is_no_machine(case: Situation) -> Ending | None:
    """Gate 4: strong signs of a machine."""
    return Ending(Outcome.IGNORED, Reason.AUTO_REPLY) if strong_sign(case.message) else None


def is_probably_no_machine(case: Situation) -> Ending | None:
    """Gate 4a: weak signs: ignored if the sender's own text asks for no allocation, else operations decides."""
    weak = weak_sign(case.message, case.policy)
    if weak is None:
        return None
    asks = case.intent is Intent.ALLOCATION
    return Ending(Outcome.REJECTED if asks else Outcome.IGNORED, weak.reason)


def is_harmless(case: Situation) -> Ending | None:
    """Gate 5: spam or malware verdict of the configured server, or an attachment that runs."""
    bad = spam_verdict(case.message, case.policy) or running_attachment(case.message)
    return Ending(Outcome.QUARANTINED, Reason.SPAM) if bad else None


def sender_is_single(case: Situation) -> Ending | None:
    """Gate 6: From is not one single valid mailbox, or the trusted result says DMARC fail."""
    identity = case.identity
    if identity.address is None or identity.verdict is Verdict.SPOOFED:
        return Ending(Outcome.REJECTED, Reason.SENDER_SPOOFED)
    return None


def sender_is_authenticated(case: Situation) -> Ending | None:
    """Gate 7: no proof in the trusted result."""
    return (
        None
        if case.identity.verdict is Verdict.AUTHENTICATED
        else Ending(Outcome.REJECTED, Reason.SENDER_UNAUTHENTICATED)
    )


def sender_is_known(case: Situation) -> Ending | None:
    """Gate 8: the From address is on file for no partner."""
    if case.snapshot.contacts:
        return None
    reviews = (ReviewItem("look_alike", case.identity.look_alike_of),) if case.identity.look_alike_of else ()
    return Ending(Outcome.REJECTED, Reason.SENDER_UNKNOWN, letter=LetterKind.ACKNOWLEDGEMENT, reviews=reviews)


def sender_may_ask(case: Situation) -> Ending | None:
    """Gate 9: the address is on file, with no role that may request an allocation."""
    return (
        None if case.permitted.contacts else Ending(Outcome.REJECTED, Reason.ROLE_NOT_PERMITTED, letter=LetterKind.ROLE)
    )


def mail_can_be_read(case: Situation) -> Ending | None:
    """Limits (`reliability.md` T25 to T29): a mail too large to read; its known sender is told."""
    if not case.message.over_limit:
        return None
    return Ending(
        Outcome.REJECTED,
        Reason.ATTACHMENT_UNREADABLE,
        letter=LetterKind.OVERSIZE,
        reviews=(ReviewItem("attachment_unreadable", case.message.over_limit),),
    )


def content_is_not_sensitive(case: Situation) -> Ending | None:
    """Gate 10: change of bank details, complaint, dispute of what is owed, legal or other threat."""
    if case.intent is Intent.BANK_DETAILS:
        return Ending(Outcome.REJECTED, Reason.BANK_DETAILS_CHANGE)
    return Ending(Outcome.REJECTED, Reason.SENSITIVE_CONTENT) if case.intent is Intent.SENSITIVE else None


def partner_is_clear(case: Situation) -> Ending | None:
    """Gate 11: the address serves several partners and a statement is asked without saying for which;
    requests group by group.
    """
    several = len(case.permitted.partners) > 1 and not case.reading.partner_ids
    if several and case.intent is Intent.STATEMENT:
        return Ending(
            Outcome.NEEDS_DETAILS, missing=Missing.PARTNER_ID, letter=LetterKind.QUESTION, state=RequestState.WAITING
        )
    return None


def partner_is_served(case: Situation) -> Ending | None:
    """Gate 12: the mail states a partner ID that the sender does not serve."""
    served = {partner.partner_id for partner in case.permitted.partners}
    stated = set(case.reading.partner_ids)
    return (
        None
        if stated <= served
        else Ending(Outcome.REJECTED, Reason.PARTNER_MISMATCH, letter=LetterKind.ACKNOWLEDGEMENT)
    )


def statement_is_not_asked(case: Situation) -> Ending | None:
    """Gate 13: a statement is asked for."""
    return Ending(Outcome.ANSWERED, letter=LetterKind.STATEMENT) if case.intent is Intent.STATEMENT else None


def question_is_not_asked(case: Situation) -> Ending | None:
    """Gate 14: how-to question, thanks, status of an earlier request or of an own item; thanks alone gets nothing."""
    letters = {Intent.HOW_TO: LetterKind.HOW_TO, Intent.STATUS: LetterKind.STATUS, Intent.THANKS: None}
    if case.intent not in letters or _adds_nothing(case):
        return None
    return Ending(Outcome.ANSWERED, Reason.NO_REQUEST, letter=letters[case.intent])


def _adds_nothing(case: Situation) -> bool:
    """Tell whether a waiting request goes on waiting: thanks to a question of ours answers nothing."""
    conversation = case.snapshot.conversation
    return case.intent is Intent.THANKS and conversation is not None and conversation.state is RequestState.WAITING


def allocation_is_asked(case: Situation) -> Ending | None:
    """Gate 15: any other mail that asks for no allocation."""
    if case.intent is not Intent.OTHER:
        return None
    return Ending(Outcome.REJECTED, Reason.NO_REQUEST, letter=LetterKind.ACKNOWLEDGEMENT)


def request_is_not_withdrawn(case: Situation) -> Ending | None:
    """Gate 16: withdrawal of a request that waits for details."""
    return (
        Ending(Outcome.ANSWERED, letter=LetterKind.WITHDRAWN, state=RequestState.WITHDRAWN)
        if case.intent is Intent.WITHDRAWAL
        else None
    )


def sender_speaks_for_itself(case: Situation) -> Ending | None:
    """Gate 16a: staff of the mailbox's own organisation forward a partner's mail."""
    domain = (case.identity.address or "").rpartition("@")[2]
    return Ending(Outcome.REJECTED, Reason.ON_BEHALF_OF_OTHER) if domain in case.policy.own_domains else None


def nothing_is_taken_back(case: Situation) -> Ending | None:
    """Gate 17: reversal or move of an allocation already made; a person releases it."""
    return (
        Ending(Outcome.REJECTED, Reason.REVERSAL_REQUESTED, letter=LetterKind.ACKNOWLEDGEMENT)
        if case.intent is Intent.REVERSAL
        else None
    )


GATES: tuple[tuple[str, Gate], ...] = (
    ("1", is_not_our_own),
    ("2", is_first_delivery),
    ("3", is_no_bounce),
    ("4", is_no_machine),
    ("4a", is_probably_no_machine),
    ("5", is_harmless),
    ("6", sender_is_single),
    ("7", sender_is_authenticated),
    ("8", sender_is_known),
    ("9", sender_may_ask),
    ("limits", mail_can_be_read),
    ("10", content_is_not_sensitive),
    ("11", partner_is_clear),
    ("12", partner_is_served),
    ("13", statement_is_not_asked),
    ("14", question_is_not_asked),
    ("15", allocation_is_asked),
    ("16", request_is_not_withdrawn),
    ("16a", sender_speaks_for_itself),
    ("17", nothing_is_taken_back),
)
