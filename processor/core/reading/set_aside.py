"""Stretches that a mail sets aside: what stands below a heading that says so, list items left out by number."""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING

from processor.core.characters import level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token

_START = attrgetter("start")
_SET_ASIDE = frozenset({"intent.fyi", "intent.withdrawal"})
_POSITION = r"(?:<position>[\s.:#]*|#)(\d{1,2})(?!\w)|(\d)番"


def set_aside(page: Page) -> list[tuple[int, int]]:
    """Return what stands below a heading that says not to touch it ("For information only, nothing to do:"),
    up to the next blank line.
    """
    found: list[tuple[int, int]] = []
    cues = sorted(page.cues, key=_START)
    for match in re.finditer(r"(?m)^[^\n]*:[ \t]*$", page.text):
        first, after = bisect_left(cues, match.start(), key=_START), bisect_left(cues, match.end(), key=_START)
        inside = cues[first:after]
        if (
            any(_sets_aside(page, cue) for cue in inside)
            and all(cue.kind != "intent.allocate" for cue in inside)
            and not any(match.start() <= mention.start < match.end() for mention in page.mentions)
        ):
            blank = re.compile(r"\n[ \t]*\n").search(page.text, _first_word(page.text, match.end()))
            found.append((match.end(), blank.start() if blank else len(page.text)))
    return found


def _first_word(text: str, place: int) -> int:
    word = re.compile(r"\w").search(text, place)
    return word.start() if word else len(text)


def _sets_aside(page: Page, cue: Cue) -> bool:
    words = len(page.text[cue.start : cue.end].split())
    return cue.kind in _SET_ASIDE or (cue.kind.startswith("context.deleted_") and words > 1)


def excluded_rows(page: Page, cues: Sequence[Cue], ordered: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the rows of list items that a mail leaves out by their number."""
    return [row for number in _excluded_positions(page, cues) for row in _item_rows(page, number, ordered)]


def _excluded_positions(page: Page, cues: Sequence[Cue]) -> set[int]:
    """Return the list numbers that a sentence without identifiers leaves out ("please leave out item 2")."""
    limits = page.limits
    found: set[int] = set()
    for cue in cues:
        if not cue.kind.startswith("context.deleted_"):
            continue
        unit = limits.unit(cue.start)
        if any(limits.unit(mention.start) == unit for mention in page.mentions):
            continue
        first, last = page.text.rfind("\n", 0, cue.start) + 1, page.text.find("\n", cue.end)
        sentence = level(page.text[first : last if last >= 0 else len(page.text)])
        found |= {int(match.group(1) or match.group(2)) for match in page.grammar.pattern(_POSITION).finditer(sentence)}
        found |= {
            int(other.value)
            for other in cues
            if other.kind == "ordinals" and limits.unit(other.start) == unit and int(other.value) > 0
        }
    return found


def _item_rows(page: Page, number: int, ordered: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the rows that a list numbers so, where the list has identifiers."""
    rows = [
        (match.start(), match.end()) for match in re.finditer(rf"(?m)^[ \t>*•-]*\(?{number}[.)\]:][^\n]*", page.text)
    ]
    return [row for row in rows if any(token.value and row[0] <= token.start < row[1] for token in ordered)]
