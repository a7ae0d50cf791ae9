"""Invoices that open a range: "G012040490-93", "G012040490 to G012040493"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.mention import Kind, Mention
from processor.core.reading.noun_labels import CUE_REACH

if TYPE_CHECKING:
    from processor.core.lexicon import Phrasebook

_RANGE_DIGITS = 4  # of a range's end that leaves out what both numbers share
_RANGE = r"[ \t]?(?:-|/|\.\.\.?|…|~|<range>)[ \t]?(?P<end>[a-z]{0,2}\d{1,10})(?![\w.,]?\d)"


def with_range_end(text: str, mention: Mention, phrases: Phrasebook) -> Mention:
    """Mark an invoice that opens a range: "G012040490-93", "G012040490 to G012040493"."""
    if mention.kind is not Kind.INVOICE:
        return mention
    match = phrases.grammar.pattern(_RANGE).match(level(text[mention.end : mention.end + CUE_REACH]))
    if match is None or not _continues(mention.value, match["end"].upper(), match.group()[: match.start("end")]):
        return mention
    end = mention.end + match.end()
    return replace(mention, end=end, range_end=match["end"].upper())


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
