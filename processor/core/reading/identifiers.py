"""Invoice numbers, payment numbers, bank references and partner IDs in folded text,
and who of the sender's items they are.

Two ways lead to an identifier: the sender's own items, however they are split or spelt, and the profile's shapes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from processor.core.characters import Folded, is_ascii_alnum, squeeze
from processor.core.reading.identifier_shapes import GAP, WORD, by_shape
from processor.core.reading.invoice_ranges import with_range_end
from processor.core.reading.mention import Kind, Mention
from processor.core.reading.noun_labels import is_bridge, is_glued_to_noun
from processor.core.reading.stretches import Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.lexicon import Cue, Phrasebook
    from processor.core.profile import Profile


@dataclass(frozen=True, slots=True)
class OwnItems:
    """The sender's own identifiers: squeezed spelling to (kind, ledger's number)."""

    spellings: dict[str, tuple[Kind, str]]


_MIN_REFERENCE = 5
_PARTNER_REACH = 40
_SAID = re.compile(r"[^\d\n.!?;]*")
_LINKED = re.compile(r"(?<![A-Z0-9-])(?P<words>[A-Z0-9-]{8,40}+) <(?P<address>https?://[^\s<>]*+)>", re.ASCII)


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
    belied = _belied_addresses(text)
    candidates = [
        *(own for own in _own(text, labels, items, phrases) if not belied.holds(own.start)),
        *by_shape(text, labels, profile, phrases),
        *_partners(text, labels, profile, phrases),
    ]
    kept: list[Mention] = []
    taken = Taken()
    for mention in sorted(candidates, key=lambda found: (not found.own, found.start - found.end)):
        if not taken.touches(mention.start, mention.end):
            taken.add(mention.start, mention.end)
            kept.append(mention)
    return tuple(with_range_end(text, mention, phrases) for mention in sorted(kept, key=lambda found: found.start))


def _belied_addresses(text: str) -> Taken:
    """Return the addresses of links whose words are a number that isn't in them: what a reader sees counts."""
    return Taken(
        match.span("address")
        for match in _LINKED.finditer(text)
        if sum(char.isdigit() for char in match["words"]) >= _MIN_REFERENCE
        and squeeze(match["words"]).text not in squeeze(match["address"]).text
    )


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
    return all(right == left + 1 or GAP.fullmatch(text, left + 1, right) for left, right in pairwise(places))


def _stands_alone(text: str, start: int, end: int, labels: Sequence[Cue], kind: Kind, phrases: Phrasebook) -> bool:
    """Tell whether no other letter or digit touches the range; a cue word in front may ("factuurG012345678")."""
    if is_ascii_alnum(text[end : end + 1]):
        return False
    if kind is Kind.PAYMENT and text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit():
        return False
    return not is_ascii_alnum(text[start - 1 : start]) or is_glued_to_noun(text, start, labels, phrases)


def _partners(text: str, labels: Sequence[Cue], profile: Profile, phrases: Phrasebook) -> Iterable[Mention]:
    ends = sorted(cue.end for cue in labels if cue.kind == "cues.partner_id")
    others = [cue for cue in labels if cue.kind != "cues.partner_id"]
    for match in WORD.finditer(text) if ends else ():
        if profile.partner_id.fullmatch(match.group()):
            at = bisect_left(ends, match.start() - _PARTNER_REACH)
            near = ends[at : bisect_right(ends, match.start())]
            if any(_leads_to(text, end, match.start(), others, phrases) for end in near):
                yield Mention(Kind.PARTNER, match.group(), match.start(), match.end(), own=False)


def _leads_to(text: str, end: int, start: int, others: Sequence[Cue], phrases: Phrasebook) -> bool:
    """Tell whether a label speaks of a number: nothing but small marks between, or words of its own clause without
    another label ("our partner ID, as requested, is 7980154").
    """
    between = text[end:start]
    said = _SAID.fullmatch(between) is not None and not any(end <= cue.start < start for cue in others)
    return said or is_bridge(between, phrases)
