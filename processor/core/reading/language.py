"""The language a text is written in, from its small words; None when it doesn't tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.core.lexicon import Phrasebook

_KANA = re.compile(r"[\u3040-\u30ff]|[\u4e00-\u9fff]{2}")
_INITIAL = re.compile(r"\b[A-Z]\.")  # "J. Weber" speaks no French
_ENOUGH = 2
_STRANGE = 4  # letters: a name or two have fewer


def language_of(text: str, phrases: Phrasebook) -> str | None:
    """Return the ISO 639-1 code of the language with most of its small words in the text."""
    if len(_KANA.findall(text)) >= _ENOUGH and "ja" in phrases.function_words:
        return "ja"
    counts = phrases.count(_INITIAL.sub("", text))
    ranked = sorted(counts, key=lambda language: (-counts[language], language))
    best = ranked[0]
    if counts[best] < _ENOUGH or (len(ranked) > 1 and counts[ranked[1]] == counts[best]):
        return None
    return None if _is_foreign(text, phrases.letters.get(best)) else best


def _is_foreign(text: str, letters: frozenset[str] | None) -> bool:
    """Tell whether a text has several letters that its language doesn't write: it is another one's, of like words."""
    if letters is None or text.isascii():
        return False
    others = {char for char in text.lower() if char > "\x7f" and char.isalpha()} - letters
    return len(others) >= _STRANGE
