"""Which noun of the trade labels what follows it: in front, with little between, or grown together with it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from processor.core.characters import level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue, Phrasebook

_END = attrgetter("end")
CUE_REACH = 24  # characters from a label to what it labels
_BRIDGE = r"[\s:;.,#=()>\[\]\"'/*_|-]*(?:(?:<number>|<filler>)[\s:.#=º°ª()*-]*)*"


def label_before(text: str, start: int, labels: Sequence[Cue], phrases: Phrasebook) -> str:
    """Return the kind of the nearest label in front, when little but punctuation and number words stands between.

    `labels` are in the order of their ends.
    """
    begin, end = bisect_left(labels, start - CUE_REACH, key=_END), bisect_right(labels, start, key=_END)
    near = [cue for cue in labels[begin:end] if is_bridge(text[cue.end : start], phrases)]
    if not near:
        return ""
    last = max(near, key=lambda cue: (cue.end, cue.end - cue.start))
    return last.kind


def is_bridge(text: str, phrases: Phrasebook) -> bool:
    """Tell whether a text is but punctuation and number words, as between a label and its identifier."""
    return phrases.grammar.pattern(_BRIDGE).fullmatch(level(text)) is not None


def is_glued_to_noun(text: str, start: int, labels: Sequence[Cue], phrases: Phrasebook) -> bool:
    """Tell whether the letters that touch from the left are a cue word."""
    first = start
    while first and text[first - 1].isalpha():
        first -= 1
    word = level(text[first:start])
    return (
        first < start
        and any(cue.kind in {"cues.invoice", "cues.payment"} and _is_word_of(cue, first, start) for cue in labels)
    ) or (first < start and phrases.is_noun(word))


def _is_word_of(cue: Cue, first: int, start: int) -> bool:
    return cue.start <= first and cue.end >= start
