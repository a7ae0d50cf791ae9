"""Invoice numbers, payment numbers, bank references and partner IDs in folded text,
and who of the sender's items they are.

Two ways lead to an identifier: the sender's own items, however they are split or spelt, and the profile's grammar.
A neighbour that differs by one step is offered to people; it is never taken.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from processor.core.characters import Folded, is_ascii_alnum, level, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.lexicon import Cue, Phrasebook
    from processor.core.profile import Profile


class Kind(StrEnum):
    """What an identifier names."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    PARTNER = "partner_id"


@dataclass(frozen=True, slots=True)
class Mention:
    """An identifier where it stands in folded text. `value` is the ledger's spelling when `own`, else the one read."""

    kind: Kind
    value: str
    start: int
    end: int
    own: bool
    range_end: str = ""  # "…-93": the mail names a range


@dataclass(frozen=True, slots=True)
class OwnItems:
    """The sender's own identifiers: squeezed spelling to (kind, ledger's number)."""

    spellings: dict[str, tuple[Kind, str]]


_GAP = re.compile(r" ?- ?| ?\n ?|-\n| {1,2}")
_WORD_CHARS = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_DECIMALS = re.compile(r"\.\d{2}(?!\d)")  # "1400000001.50" is an amount
_CUE_REACH = 24
_MIN_REFERENCE = 5
_LONGEST = 24
_DASHED_PIECES = 2  # "AB-12345678"
_RANGE_DIGITS = 4  # of a range's end that leaves out what both numbers share
_RANGE = r"[ \t]?(?:-|/|\.\.\.?|…|~|<range>)[ \t]?(?P<end>[a-z]{0,2}\d{1,10})(?![\w.,]?\d)"
_BRIDGE = r"[\s:;.,#=()>\[\]\"'/*_|-]*(?:(?:<number>|<filler>)[\s:.#=º°ª()*-]*)*"


def own_items(snapshot: Snapshot, profile: Profile) -> OwnItems:
    """Index what the sender's partners own."""
    spellings: dict[str, tuple[Kind, str]] = {}
    for payment in snapshot.payments:
        reference = squeeze(payment.bank_reference).text
        if len(reference) >= _MIN_REFERENCE and reference not in profile.placeholders:
            previous = spellings.get(reference)
            number = "" if previous else payment.payment_number  # one reference for two payments names neither
            spellings[reference] = (Kind.PAYMENT, number)
    spellings |= {
        squeeze(payment.payment_number).text: (Kind.PAYMENT, payment.payment_number) for payment in snapshot.payments
    }
    spellings |= {
        squeeze(invoice.invoice_number).text: (Kind.INVOICE, invoice.invoice_number) for invoice in snapshot.invoices
    }
    return OwnItems({spelling: entry for spelling, entry in spellings.items() if entry[1]})


def find_identifiers(
    text: str, cues: Sequence[Cue], items: OwnItems, profile: Profile, phrases: Phrasebook
) -> tuple[Mention, ...]:
    """Find identifiers in folded text, in reading order; where two overlap the own item wins, then the longer one."""
    labels = tuple(cue for cue in cues if cue.kind.startswith("cues."))
    candidates = [
        *_own(text, labels, items, phrases),
        *_by_grammar(text, labels, profile, phrases),
        *_partners(text, labels, profile, phrases),
    ]
    kept: list[Mention] = []
    for mention in sorted(candidates, key=lambda found: (not found.own, found.start - found.end)):
        if not any(mention.start < other.end and other.start < mention.end for other in kept):
            kept.append(mention)
    return tuple(_ranged(text, mention, phrases) for mention in sorted(kept, key=lambda found: found.start))


def _own(text: str, labels: Sequence[Cue], items: OwnItems, phrases: Phrasebook) -> Iterable[Mention]:
    squeezed = squeeze(text)
    for spelling, (kind, number) in items.spellings.items():
        at = squeezed.text.find(spelling)
        while at >= 0:
            start, end = squeezed.origin[at], squeezed.origin[at + len(spelling) - 1] + 1
            if _stands_alone(text, start, end, labels, kind, phrases) and _joined_well(
                text, squeezed, at, at + len(spelling)
            ):
                yield Mention(kind, number, start, end, own=True)
            at = squeezed.text.find(spelling, at + 1)


def _joined_well(text: str, squeezed: Folded, first: int, last: int) -> bool:
    """Tell whether only single spaces, dashes and line breaks stand between the characters."""
    places = squeezed.origin[first:last]
    return all(right == left + 1 or _GAP.fullmatch(text, left + 1, right) for left, right in pairwise(places))


def _stands_alone(text: str, start: int, end: int, labels: Sequence[Cue], kind: Kind, phrases: Phrasebook) -> bool:
    """Tell whether no other letter or digit touches the range; a cue word in front may ("factuurG012345678")."""
    if end < len(text) and is_ascii_alnum(text[end]):
        return False
    if (
        end + 1 < len(text)
        and text[end] in "-."
        and text[end + 1].isdigit()
        and kind is Kind.PAYMENT
        and text[end] == "."
    ):
        return False
    before = text[start - 1] if start else " "
    return not is_ascii_alnum(before) or _glued(text, start, labels, phrases)


def _glued(text: str, start: int, labels: Sequence[Cue], phrases: Phrasebook) -> bool:
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


def _by_grammar(text: str, labels: Sequence[Cue], profile: Profile, phrases: Phrasebook) -> Iterable[Mention]:
    """Yield what has the shape of an identifier, split or not; weak shapes need a cue word."""
    words = [(match.start(), match.end()) for match in _WORD_CHARS.finditer(text)]
    decimals = {start for start, end in words if _DECIMALS.match(text, end)}
    for index, (start, first_end) in enumerate(words):
        yield from _glued_candidates(text, start, first_end, profile, phrases)
        for count in (1, 2, 3, 4):
            joined = _join(text, words[index : index + count])
            if joined is None or index + count > len(words) or words[index + count - 1][0] in decimals:
                break
            if len(joined) > _LONGEST:
                continue
            end = words[index + count - 1][1]
            label = _label_before(text, start, labels, phrases)
            candidate = _Candidate(_unprefixed(joined, profile), label, text[start:end], count)
            if kind := _strong_kind(candidate, profile) or _weak_kind(candidate, profile):
                yield Mention(kind, candidate.value, start, end, own=False)


def _glued_candidates(text: str, start: int, end: int, profile: Profile, phrases: Phrasebook) -> Iterable[Mention]:
    """Yield the identifier at the end of a word that begins with a cue word ("factuurG012345678")."""
    word = text[start:end]
    letters = re.match(r"[A-Za-z]+", word)
    for first in range(letters.end() if letters else 0, 2, -1):
        if not phrases.is_noun(level(word[:first])):
            continue
        rest = word[first:].upper()
        kind = (
            Kind.INVOICE
            if profile.invoice.fullmatch(rest)
            else Kind.PAYMENT
            if profile.payment.fullmatch(rest)
            else None
        )
        if kind and _digits(rest) >= profile.invoice_digits:
            yield Mention(kind, rest, start + first, end, own=False)
            return


def _join(text: str, words: Sequence[tuple[int, int]]) -> str | None:
    if any(not _GAP.fullmatch(text, left[1], right[0]) for left, right in pairwise(words)):
        return None
    return "".join(text[start:end] for start, end in words).upper()


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
    first = _WORD_CHARS.match(written)
    letters = len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return first is not None and (
        first.end() == len(written)
        or letters == 0
        or first.end() > letters
        or written[first.end() : first.end() + 1] == "-"
    )


def _label_before(text: str, start: int, labels: Sequence[Cue], phrases: Phrasebook) -> str:
    """Return the kind of the nearest label in front, when little but punctuation and number words stands between."""
    near = [
        cue for cue in labels if start - _CUE_REACH <= cue.end <= start and _is_bridge(text[cue.end : start], phrases)
    ]
    if not near:
        return ""
    last = max(near, key=lambda cue: (cue.end, cue.end - cue.start))
    return last.kind


def _is_bridge(text: str, phrases: Phrasebook) -> bool:
    return phrases.grammar.pattern(_BRIDGE).fullmatch(level(text)) is not None


def _partners(text: str, labels: Sequence[Cue], profile: Profile, phrases: Phrasebook) -> Iterable[Mention]:
    ends = [cue.end for cue in labels if cue.kind == "cues.partner_id"]
    for match in _WORD_CHARS.finditer(text):
        if profile.partner_id.fullmatch(match.group()):
            at = bisect_left(ends, match.start() - _CUE_REACH)
            if any(end <= match.start() and _is_bridge(text[end : match.start()], phrases) for end in ends[at:]):
                yield Mention(Kind.PARTNER, match.group(), match.start(), match.end(), own=False)


def _ranged(text: str, mention: Mention, phrases: Phrasebook) -> Mention:
    """Mark an invoice that opens a range: "G012040490-93", "G012040490 to G012040493"."""
    if mention.kind is not Kind.INVOICE:
        return mention
    match = phrases.grammar.pattern(_RANGE).match(level(text[mention.end : mention.end + _CUE_REACH]))
    if match is None or not _continues(mention.value, match["end"].upper(), match.group()[: match.start("end")]):
        return mention
    end = mention.end + match.end()
    return Mention(mention.kind, mention.value, mention.start, end, mention.own, match["end"].upper())


def _continues(first: str, last: str, bridge: str) -> bool:
    """Tell whether `last` can be where a range that starts at `first` ends."""
    digits = last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if last != digits:
        return len(last) == len(first) and last > first and last[:_RANGE_DIGITS] == first[:_RANGE_DIGITS]
    tail = first[-len(digits) :]
    touching = not bridge.strip(" ").isalpha() and bridge.strip() in {"-", "/", "..", "...", "…", "~", "〜"}
    return (
        len(digits) <= _RANGE_DIGITS
        and tail.isdigit()
        and digits > tail
        and ((touching and not bridge.startswith(" ")) or bridge.strip().isalpha())
    )


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def neighbours(value: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known identifiers one step away: a character changed, added, missing, or two neighbours swapped."""
    return tuple(sorted(other for other in known if one_step_apart(squeeze(value).text, squeeze(other).text)))


def one_step_apart(left: str, right: str) -> bool:
    """Tell whether two spellings differ by one edit or one swap of neighbours (restricted Damerau-Levenshtein distance
    1).
    """
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    same = next(
        (index for index, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]),
        min(len(left), len(right)),
    )
    a, b = left[same:], right[same:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a == b[1:] or a[1:] == b
