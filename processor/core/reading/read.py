"""One mail, read whole: what counts as the sender's words now, what they state, and what could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import exponent
from processor.core.message import AttachmentState
from processor.core.reading.alternatives import alternatives_differ
from processor.core.reading.amounts import WORD_CURRENCIES
from processor.core.reading.identifiers import own_items
from processor.core.reading.mention import Kind, Mention
from processor.core.reading.merge import Disagreement, combine
from processor.core.reading.page import Page, read_page
from processor.core.reading.scope import Scope, Stretches, scope_of, with_questions
from processor.core.reading.segments import is_forward
from processor.core.reading.sentences import Sentence, sentences_of
from processor.core.reading.spoken import is_spoken, mail_language
from processor.core.reading.stated import Stated
from processor.core.reading.stating import adopt, stated_in
from processor.core.reading.stretches import within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from processor.core.decision import Snapshot
    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.message import Message
    from processor.core.policy import Policy
    from processor.core.request import Evidence

_REPLY = r"\s*(?:\[[^\]]*\]\s*)?<reply>\s*(?:\[\d+\])?\s*:"
_REPLY_INSIDE = r":\s*<reply>\s*:"  # "Automatic reply: Re: …"
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says. `words` are the sender's own words now; `cues` the phrases in them.

    `passed_on` says that the lines are of a text passed on, `forwarded` that the sender gives no instruction of their
    own with it. `numbers` are bare numbers in an answer ("2"), by which a list is answered; `dates` the days that each
    date in the sender's words can mean.
    """

    stated: Stated
    words: str
    cues: tuple[Cue, ...]
    language: str | None
    sentences: tuple[Sentence, ...] = ()
    partner_ids: tuple[str, ...] = ()
    named: tuple[tuple[Kind, str], ...] = ()
    disagreement: Disagreement | None = None
    forwarded: bool = False
    passed_on: bool = False
    unreadable: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    figures: tuple[Decimal, ...] = ()
    dates: tuple[tuple[date, ...], ...] = ()
    currencies: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def has(self, *kinds: str) -> bool:
        """Tell whether a phrase of one of these kinds stands in the sender's words."""
        return any(cue.kind in kinds for cue in self.cues)


def read(message: Message, snapshot: Snapshot, policy: Policy) -> Reading:
    """Read a mail for its sender, whose own items the snapshot holds."""
    pages, language = _pages(message, snapshot, policy)
    scope = scope_of(pages, fresh_subject=_is_fresh(message.subject, policy.phrases.grammar))
    cues = tuple(cue for page, ranges in scope.own for cue in page.cues if within(cue.start, ranges))
    own = stated_in([(page, with_questions(page, ranges)) for page, ranges in scope.own], snapshot)
    inner = _passed_on(scope, own, snapshot)
    combined, disagreement = combine(
        own if inner is None else adopt(own, inner),
        [(page.name, stated_in([(page, ranges)], snapshot)) for page, ranges in scope.files],
        refers=any(cue.kind == "intent.see_attached" for cue in cues),
    )
    mentions = _mentions((*scope.own, *(scope.passed_on if inner is not None else ()), *scope.files))
    words = _words(scope)
    return Reading(
        stated=combined,
        words=words,
        cues=cues,
        language=language,
        sentences=tuple(sentence for page, ranges in scope.own for sentence in sentences_of(page, ranges)),
        partner_ids=tuple(dict.fromkeys(found.value for found in mentions if found.kind is Kind.PARTNER)),
        named=tuple(dict.fromkeys((found.kind, found.value) for found in mentions if found.kind is not Kind.PARTNER)),
        disagreement=disagreement or alternatives_differ(message, scope.bodies, policy, snapshot),
        passed_on=inner is not None and bool(inner.lines),
        forwarded=inner is not None and not inner.empty and not _instructs(cues),
        unreadable=tuple(part.name for part in message.attachments if part.state is AttachmentState.UNREADABLE),
        numbers=_bare_numbers(words),
        figures=tuple(value for page, ranges in scope.own for value in _figures(page, ranges)),
        dates=tuple(found.days for page, ranges in scope.own for found in page.dates if within(found.start, ranges)),
        currencies=_currencies(words, cues),
        evidence=combined.evidence,
    )


def _pages(message: Message, snapshot: Snapshot, policy: Policy) -> tuple[list[Page], str | None]:
    """Read each source, and keep the phrases of the languages that count."""
    items = own_items(snapshot, policy.profile)
    forward = is_forward(message.subject, policy.phrases.grammar)
    pages = [read_page(source, items, policy, snapshot.today, forward=forward) for source in message.sources]
    language = mail_language(pages, message, policy)
    spoken = frozenset({language, "en"} if language else {"en", *(partner.language for partner in snapshot.partners)})
    return [
        replace(page, cues=tuple(cue for cue in page.cues if is_spoken(cue, spoken, unsure=language is None)))
        for page in pages
    ], language


def _passed_on(scope: Scope, own: Stated, snapshot: Snapshot) -> Stated | None:
    """Return what is passed on, where the sender's own words state no line."""
    if own.lines or not any(ranges for _, ranges in scope.passed_on):
        return None
    return stated_in(scope.passed_on, snapshot)


def _mentions(scope: Iterable[Stretches]) -> list[Mention]:
    return [mention for page, ranges in scope for mention in page.mentions if within(mention.start, ranges)]


def _words(scope: Scope) -> str:
    """Return the sender's own words now, without the subject."""
    return "\n".join(
        page.text[start:end] for page, ranges in scope.own if page.name != "subject" for start, end in ranges
    )


def _is_fresh(subject: str, grammar: Grammar) -> bool:
    """Tell whether a subject is the sender's own now."""
    return not is_forward(subject, grammar) and not _is_reply(subject, grammar)


def _is_reply(subject: str, grammar: Grammar) -> bool:
    """Tell whether a subject is that of an earlier mail: its identifiers are history."""
    levelled = level(subject)
    return bool(grammar.pattern(_REPLY).match(levelled) or grammar.pattern(_REPLY_INSIDE).search(levelled))


def _instructs(cues: Sequence[Cue]) -> bool:
    """Tell whether the forwarder asks for something to be done with what is passed on."""
    kinds = {cue.kind for cue in cues}
    return "intent.process_below" in kinds or {"intent.allocate", "intent.request"} <= kinds


def _bare_numbers(words: str) -> tuple[int, ...]:
    """Return small numbers that stand alone in an answer: "2", "nr. 2", "2)", "option 2"."""
    return tuple(
        int(match.group(1))
        for match in re.finditer(r"(?<![\w.,/:-])#?([1-9])(?:\)|\.(?!\d)|º|ª|°|e|番)?(?![\w/:%-]|[.,]\d)", words)
    )


def _figures(page: Page, ranges: tuple[tuple[int, int], ...]) -> Iterable[Decimal]:
    """Yield what bare numbers may be read as, but for those that a sentence denies ("not the one of 2,000")."""
    denied = {page.limits.unit(cue.start) for cue in page.cues if cue.kind == "context.negation"}
    for amount in page.amounts:
        if amount.bare and page.limits.unit(amount.start) not in denied and within(amount.start, ranges):
            yield from amount.amount.readings


def _currencies(words: str, cues: Sequence[Cue]) -> tuple[str, ...]:
    codes = [code for code in _CODE.findall(words) if exponent(code) is not None]
    named = [code for cue in cues if cue.kind == "currency" for code in WORD_CURRENCIES.get(cue.value, (cue.value,))]
    return tuple(dict.fromkeys((*codes, *named)))
