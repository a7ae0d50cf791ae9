"""Where the sender's words end: signatures and disclaimers, which hold no fact and no correction."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.message import SegmentKind
from processor.core.reading.text_lines import TextLine, opens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue

_SIGN_OFF_WORDS = 6
_FORMULA_WORDS = 4  # "Nous vous prions d'agréer …"
_DELIMITER = re.compile(r"\s*(?:--|—|__)\s*")
_POSTSCRIPT = r"\s*<postscript>"
_SIGNIFICANT = ("context.correction", "ordinals", "superlatives", "quantity.all_of_payment")


def mark_signatures(
    lines: Sequence[TextLine],
    kinds: list[SegmentKind],
    cues: Sequence[Sequence[Cue]],
    facts: Sequence[tuple[int, int]],
    grammar: Grammar,
) -> None:
    """Mark what follows the sign-off or the delimiter, and disclaimers, paragraph by paragraph;
    a fact or a PS is no signature.
    """
    signing, places = False, sorted(start for start, _ in facts)
    first_words = next((at for at, line in enumerate(lines) if not line.blank and kinds[at] is SegmentKind.NEW), 0)
    for paragraph in _paragraphs(lines, kinds):
        if signing and _last_that_matters(lines, paragraph, cues, places, grammar) >= 0:
            signing = False
        first = next(
            (position for position, at in enumerate(paragraph) if opens(lines[at], cues[at], "layout.disclaimer")),
            None,
        )
        if first is not None and not _holds_fact(lines[paragraph[first]].start, lines[paragraph[-1]].end, places):
            for at in paragraph[first:]:
                kinds[at] = SegmentKind.DISCLAIMER
            own = paragraph[:first]
        else:
            own = paragraph
        telling: int | None = None
        for position, at in enumerate(own):
            closing = at > first_words and (_DELIMITER.fullmatch(lines[at].text) or _signs_off(lines[at], cues[at]))
            if closing and telling is None:
                telling = _last_that_matters(lines, own, cues, places, grammar)
            ends = closing and telling is not None and telling <= position
            if ends or opens(lines[at], cues[at], "layout.sent_from"):
                signing = True
            if signing:
                kinds[at] = SegmentKind.SIGNATURE


def _paragraphs(lines: Sequence[TextLine], kinds: Sequence[SegmentKind]) -> Iterable[list[int]]:
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


def _last_that_matters(
    lines: Sequence[TextLine],
    paragraph: Sequence[int],
    cues: Sequence[Sequence[Cue]],
    places: Sequence[int],
    grammar: Grammar,
) -> int:
    """Return the position in a paragraph of the last line with a fact, a correction or a PS; -1 where there is none.
    `places` are those of facts, in order.
    """
    postscript = grammar.pattern(_POSTSCRIPT)
    for position in reversed(range(len(paragraph))):
        at = paragraph[position]
        if (
            any(cue.kind in _SIGNIFICANT for cue in cues[at])
            or _holds_fact(lines[at].start, lines[at].end, places)
            or postscript.match(level(lines[at].text))
        ):
            return position
    return -1


def _holds_fact(start: int, end: int, places: Sequence[int]) -> bool:
    return bisect_left(places, start) < bisect_left(places, end)


def _signs_off(line: TextLine, cues: Sequence[Cue]) -> bool:
    """Tell whether a line closes the mail: a few words of greeting, or a formula of letters of whatever length."""
    words = line.text.split()
    formula = any(
        cue.kind == "layout.sign_off" and len(line.text[: cue.end - line.start].split()) >= _FORMULA_WORDS
        for cue in cues
    )
    return (
        len(words) > 0
        and (len(words) <= _SIGN_OFF_WORDS or formula)
        and opens(line, cues, "layout.sign_off")
        and not any(char.isdigit() for char in line.text)
        and not line.text.rstrip().endswith("?")
    )
