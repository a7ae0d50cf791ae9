"""Which stretch of a text is the sender's own new words.
Stretches are marked, never deleted; what the structure says comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.message import Segment, SegmentKind
from processor.core.reading.quoting import mark_quotes
from processor.core.reading.signing import mark_signatures
from processor.core.reading.text_lines import TextLine, cues_by_line, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.policy import Policy

_FORWARD_SUBJECT = r"\s*(?:\[[^\]]*\]\s*)?<forward>\s*:"


def is_forward(subject: str, grammar: Grammar) -> bool:
    """Tell whether a subject says that the mail is passed on (Fwd, FW, WG, TR, Doorst …)."""
    return grammar.pattern(_FORWARD_SUBJECT).match(level(subject)) is not None


def segment(
    text: str,
    structural: Sequence[Segment],
    cues: Sequence[Cue],
    facts: Sequence[tuple[int, int]],
    policy: Policy,
    *,
    forward: bool,
) -> tuple[Segment, ...]:
    """Divide folded text. `facts` are the places of identifiers, which no signature holds."""
    lines = lines_of(text)
    kinds = [_structural_kind(line, structural) for line in lines]
    by_line = cues_by_line(lines, cues)
    mark_quotes(lines, kinds, by_line, forward=forward, own=(policy.mailbox,))
    mark_signatures(lines, kinds, by_line, facts, policy.phrases.grammar)
    return tuple(_joined(lines, kinds, structural))


def _structural_kind(line: TextLine, structural: Sequence[Segment]) -> SegmentKind:
    middle = (line.start + max(line.start, line.end - 1)) // 2
    covering = [
        segment
        for segment in structural
        if segment.start <= middle < segment.end and segment.kind is not SegmentKind.HIDDEN
    ]
    return covering[-1].kind if covering else SegmentKind.NEW


def _joined(
    lines: Sequence[TextLine], kinds: Sequence[SegmentKind], structural: Sequence[Segment]
) -> Iterable[Segment]:
    """Join neighbouring lines of one kind, then lay the hidden stretches over them."""
    at = 0
    while at < len(lines):
        last = at
        while last + 1 < len(lines) and kinds[last + 1] is kinds[at]:
            last += 1
        yield Segment(kinds[at], lines[at].start, lines[last].end)
        at = last + 1
    yield from (segment for segment in structural if segment.kind is SegmentKind.HIDDEN)
