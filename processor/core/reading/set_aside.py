"""Stretches that a mail sets aside: what stands below a heading that says so, list items left out by number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.stretches import starting_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token

_SET_ASIDE = frozenset({"intent.fyi", "intent.withdrawal"})
_POSITION = r"(?:<position>[\s.:#]*|#)(\d{1,2})(?!\w)|(\d)番"


def set_aside(page: Page) -> list[tuple[int, int]]:
    """Return what stands below a heading that says not to touch it ("For information only, nothing to do:"),
    up to the next blank line.
    """
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"(?m)^[^\n]*:[ \t]*$", page.text):
        inside = page.cues_from(match.start(), match.end())
        if (
            any(_sets_aside(page, cue) for cue in inside)
            and all(cue.kind != "intent.allocate" for cue in inside)
            and not page.mentions_from(match.start(), match.end())
        ):
            word = _first_word(page.text, match.end())
            if found and word < found[-1][1]:
                continue  # another such heading above says it already
            blank = re.compile(r"\n[ \t]*+\n").search(page.text, word)
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
