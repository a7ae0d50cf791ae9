"""Every template in every language, with sample facts, side by side."""

from __future__ import annotations

from starlette.responses import Response

from processor.console.room import Visit
from processor.console.specimens import REFERENCE, answered, specimen
from processor.console.words import page
from processor.core.letter import LetterKind
from processor.ports import RenderedLetter


def letters(visit: Visit) -> Response:
    renderer = visit.room.renderer
    asked, language = visit.asked("kind"), visit.asked("language")
    kind = LetterKind(asked) if asked in set(LetterKind) else LetterKind.CONFIRMATION
    shown = [one for one in renderer.languages if one == language] or renderer.languages
    return page(
        visit,
        "letters.html",
        written=tuple((one, sample(visit, kind, one)) for one in shown),
        kind=kind,
        kinds=tuple(LetterKind),
        language=language if language in renderer.languages else "",
        languages=renderer.languages,
    )


def sample(visit: Visit, kind: LetterKind, language: str) -> RenderedLetter:
    """Return a letter with sample facts."""
    return visit.room.renderer.render(specimen(kind, language), answered(), REFERENCE, 1)
