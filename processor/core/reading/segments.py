"""Which stretch of a text is the sender's own new words. Stretches are marked, never deleted;
what the structure says comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.message import Segment, SegmentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.policy import Policy

_HEADER_REACH = 8  # lines within which a mail's header block has its labels
_ATTRIBUTION_LINES = 4
_LONGEST_ATTRIBUTION = 300  # characters
_BRIEF_WORDS = 5  # "Jane Doe wrote:" needs no date
_MARKER_WORDS = 8  # a longer line that has a marker's words tells of it
_SIGN_OFF_WORDS = 6
_RULE = re.compile(r"\s*(?:[_=-]{5,}|-{2,}.*-{2,})\s*")
_DELIMITER = re.compile(r"\s*(?:--|—|__)\s*")
_QUOTE_MARK = re.compile(r"\s{0,3}(?:[>|]\s?)+")
_POSTSCRIPT = r"\s*<postscript>"
_LABEL_END = re.compile(r"\s?[*_]{0,2}\s?:")
_SIGNIFICANT = ("context.correction", "ordinals", "superlatives", "quantity.all_of_payment")
_FORWARD_SUBJECT = r"\s*(?:\[[^\]]*\]\s*)?<forward>\s*:"


_MARKERS = frozenset({"layout.forwarded_message", "layout.original_message"})
_ADDRESS_LED = re.compile(
    r"\d.*<[^<>@\s]+@[^<>@\s]+>\s?[:：]\Z", re.DOTALL
)  # "2026年11月16日(月) 9:12 … <…@…>:" has no verb


@dataclass(frozen=True, slots=True)
class _TextLine:
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


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
    lines = tuple(
        _TextLine(match.start(), match.end(), match.group())
        for match in re.finditer(r"[^\n]*(?:\n|$)", text)
        if match.group() or match.start() < len(text)
    )
    kinds = [_structural_kind(line, structural) for line in lines]
    by_line = _cues_by_line(lines, cues)
    _mark_quotes(lines, kinds, by_line, forward=forward, own=(policy.mailbox,))
    _mark_signatures(lines, kinds, by_line, facts, policy.phrases.grammar)
    return tuple(_joined(lines, kinds, structural))


def _cues_by_line(lines: Sequence[_TextLine], cues: Sequence[Cue]) -> tuple[tuple[Cue, ...], ...]:
    """Divide cues, which come in order of place, among the lines."""
    at = 0
    grouped: list[tuple[Cue, ...]] = []
    for line in lines:
        first = at
        while at < len(cues) and cues[at].start < line.end:
            at += 1
        grouped.append(tuple(cues[first:at]))
    return tuple(grouped)


def _structural_kind(line: _TextLine, structural: Sequence[Segment]) -> SegmentKind:
    middle = (line.start + max(line.start, line.end - 1)) // 2
    covering = [
        segment
        for segment in structural
        if segment.start <= middle < segment.end and segment.kind is not SegmentKind.HIDDEN
    ]
    return covering[-1].kind if covering else SegmentKind.NEW


def _mark_quotes(
    lines: Sequence[_TextLine],
    kinds: list[SegmentKind],
    cues: Sequence[Sequence[Cue]],
    *,
    forward: bool,
    own: Sequence[str],
) -> None:
    """Mark quoted lines, what an attribution or a header block introduces, and forwarded mails."""
    index = 0
    while index < len(lines):
        if kinds[index] is SegmentKind.NEW and _QUOTE_MARK.match(lines[index].text):
            kinds[index] = SegmentKind.QUOTED
        opening = _opening(lines, cues, index) if kinds[index] in {SegmentKind.NEW, SegmentKind.QUOTED} else None
        if opening:
            index = _mark_opened(lines, kinds, opening, index, forward=forward, own=own)
        else:
            index += 1


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where earlier mail begins: the lines of its heading, and what the heading says."""

    first: int
    after: int
    forwarded: bool
    heading: str
    is_block: bool


def _opening(lines: Sequence[_TextLine], cues: Sequence[Sequence[Cue]], index: int) -> _Opening | None:
    here = {cue.kind for cue in cues[index]}
    marker = bool(here & _MARKERS)
    if marker and len(lines[index].text.split()) <= _MARKER_WORDS:
        after = _header_block(lines, cues, index + 1) or index + 1
        return _Opening(index, after, "layout.forwarded_message" in here, _text(lines, index, after), is_block=True)
    if "layout.reply_above" in here:
        return _Opening(index, index + 1, forwarded=False, heading="", is_block=False)
    if after := _header_block(lines, cues, index):
        return _Opening(index, after, forwarded=False, heading=_text(lines, index, after), is_block=True)
    if after := _attribution(lines, cues, index):
        return _Opening(index, after, forwarded=False, heading=_text(lines, index, after), is_block=False)
    return None


def _text(lines: Sequence[_TextLine], first: int, after: int) -> str:
    return "".join(line.text for line in lines[first:after])


def _header_block(lines: Sequence[_TextLine], cues: Sequence[Sequence[Cue]], index: int) -> int:
    """Return the line after a block of From, Subject and Sent or To labels that starts here (skipping blank and rule
    lines).
    """
    first = index
    while first < min(len(lines), index + 3) and (
        lines[first].blank
        or _RULE.fullmatch(lines[first].text)
        or not _QUOTE_MARK.sub("", lines[first].text, count=1).strip()
    ):
        if any(cue.kind in _MARKERS for cue in cues[first]):
            return 0  # the marker opens it, and says what it is
        first += 1
    if first >= len(lines) or _label(lines[first], cues[first]) != "from":
        return 0
    labels: dict[str, int] = {}
    for at in range(first, min(len(lines), first + _HEADER_REACH)):
        if label := _label(lines[at], cues[at]):
            labels.setdefault(label, at)
    complete = "subject" in labels and ("sent" in labels or "to" in labels)
    return max(labels.values()) + 1 if complete else 0


def _label(line: _TextLine, cues: Sequence[Cue]) -> str:
    """Return the header label that a line begins with ("From", "Verzonden", "*Betreff*")."""
    lead = len(line.text) - len(line.text.lstrip(" \t>|*_"))
    for cue in cues:
        if (
            cue.kind.startswith("layout.")
            and cue.start == line.start + lead
            and _LABEL_END.match(line.text, cue.end - line.start)
        ):
            name = cue.kind.removeprefix("layout.")
            if name in {"from", "sent", "to", "subject"}:
                return name
    return ""


def _attribution(lines: Sequence[_TextLine], cues: Sequence[Sequence[Cue]], index: int) -> int:
    """Return the line after "On … wrote:", which may be wrapped over a few lines; 0 when there is none."""
    if lines[index].blank:
        return 0
    wrote = False
    for at in range(index, min(len(lines), index + _ATTRIBUTION_LINES)):
        if lines[at].blank:
            return 0
        wrote = wrote or any(cue.kind == "layout.wrote" for cue in cues[at])
        text = _QUOTE_MARK.sub("", lines[at].text, count=1).strip().rstrip("-_ ")  # Notes: "----- … wrote: -----"
        if text.endswith((":", "：")):
            joined = _text(lines, index, at + 1)
            telling = (
                any(char.isdigit() for char in joined)
                or "@" in joined
                or at + 1 == len(lines)
                or len(joined.split()) <= _BRIEF_WORDS
            )
            wrote = wrote or _ADDRESS_LED.search(joined.strip()) is not None
            return at + 1 if wrote and telling and len(joined) < _LONGEST_ATTRIBUTION else 0
    return 0


def _mark_opened(
    lines: Sequence[_TextLine],
    kinds: list[SegmentKind],
    opening: _Opening,
    index: int,
    *,
    forward: bool,
    own: Sequence[str],
) -> int:
    """Mark what a heading introduces; return where to go on.
    A heading with nothing of the sender's above hides nothing.
    """
    marked_lines = any(
        _QUOTE_MARK.match(line.text) for line in lines[opening.after : opening.after + 3] if not line.blank
    )
    above = any(
        kinds[at] is SegmentKind.NEW and not lines[at].blank and not _RULE.fullmatch(lines[at].text)
        for at in range(index)
    )
    ours = any(address in opening.heading.lower() for address in own)
    forwarded = (opening.forwarded or (forward and opening.is_block)) and not ours
    for at in range(opening.first, opening.after):
        kinds[at] = SegmentKind.FORWARDED if forwarded else SegmentKind.QUOTED
    if forwarded:
        return _mark_rest(kinds, opening.after, SegmentKind.FORWARDED)
    if (marked_lines and not opening.is_block) or not (above or ours):
        return opening.after  # the marked lines speak for themselves; answers may stand below or between them
    return _mark_rest(kinds, opening.after, SegmentKind.QUOTED)


def _mark_rest(kinds: list[SegmentKind], first: int, kind: SegmentKind) -> int:
    for at in range(first, len(kinds)):
        kinds[at] = kind
    return len(kinds)


def _mark_signatures(
    lines: Sequence[_TextLine],
    kinds: list[SegmentKind],
    cues: Sequence[Sequence[Cue]],
    facts: Sequence[tuple[int, int]],
    grammar: Grammar,
) -> None:
    """Mark what follows the sign-off or the delimiter, and disclaimers, paragraph by paragraph;
    a fact or a PS is no signature.
    """
    signing = False
    first_words = next((at for at, line in enumerate(lines) if not line.blank and kinds[at] is SegmentKind.NEW), 0)
    for paragraph in _paragraphs(lines, kinds):
        if signing and _matters(lines, paragraph, cues, facts, grammar):
            signing = False
        first = next(
            (position for position, at in enumerate(paragraph) if _opens(lines[at], cues[at], "layout.disclaimer")),
            None,
        )
        if first is not None and not _holds_fact(lines, paragraph[first:], facts):
            for at in paragraph[first:]:
                kinds[at] = SegmentKind.DISCLAIMER
            own = paragraph[:first]
        else:
            own = paragraph
        for position, at in enumerate(own):
            rest = own[position:]
            closing = at > first_words and (_DELIMITER.fullmatch(lines[at].text) or _signs_off(lines[at], cues[at]))
            if (closing and not _matters(lines, rest[1:], cues, facts, grammar)) or _opens(
                lines[at], cues[at], "layout.sent_from"
            ):
                signing = True
            if signing:
                kinds[at] = SegmentKind.SIGNATURE


def _paragraphs(lines: Sequence[_TextLine], kinds: Sequence[SegmentKind]) -> Iterable[list[int]]:
    """Yield runs of new, non-blank lines."""
    run: list[int] = []
    for at, line in enumerate(lines):
        if line.blank or kinds[at] is not SegmentKind.NEW:
            if run:
                yield run
            run = []
        else:
            run.append(at)
    if run:
        yield run


def _matters(
    lines: Sequence[_TextLine],
    paragraph: Sequence[int],
    cues: Sequence[Sequence[Cue]],
    facts: Sequence[tuple[int, int]],
    grammar: Grammar,
) -> bool:
    said = any(cue.kind in _SIGNIFICANT for at in paragraph for cue in cues[at])
    return (
        said
        or _holds_fact(lines, paragraph, facts)
        or any(grammar.pattern(_POSTSCRIPT).match(level(lines[at].text)) for at in paragraph)
    )


def _holds_fact(lines: Sequence[_TextLine], paragraph: Sequence[int], facts: Sequence[tuple[int, int]]) -> bool:
    return bool(paragraph) and any(lines[paragraph[0]].start <= start < lines[paragraph[-1]].end for start, _ in facts)


def _signs_off(line: _TextLine, cues: Sequence[Cue]) -> bool:
    words = line.text.split()
    return (
        0 < len(words) <= _SIGN_OFF_WORDS
        and _opens(line, cues, "layout.sign_off")
        and not any(char.isdigit() for char in line.text)
        and not line.text.rstrip().endswith("?")
    )


def _opens(line: _TextLine, cues: Sequence[Cue], kind: str) -> bool:
    lead = len(line.text) - len(line.text.lstrip(" \t*_[(\"'-"))
    return any(cue.kind == kind and cue.start <= line.start + lead for cue in cues)


def _joined(
    lines: Sequence[_TextLine], kinds: Sequence[SegmentKind], structural: Sequence[Segment]
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


def looks_empty(text: str) -> bool:
    """Tell whether a text holds no word at all."""
    return not re.search(r"\w", level(text))
