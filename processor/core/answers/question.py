"""Which question an answer answers, and how it points at what was offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.core.letter import QuestionKind
    from processor.core.memory import Asked, Memory
    from processor.core.reading.read import Reading


def asked(memory: Memory, *kinds: QuestionKind) -> Asked | None:
    """Return the first question of these kinds that was put."""
    return next((entry for entry in memory.asked if entry.kind in kinds), None)


def agrees(reading: Reading) -> bool:
    """Tell whether an answer says yes, and nowhere no."""
    return reading.has("intent.confirm") and not reading.has("intent.deny")


def number_in_list(reading: Reading, count: int) -> int | None:
    """Return the place in a list that an answer names by a number or an ordinal."""
    places = {int(cue.value) for cue in reading.cues if cue.kind == "ordinals"} or set(reading.numbers)
    if len(places) != 1:
        return None
    place = places.pop()
    index = count + place if place < 0 else place - 1
    return index if 0 <= index < count else None
