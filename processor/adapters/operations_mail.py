"""Mails to operations: plain text, marked as ours, from templates that get facts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from processor.adapters.letter_templates import LetterTemplateError
from processor.adapters.letter_wire import field, identifiers, mailbox, text_part
from processor.core.tokens import make_mark, own_message_id
from processor.core.visible import visible
from processor.ports import RenderedLetter

SUBJECT_LENGTH = 120


class OperationsMail:
    """Writes mails to operations. `sender` is the mailbox; `secret` seals what our own mails are known by."""

    def __init__(self, templates: Path, sender: str, display_name: str, secret: bytes) -> None:
        self._sender = sender
        self._display_name = visible(display_name)
        self._secret = secret
        self._templates = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(templates / "operations"),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(
        self, kind: str, stem: str, number: int, recipient: str, at: datetime, facts: Mapping[str, object]
    ) -> RenderedLetter:
        """Write the mail of a kind; `stem` and `number` tell it from all others of that kind.

        Raises `LetterTemplateError`.
        """
        try:
            text = self._templates.get_template(f"{kind}.txt").render(facts)
        except TemplateError as error:
            raise LetterTemplateError(f"operations/{kind}.txt: {error}") from error
        subject = visible(f"{self._display_name}: {kind} {stem}", SUBJECT_LENGTH)
        message_id = own_message_id(kind, stem, number, self._sender.rpartition("@")[2], self._secret)
        raw = self._build(message_id, recipient, subject, text, at)
        return RenderedLetter(message_id, recipient, raw, subject, text)

    def _build(self, message_id: str, recipient: str, subject: str, text: str, at: datetime) -> bytes:
        parts = (
            mailbox("From", self._sender, self._display_name),
            mailbox("To", recipient),
            field("Subject", subject),
            field("Date", format_datetime(at)),
            identifiers("Message-ID", message_id),
            field("Auto-Submitted", "auto-generated"),  # RFC 3834: no responder answers it
            field("X-Auto-Response-Suppress", "All"),
            field("X-Allocation-Processor", make_mark(message_id.partition(".")[2].partition("@")[0], self._secret)),
            field("MIME-Version", "1.0"),
            text_part("plain", text),
        )
        return b"".join(parts)
