"""The language that a mail speaks, and the phrases that count in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.message import SegmentKind
from processor.core.reading.language import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.message import Message
    from processor.core.policy import Policy
    from processor.core.reading.page import Page

_WARNINGS = frozenset({"context.hold", "context.hedge", "intent.complaint", "intent.bank_details", "quantity.part"})
_PREFIX = re.compile(r"^\s*(?:\w{1,8}\s*:\s*)+")


def mail_language(pages: Sequence[Page], message: Message, policy: Policy) -> str | None:
    """Return the language of the sender's words, else of the subject, else of what is passed on or attached."""
    bodies = [page for page in pages if page.name in {"text", "html"}]
    words = "\n".join(page.words(SegmentKind.NEW) for page in bodies)
    subject = _PREFIX.sub("", message.subject)
    inner = "\n".join(page.words(SegmentKind.FORWARDED) for page in bodies)
    attached = "\n".join(
        page.words(SegmentKind.NEW, SegmentKind.FORWARDED) for page in pages if page.name.startswith("attachment:")
    )
    for text in (words, f"{subject}\n{words}", inner, f"{subject}\n{attached}"):
        if found := language_of(text, policy.phrases):
            return found
    return None


def is_spoken(cue: Cue, languages: frozenset[str | None], *, unsure: bool = False) -> bool:
    """Tell whether a phrase counts: what a mail wants is read in its own language (or English),
    nouns and layout in any. Where nobody knows the language (`unsure`), words of warning count in every one.
    """
    if unsure and cue.kind in _WARNINGS:
        return True
    return not cue.kind.startswith(("intent.", "context.", "quantity.")) or cue.language in languages
