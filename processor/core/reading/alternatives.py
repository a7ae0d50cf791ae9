"""The text and the HTML of one mail side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.message import SegmentKind
from processor.core.reading.identifiers import own_items
from processor.core.reading.mention import Kind
from processor.core.reading.merge import Disagreement
from processor.core.reading.page import Page, read_page
from processor.core.reading.segments import is_forward
from processor.core.reading.stretches import within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.message import Message
    from processor.core.policy import Policy


def alternatives_differ(
    message: Message, bodies: Sequence[Page], policy: Policy, snapshot: Snapshot
) -> Disagreement | None:
    """Compare the text and the HTML of a mail: a reader of either must see the same identifiers."""
    other = message.other_body
    if other is None or not bodies:
        return None
    forward = is_forward(message.subject, policy.phrases.grammar)
    hidden_page = read_page(other, own_items(snapshot, policy.profile), policy, snapshot.today, forward=forward)
    shown, alternative = _named(bodies), _named([hidden_page])
    if not shown or not alternative or shown <= alternative or alternative <= shown:
        return None
    return Disagreement(
        ", ".join(sorted(value for _, value in shown)), ", ".join(sorted(value for _, value in alternative))
    )


def _named(pages: Iterable[Page]) -> set[tuple[Kind, str]]:
    """Return the invoices and payments that the sender's own words name."""
    return {
        (mention.kind, mention.value)
        for page in pages
        for mention in page.mentions
        if mention.kind is not Kind.PARTNER and within(mention.start, page.ranges(SegmentKind.NEW))
    }
