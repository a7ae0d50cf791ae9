"""Facts to words to mail. The words are in `templates/mail/`, the facts in `core/letter.py`."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TypeVar, cast

from processor.adapters.letter_mime import Envelope, build, subject_line, thread_of
from processor.adapters.letter_sheet import statement_sheet
from processor.adapters.letter_templates import LetterTemplateError, LetterTemplates, Medium
from processor.core.letter import Letter
from processor.core.message import Message
from processor.core.tokens import make_mark, own_message_id, reply_address
from processor.core.visible import visible
from processor.ports import Clock, RenderedLetter

FALLBACK = "en"  # decisions.md, After the decision

Fact = TypeVar("Fact")


class LetterRenderer:
    """Writes letters (port `Renderer`). `sender` is the mailbox; `secret` seals what our own letters are known by.

    Raises `LetterTemplateError` when there are no templates.
    """

    def __init__(self, templates_dir: Path, sender: str, display_name: str, secret: bytes, clock: Clock) -> None:
        self._folder = templates_dir / "mail"
        self._sender = sender
        self._display_name = visible(display_name)
        self._secret = secret
        self._clock = clock
        self._compiled: dict[tuple[str, Medium], LetterTemplates] = {}
        self.languages = tuple(sorted(path.parent.name for path in self._folder.glob("[a-z]*/terms.jinja")))
        if FALLBACK not in self.languages:
            raise LetterTemplateError(f"{self._folder}: there are no templates in the language {FALLBACK!r}")

    def render(self, letter: Letter, message: Message, reference: str, sequence: int) -> RenderedLetter:
        """Write a letter. Where there is no reference, the answered mail's hash stands in the Message-ID."""
        facts = _shown(letter)
        reference = reference or letter.reference
        language = letter.language if letter.language in self.languages else FALLBACK
        words = self._templates(language, "text")
        text = words.write(facts, reference, self._display_name)
        html = self._templates(language, "html").write(facts, reference, self._display_name)
        envelope = self._envelope(letter, message, words, reference, sequence)
        sheets = [statement_sheet(statement, words.formats, words.term) for statement in facts.statements]
        return RenderedLetter(
            envelope.message_id, letter.to, build(envelope, text, html, sheets), envelope.subject, text
        )

    def check(self) -> None:
        """Compile every letter of every language. Raises `LetterTemplateError` on the first that is wrong."""
        for language in self.languages:
            for medium in ("text", "html"):
                self._templates(language, medium).compile()

    def _templates(self, language: str, medium: Medium) -> LetterTemplates:
        key = (language, medium)
        if key not in self._compiled:
            self._compiled[key] = LetterTemplates(self._folder, language, medium)
        return self._compiled[key]

    def _envelope(
        self, letter: Letter, message: Message, words: LetterTemplates, reference: str, sequence: int
    ) -> Envelope:
        stem = reference or message.raw_sha256[:16]
        answered, thread = thread_of(message)
        return Envelope(
            message_id=own_message_id(letter.kind, stem, sequence, self._sender.rpartition("@")[2], self._secret),
            date=self._clock.now(),
            sender=self._sender,
            sender_name=self._display_name,
            recipient=letter.to,
            reply_to=reply_address(self._sender, reference, self._secret) if reference else "",
            subject=subject_line(letter.subject or message.subject, words.term("subjects")[letter.kind], reference),
            language=words.formats.language,
            mark=make_mark(stem, self._secret),
            replies_to=answered,
            thread=thread,
        )


def _shown(fact: Fact) -> Fact:
    """Return facts with every text made visible: what a partner wrote comes back as a person can see it."""
    shown: object = fact
    if isinstance(fact, str) and not isinstance(fact, Enum):
        shown = visible(fact)
    elif isinstance(fact, tuple):
        shown = tuple(map(_shown, fact))
    elif is_dataclass(fact) and not isinstance(fact, type):
        shown = replace(fact, **{field.name: _shown(getattr(fact, field.name)) for field in fields(fact)})
    return cast("Fact", shown)
