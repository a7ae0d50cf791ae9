"""Small words of all languages ("of", "naar", "から") as alternatives in patterns;
a pattern names them `<from>`, `<to>` and so on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processor.core.characters import level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAME = re.compile(r"(?<!\?P)<([a-z]+)>")
_NOTHING = "(?!)"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The small words by kind. They compare with levelled text."""

    words: Mapping[str, str]
    memory: dict[str, re.Pattern[str]] = field(default_factory=dict, compare=False, repr=False)

    def pattern(self, template: str) -> re.Pattern[str]:
        """Return the pattern of a template; compiled once. An unknown kind raises KeyError."""
        known = self.memory.get(template)
        if known is None:
            known = self.memory[template] = re.compile(_NAME.sub(lambda match: self.words[match.group(1)], template))
        return known


def grammar_of(lexicons: Mapping[str, Mapping[str, object]]) -> Grammar:
    """Gather the `[grammar]` tables of all lexicons. Raises ValueError where one lacks a kind that another has."""
    tables = {language: data.get("grammar") for language, data in sorted(lexicons.items())}
    kinds = sorted({kind for table in tables.values() if isinstance(table, dict) for kind in table})
    for language, table in tables.items():
        if not isinstance(table, dict) or sorted(table) != kinds:
            message = f"lexicon {language}: [grammar] must have {', '.join(kinds)}"
            raise ValueError(message)
    return Grammar(
        {
            kind: _alternatives(word for table in tables.values() if isinstance(table, dict) for word in table[kind])
            for kind in kinds
        }
    )


def _alternatives(words: Iterable[str]) -> str:
    """Join words, the longer first; words of letters stand between word borders, Japanese ones need none."""
    levelled = sorted({level(str(word)) for word in words}, key=lambda word: (-len(word), word))
    latin = "|".join(re.escape(word).replace(r"\ ", r"\W{1,2}") for word in levelled if word.isascii())
    wide = [re.escape(word) for word in levelled if not word.isascii()]
    return f"(?:{'|'.join([rf'(?<![a-z])(?:{latin})(?![a-z])'] * bool(latin) + wide) or _NOTHING})"
