"""Stretches that a mail sets aside, or leaves in doubt: what stands below a heading that says so,
list items left out by number.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from processor.core.reading.stretches import Taken, starting_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token

_SET_ASIDE = frozenset({"intent.fyi", "intent.withdrawal"})
_DOUBTED = frozenset({"context.hedge", "context.hold", "context.blocked", "context.background"})
_DENYING = frozenset({"context.negation", "intent.deny"})  # beside a word for an allocation
_STILL_TO_PAY = frozenset({"context.unallocated", "context.open_states"})  # "Not yet paid:" is no doubt
_HEADING = 8  # words at most: a longer line is a sentence
_POSITION = r"(?:<position>[\s.:#]*|#)(\d{1,2})(?!\w)|(\d)番"


def set_aside(page: Page) -> list[tuple[int, int]]:
    """Return what stands below a heading that says not to touch it ("For information only, nothing to do:",
    "Do not apply:"), up to the next blank line.
    """
    return _below(page, lambda inside: any(_sets_aside(page, cue) for cue in inside) and not _asks(page, inside))


def in_doubt(page: Page) -> list[tuple[int, int]]:
    """Return what stands below a heading that doesn't say whether to do it now ("On hold:", "Please ignore these:"),
    up to the next blank line.
    """
    return _below(page, lambda inside: _doubts({cue.kind for cue in inside}, asks=_asks(page, inside)), _HEADING)


def _doubts(kinds: set[str], *, asks: bool) -> bool:
    return not kinds & _STILL_TO_PAY and bool(kinds & _DENYING if asks else kinds & _DOUBTED)


def _below(page: Page, says: Callable[[Sequence[Cue]], bool], most: int = sys.maxsize) -> list[tuple[int, int]]:
    """Return what stands below the headings that say so and name nothing, of so many words at most."""
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"(?m)^[^\n]*:[ \t]*$", page.text):
        inside = page.cues_from(match.start(), match.end())
        named = page.mentions_from(match.start(), match.end())
        if inside and not named and len(match.group().split()) <= most and says(inside):
            word = _first_word(page.text, match.end())
            if found and word < found[-1][1]:
                continue  # another such heading above says it already
            blank = re.compile(r"\n[ \t]*+\n").search(page.text, word)
            found.append((match.end(), blank.start() if blank else len(page.text)))
    return found


def _asks(page: Page, inside: Sequence[Cue]) -> bool:
    """Tell whether a heading asks for an allocation: a word for it stands in none that forbids or puts off."""
    denied = Taken((cue.start, cue.end) for cue in inside if cue.kind == "context.hold" or _sets_aside(page, cue))
    return any(cue.kind == "intent.allocate" and not denied.covers(cue.start, cue.end) for cue in inside)


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
    lines: set[tuple[int, int]] = set()
    units: set[tuple[int, int]] = set()
    for cue in cues:
        if not cue.kind.startswith("context.deleted_"):
            continue
        unit = limits.around(cue.start, len(page.text))
        if page.mentions_from(*unit):
            continue
        first, last = page.text.rfind("\n", 0, cue.start) + 1, page.text.find("\n", cue.end)
        lines.add((first, last if last >= 0 else len(page.text)))
        units.add(unit)
    for line in lines:
        found |= {int(match[1] or match[2]) for match in page.grammar.pattern(_POSITION).finditer(page.levelled, *line)}
    for unit in units:
        values = (int(other.value) for other in starting_in(cues, *unit) if other.kind == "ordinals")
        found |= {value for value in values if value > 0}
    return found


def _item_rows(page: Page, number: int, ordered: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the rows that a list numbers so, where the list has identifiers."""
    rows = [
        (match.start(), match.end()) for match in re.finditer(rf"(?m)^[ \t>*•-]*\(?{number}[.)\]:][^\n]*", page.text)
    ]
    return [row for row in rows if any(token.value for token in starting_in(ordered, *row))]
