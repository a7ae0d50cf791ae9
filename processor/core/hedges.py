"""Words that leave it open whether a request is to be carried out now: then a yes is asked for, and nothing is applied before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from processor.core.matching.group import Group
    from processor.core.reading.read import Reading, Sentence


def is_hedged(reading: Reading, found: Iterable[Group]) -> bool:
    """Tell whether a mail waits, doubts, tells of the past or only asks, in words about what would be applied."""
    items = {name for group in found for name in _named_in(group)}
    return any(_is_held(sentence, items) or _is_doubtful(sentence, items) for sentence in reading.sentences)


def _named_in(group: Group) -> Iterable[str]:
    yield from (asked.line.invoice for asked in group.lines if asked.line.invoice)
    if group.named:
        yield group.named


def _is_held(sentence: Sentence, items: Collection[str]) -> bool:
    """Tell whether it says to wait, of these items or of the whole."""
    return sentence.has("context.hold") and (not sentence.named or not sentence.named.isdisjoint(items))


def _is_doubtful(sentence: Sentence, items: Collection[str]) -> bool:
    """Tell whether it speaks of these items with an if, a perhaps, a did you."""
    asks = sentence.question and not sentence.has("intent.request")
    return not sentence.named.isdisjoint(items) and (asks or sentence.has("context.hedge"))
