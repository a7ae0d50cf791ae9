"""Where earlier mail begins and how far it goes: quote marks, header blocks, attributions, forwarded mails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.message import SegmentKind
from processor.core.reading.text_lines import RULE, TextLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue

_HEADER_REACH = 8  # lines within which a mail's header block has its labels
_ATTRIBUTION_LINES = 4
_LONGEST_ATTRIBUTION = 300  # characters
_BRIEF_WORDS = 5  # "Jane Doe wrote:" needs no date
_MARKER_WORDS = 8  # a longer line that has a marker's words tells of it
_QUOTE_MARK = re.compile(r"\s{0,3}(?:>|\|(?![^|\n]*\|))(?:\s?[>|])*\s?")  # a line between bars is a table's row
_LABEL_END = re.compile(r"\s?[*_]{0,2}\s?:")
_MARKERS = frozenset({"layout.forwarded_message", "layout.original_message"})
_MOMENT = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)|\b(?:19|20)\d{2}\b|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}|\d[年月日]", re.ASCII)
_ADDRESS = re.compile(r"<[^<>@\s]+@[^<>@\s]+>\s?[:：]\Z")


def mark_quotes(
    lines: Sequence[TextLine],
    kinds: list[SegmentKind],
    cues: Sequence[Sequence[Cue]],
    *,
    forward: bool,
    own: Sequence[str],
) -> None:
    """Mark quoted lines, what an attribution or a header block introduces, and forwarded mails."""
    index, above = 0, False  # whether anything of the sender's stands above
    history = SegmentKind.FORWARDED in kinds
    while index < len(lines):
        if kinds[index] is SegmentKind.NEW and _QUOTE_MARK.match(lines[index].text):
            kinds[index] = SegmentKind.QUOTED
        opening = _opening(lines, cues, index) if kinds[index] in {SegmentKind.NEW, SegmentKind.QUOTED} else None
        if opening:
            index = _mark_opened(lines, kinds, opening, above=above, forward=forward, own=own)
            if history or kinds[-1] is SegmentKind.FORWARDED:
                history = not _mark_history(lines, kinds, cues, opening.after)
        else:
            line = lines[index]
            above = above or not (kinds[index] is not SegmentKind.NEW or line.blank or RULE.fullmatch(line.text))
            index += 1


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where earlier mail begins: the lines of its heading, and what the heading says."""

    first: int
    after: int
    forwarded: bool
    heading: str
    is_block: bool


def _opening(lines: Sequence[TextLine], cues: Sequence[Sequence[Cue]], index: int) -> _Opening | None:
    here = {cue.kind for cue in cues[index]}
    marker = any(cue.kind in _MARKERS and _leads(lines[index], cue) for cue in cues[index])
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


def _leads(line: TextLine, cue: Cue) -> bool:
    """Tell whether no word stands before a phrase in its line."""
    return not any(char.isalnum() for char in line.text[: max(0, cue.start - line.start)])


def _text(lines: Sequence[TextLine], first: int, after: int) -> str:
    return "".join(line.text for line in lines[first:after])


def _header_block(lines: Sequence[TextLine], cues: Sequence[Sequence[Cue]], index: int) -> int:
    """Return the line after a block of From, Subject and Sent or To labels that starts here (skipping blank and rule
    lines).
    """
    first = index
    while first < min(len(lines), index + 3) and (
        lines[first].blank
        or RULE.fullmatch(lines[first].text)
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


def _label(line: TextLine, cues: Sequence[Cue]) -> str:
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


def _attribution(lines: Sequence[TextLine], cues: Sequence[Sequence[Cue]], index: int) -> int:
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
            wrote = wrote or _ends_in_address(joined.strip())
            opens_here = index >= _attribution_start(lines, cues, index, at)
            return at + 1 if wrote and telling and opens_here and len(joined) < _LONGEST_ATTRIBUTION else 0
    return 0


def _ends_in_address(text: str) -> bool:
    """Tell whether a text with a number ends in an address ("2026年11月16日(月) 9:12 … <…@…>:" has no verb)."""
    address = _ADDRESS.search(text)
    return address is not None and any(char.isdecimal() for char in text[: address.start()])


def _attribution_start(lines: Sequence[TextLine], cues: Sequence[Sequence[Cue]], index: int, last: int) -> int:
    """Return the line that an attribution begins in: the words above it are no part of it."""
    dated = next((at for at in range(last, index - 1, -1) if _MOMENT.search(lines[at].text)), None)
    if dated is None:
        return last if len(lines[last].text.split()) > 1 else index
    while dated > index and (
        "@" in lines[dated - 1].text or any(cue.kind == "layout.wrote" for cue in cues[dated - 1])
    ):
        dated -= 1
    return dated


def _mark_opened(
    lines: Sequence[TextLine],
    kinds: list[SegmentKind],
    opening: _Opening,
    *,
    above: bool,
    forward: bool,
    own: Sequence[str],
) -> int:
    """Mark what a heading introduces; return where to go on.
    A heading with nothing of the sender's above hides nothing.
    """
    marked_lines = any(
        _QUOTE_MARK.match(line.text) for line in lines[opening.after : opening.after + 3] if not line.blank
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


def _mark_history(
    lines: Sequence[TextLine], kinds: list[SegmentKind], cues: Sequence[Sequence[Cue]], first: int
) -> bool:
    """Mark marked lines and their attribution inside a mail passed on as history: they are older than what it says.
    Return whether there was such a mail, and not all of it marked.
    """
    told = (at for at in range(first, len(lines)) if kinds[at] is SegmentKind.FORWARDED and not lines[at].blank)
    begin = next(told, None)
    if begin is None or _QUOTE_MARK.match(lines[begin].text):
        return False  # all of it is marked
    for at in [begin, *told]:
        if _QUOTE_MARK.match(lines[at].text):
            kinds[at] = SegmentKind.QUOTED
        elif after := _attribution(lines, cues, at):
            following = next((line for line in lines[after:] if not line.blank), None)
            if following and _QUOTE_MARK.match(following.text):
                kinds[at:after] = [SegmentKind.QUOTED] * (after - at)
    return True


def _mark_rest(kinds: list[SegmentKind], first: int, kind: SegmentKind) -> int:
    kinds[first:] = [kind] * (len(kinds) - first)
    return len(kinds)
