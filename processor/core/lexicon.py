"""Words of nine languages as data: every phrase of every language is looked for in one pass over a text.

A phrase is a few words; `pay*` stands for every ending, `..` for at most four words of the same sentence.
Phrases compare without case and accents. Japanese phrases are found inside running text, for it has no spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.grammar import Grammar, grammar_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WORD = re.compile(r"\w+")
_GAP_WORDS = 4
_LONGEST_NOUN = 40  # letters: a compound of the trade is shorter
_REMEMBERED = 5_000  # words whose phrases are kept, so that a flood of words fills no memory
_SENTENCE_END = re.compile(r"[.?!](?=\s)|\n\s*\n")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase found: its kind (`intent.statement`), where, in which language,
    and its value where the kind has values.
    """

    kind: str
    start: int
    end: int
    language: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    kind: str
    language: str
    value: str


@dataclass(frozen=True, slots=True)
class _Beginning:
    """The phrases that a word may begin, each with its rank, by what has to follow: nothing, a word right behind,
    a word behind a gap; `others` need a closer look.
    """

    phrases: tuple[_Phrase, ...]
    alone: tuple[tuple[int, _Phrase], ...]
    by_second: Mapping[str, tuple[tuple[int, _Phrase], ...]]
    beyond_gap: Mapping[str, tuple[tuple[int, _Phrase], ...]]
    others: tuple[tuple[int, _Phrase], ...]

    @property
    def goes_on(self) -> bool:
        """Whether there is one of more words."""
        return len(self.alone) < len(self.phrases)

    def hopeful(self, following: Sequence[str]) -> list[_Phrase]:
        """Return the phrases of more words that may go on with the words that follow, in their order."""
        found = list(self.others)
        if self.by_second and following:
            found += self.by_second.get(following[0], ())
        if self.beyond_gap:
            for word in set(following):
                found += self.beyond_gap.get(word, ())
        found.sort(key=_RANK)
        return [phrase for _, phrase in found]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """All phrases of all languages, by first word. Build with `phrasebook`."""

    exact: Mapping[str, tuple[_Phrase, ...]]
    by_prefix: Mapping[str, tuple[_Phrase, ...]]
    wide: tuple[_Phrase, ...]
    function_words: Mapping[str, frozenset[str]]
    prefix_lengths: tuple[int, ...]
    grammar: Grammar
    memory: dict[str, _Beginning] = field(default_factory=dict, compare=False, repr=False)
    nouns: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)
    letters: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of each language, beyond a to z
    small_words: frozenset[str] = field(init=False, repr=False, default=frozenset())

    def __post_init__(self) -> None:
        """Put the function words of all languages together."""
        object.__setattr__(self, "small_words", frozenset().union(*self.function_words.values()))

    def find(self, text: str) -> tuple[Cue, ...]:
        """Find every phrase in folded text, in order of place, the longer first at the same place."""
        levelled = level(text)
        words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(levelled)]
        ends = [match.start() for match in _SENTENCE_END.finditer(levelled)]
        found = [*self._among(words, ends), *self._inside(levelled)]
        return tuple(sorted(found, key=lambda cue: (cue.start, -cue.end, cue.kind, cue.language)))

    def _among(self, words: list[tuple[str, int, int]], ends: list[int]) -> Iterable[Cue]:
        sentence, at = 0, 0
        names = [word for word, _, _ in words]
        for index, (word, start, end) in enumerate(words):
            while at < len(ends) and ends[at] < start:
                at += 1
            sentence = ends[at] if at < len(ends) else 1 << 60
            beginning = self.memory.get(word) or self._beginning(word)
            if not beginning.phrases:
                continue
            for _, phrase in beginning.alone:
                yield Cue(phrase.kind, start, end, phrase.language, phrase.value)
            for phrase in beginning.hopeful(names[index + 1 : index + 2 + _GAP_WORDS]) if beginning.goes_on else ():
                last = _match_from(phrase.words, words, index, sentence)
                if last is not None:
                    yield Cue(phrase.kind, start, words[last][2], phrase.language, phrase.value)

    def _beginning(self, word: str) -> _Beginning:
        known = self.memory.get(word)
        if known is None:
            phrases = self.exact.get(word, ())
            for length in self.prefix_lengths:
                if length <= len(word):
                    phrases += self.by_prefix.get(word[:length], ())
            known = _sorted_out(phrases) if phrases else _NOTHING
            if len(self.memory) < _REMEMBERED:
                self.memory[word] = known
        return known

    def _inside(self, text: str) -> Iterable[Cue]:
        if not _WIDE.search(text):
            return
        for phrase in self.wide:
            needle, at = phrase.words[0], -1
            while (at := text.find(needle, at + 1)) >= 0:
                yield Cue(phrase.kind, at, at + len(needle), phrase.language, phrase.value)

    def is_noun(self, word: str) -> bool:
        """Tell whether a levelled word is a noun for an invoice or a payment by itself,
        or with a word for "number" behind it.
        """
        if len(word) > _LONGEST_NOUN:
            return False
        known = self.nouns.get(word)
        if known is None:
            known = self._is_noun(word)
            if len(self.nouns) < _REMEMBERED:
                self.nouns[word] = known
        return known

    def _is_noun(self, word: str) -> bool:
        stem = self.grammar.pattern(r"<number>$").sub("", word) if word not in self.exact else word
        kinds = {
            phrase.kind
            for form in {word, stem, self._shortened(word)}
            for phrase in self._beginning(form).phrases
            if len(phrase.words) == 1
        }
        return (
            bool(kinds & {"cues.invoice", "cues.payment"})
            or self.grammar.pattern(r"<number>").fullmatch(word) is not None
        )

    def _shortened(self, word: str) -> str:
        """Return a compound without the number word at its end ("factuurnr" is "factuur")."""
        tail = next(
            (
                length
                for length in (7, 6, 5, 4, 3, 2)
                if len(word) > length + 2 and self.grammar.pattern(r"<number>").fullmatch(word[-length:])
            ),
            0,
        )
        return word[: len(word) - tail]

    def count(self, text: str) -> dict[str, int]:
        """Count the function words of each language in a text."""
        words = _WORD.findall(level(text))
        return {language: len([*filter(known.__contains__, words)]) for language, known in self.function_words.items()}


def _sorted_out(phrases: tuple[_Phrase, ...]) -> _Beginning:
    """Part the phrases of a word by the first word that decides whether they can go on."""
    alone: list[tuple[int, _Phrase]] = []
    others: list[tuple[int, _Phrase]] = []
    by_second: dict[str, tuple[tuple[int, _Phrase], ...]] = {}
    beyond_gap: dict[str, tuple[tuple[int, _Phrase], ...]] = {}
    for rank, phrase in enumerate(phrases):
        if len(phrase.words) == 1:
            alone.append((rank, phrase))
            continue
        gap = phrase.words[1] == ".."
        key = phrase.words[2 if gap else 1]
        place = beyond_gap if gap else by_second
        if key.endswith("*") or key == "..":
            others.append((rank, phrase))
        else:
            place[key] = (*place.get(key, ()), (rank, phrase))
    return _Beginning(phrases, tuple(alone), by_second, beyond_gap, tuple(others))


_NOTHING = _sorted_out(())
_RANK = itemgetter(0)


def _match_from(pattern: tuple[str, ...], words: list[tuple[str, int, int]], index: int, limit: int) -> int | None:
    """Return the index of the last word when the pattern matches from `index` on, within the sentence; else None."""
    at = index
    for number, item in enumerate(pattern):
        if item == "..":
            rest = pattern[number + 1 :]
            tries = (
                _match_from(rest, words, at + skip, limit) for skip in range(_GAP_WORDS + 1) if at + skip < len(words)
            )
            return next((last for last in tries if last is not None), None)
        if at >= len(words) or words[at][1] > limit or not _fits(item, words[at][0]):
            return None
        at += 1
    return at - 1


def _fits(item: str, word: str) -> bool:
    return word.startswith(item[:-1]) if item.endswith("*") else word == item


def phrasebook(lexicons: Mapping[str, Mapping[str, object]]) -> Phrasebook:
    """Build the phrasebook from parsed lexicon files, one for each language. Raises ValueError naming a wrong entry."""
    phrases = [phrase for language, data in sorted(lexicons.items()) for phrase in _phrases(language, data)]
    exact: dict[str, tuple[_Phrase, ...]] = {}
    by_prefix: dict[str, tuple[_Phrase, ...]] = {}
    wide = tuple(phrase for phrase in phrases if _WIDE.search(phrase.words[0]))
    for phrase in phrases:
        first = phrase.words[0]
        if first.endswith("*"):
            by_prefix[first[:-1]] = (*by_prefix.get(first[:-1], ()), phrase)
        elif not _WIDE.search(first):
            exact[first] = (*exact.get(first, ()), phrase)
    words = {language: _function_words(language, data) for language, data in sorted(lexicons.items())}
    lengths = tuple(sorted({len(prefix) for prefix in by_prefix}))
    letters = {language: frozenset(str(data["letters"])) for language, data in lexicons.items() if "letters" in data}
    return Phrasebook(exact, by_prefix, wide, words, lengths, grammar_of(lexicons), letters=letters)


def _function_words(language: str, data: Mapping[str, object]) -> frozenset[str]:
    words = data.get("function_words")
    if not isinstance(words, list):
        message = f"lexicon {language}: function_words must be a list"
        raise ValueError(message)  # noqa: TRY004 - what a file holds is a wrong value, not a wrong call
    return frozenset(level(str(word)) for word in words)


def _phrases(language: str, data: Mapping[str, object], prefix: str = "") -> Iterable[_Phrase]:
    """Walk a lexicon: a list is phrases of a kind; a table of numbers or strings is phrases with a value;
    other tables nest.
    """
    for key, entry in data.items():
        if key == "grammar":
            continue  # small words are no phrases
        kind = f"{prefix}{key}"
        if isinstance(entry, list) and kind != "function_words":
            yield from (_phrase(str(text), kind, language, "") for text in entry)
        elif isinstance(entry, dict) and any(isinstance(value, int | str) for value in entry.values()):
            yield from (_phrase(str(text), kind, language, str(value)) for text, value in entry.items())
        elif isinstance(entry, dict):
            yield from _phrases(language, entry, f"{kind}.")


def _phrase(text: str, kind: str, language: str, value: str) -> _Phrase:
    if _WIDE.search(text):
        return _Phrase((level(text),), kind, language, value)
    words = tuple(re.findall(r"\w+\*?|\.\.", level(text)))
    if not words or words[0] == ".." or words[-1] == ".." or words[0] == "*":
        message = f"lexicon {language}: {kind}: {text!r} is no phrase"
        raise ValueError(message)
    return _Phrase(words, kind, language, value)
