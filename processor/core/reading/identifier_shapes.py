"""Identifiers told by the profile's shapes, split or not; a weak shape needs a label in front."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.mention import Kind, Mention
from processor.core.reading.noun_labels import label_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.lexicon import Cue, Phrasebook
    from processor.core.profile import Profile

GAP = re.compile(r" ?- ?| ?\n ?|-\n| {1,2}")
WORD = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_DECIMALS = re.compile(r"\.\d{2}(?!\d)")  # "1400000001.50" is an amount
_LETTERS = re.compile(r"[A-Za-z]+")
_LONGEST = 24
_PIECES = 4
_DASHED_PIECES = 2  # "AB-12345678"


def by_shape(text: str, labels: Sequence[Cue], profile: Profile, phrases: Phrasebook) -> Iterable[Mention]:
    """Yield what has the shape of an identifier, split or not; weak shapes need a cue word. It has a digit at least."""
    words = [match.span() for match in WORD.finditer(text)]
    labels = sorted(labels, key=attrgetter("end"))
    telling = [index for index, (start, end) in enumerate(words) if not text[start:end].isalpha()]
    for index in sorted({max(0, at - back) for at in telling for back in range(_PIECES)}):
        start, end = words[index]
        yield from _glued_candidates(text, start, end, profile, phrases)
        for count, joined, last in _joined(text, words, index):
            value = _unprefixed(joined, profile)
            if not profile.anything.fullmatch(value):
                continue
            candidate = _Candidate(value, label_before(text, start, labels, phrases), text[start:last], count)
            if kind := _strong_kind(candidate, profile) or _weak_kind(candidate, profile):
                yield Mention(kind, candidate.value, start, last, own=False)


def _joined(text: str, words: Sequence[tuple[int, int]], index: int) -> Iterable[tuple[int, str, int]]:
    """Yield a word alone and with up to three that follow it across gaps: how many, joined, and where they end.
    Letters alone behind a space are a word of the sentence ("H1-12345 and").
    """
    joined, before = "", words[index][0]
    for count, (start, end) in enumerate(words[index : index + _PIECES], 1):
        if count > 1 and (
            not GAP.fullmatch(text, before, start) or (text[start - 1].isspace() and text[start:end].isalpha())
        ):
            return
        if _DECIMALS.match(text, end):
            return
        joined, before = joined + text[start:end].upper(), end
        if len(joined) > _LONGEST:
            return
        yield count, joined, end


def _glued_candidates(text: str, start: int, end: int, profile: Profile, phrases: Phrasebook) -> Iterable[Mention]:
    """Yield the identifier at the end of a word that begins with a cue word ("factuurG012345678")."""
    word = text[start:end]
    letters = None if word.isalpha() else _LETTERS.match(word)
    for first in range(letters.end() if letters else 0, max(2, len(word) - _LONGEST - 1), -1):
        rest = word[first:].upper()
        kind = (
            Kind.INVOICE
            if profile.invoice.fullmatch(rest)
            else Kind.PAYMENT
            if profile.payment.fullmatch(rest)
            else None
        )
        if kind and _digits(rest) >= profile.invoice_digits and phrases.is_noun(level(word[:first])):
            yield Mention(kind, rest, start + first, end, own=False)
            return


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Words that may be an identifier: joined, as written, in how many pieces, and the label in front."""

    value: str
    label: str
    written: str
    pieces: int

    @property
    def alike(self) -> bool:
        """Whether it stands in one piece, or is split as identifiers are."""
        return self.pieces == 1 or _evenly_split(self.written, self.value)


def _unprefixed(joined: str, profile: Profile) -> str:
    for prefix in profile.prefixes:
        joined = joined.removeprefix(prefix)
    return joined


def _strong_kind(candidate: _Candidate, profile: Profile) -> Kind | None:
    """Return what the shape alone shows, or the shape with a label."""
    value, label = candidate.value, candidate.label
    if label == "cues.own_reference":
        return None
    if profile.payment.fullmatch(value) and (candidate.alike or label == "cues.payment"):
        return Kind.PAYMENT
    named = label in {"cues.invoice", "cues.payment"}
    whole = candidate.pieces == 1 or (candidate.alike and named) or _is_spaced_out(candidate.written)
    digits = _digits(value)
    enough = digits >= profile.invoice_digits or (label == "cues.invoice" and digits > 0)
    return Kind.INVOICE if profile.invoice.fullmatch(value) and whole and enough else None


def _weak_kind(candidate: _Candidate, profile: Profile) -> Kind | None:
    """Return what a label in front makes of a shape that is nearly one; in one piece, or in two with a dash."""
    value, label = candidate.value, candidate.label
    if candidate.pieces > 1 and not (candidate.pieces == _DASHED_PIECES and "-" in candidate.written):
        return None
    if label == "cues.payment" and profile.payment_near.fullmatch(value) and 2 * _digits(value) >= len(value):
        return Kind.PAYMENT
    if label != "cues.own_reference" and profile.bank_reference.fullmatch(value):
        return Kind.PAYMENT
    near = label == "cues.invoice" and profile.invoice_near.fullmatch(value)
    return Kind.INVOICE if near and _digits(value) >= profile.invoice_digits else None


def _is_spaced_out(written: str) -> bool:
    """Tell whether a split identifier shows by its shape:
    letters and digits first ("G012 040 490"), or a dash ("G-012040490").
    """
    return re.match(r"[A-Za-z]{1,2}(?:\d{2}|\d?-\d{3})", written) is not None


def _evenly_split(written: str, value: str) -> bool:
    """Tell whether a split identifier begins with its letters and some of its digits ("G012 040 490",
    not "T 088 …").
    """
    first = WORD.match(written)
    letters = len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return first is not None and (
        first.end() == len(written)
        or letters == 0
        or first.end() > letters
        or written[first.end() : first.end() + 1] == "-"
    )


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)
