"""The templates of one language, compiled once: text and HTML come from the same structure and the same sentences.

A template gets the letter's facts and the words of its language, nothing else. It runs in a sandbox, and a name or a
fact that isn't there is an error, never a gap.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from processor.adapters.formats import Formats
from processor.adapters.letter_grid import Grid, make_grid, numbered, numbered_groups
from processor.adapters.letter_text import laid_out, tidied, width, wrapped
from processor.adapters.template_cache import compiled_before
from processor.core.letter import Letter, LetterKind, LetterLine
from processor.ports import PermanentError

Medium = Literal["text", "html"]


class LetterTemplateError(PermanentError):
    """A template of a letter is wrong."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """The library's sandbox; what it says of an attribute hangs on the object's type and the name, and is kept."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 whatever the library takes
        super().__init__(**options)
        self._known: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 (the base's form)
        key = (type(obj), attr)
        if key not in self._known:
            self._known[key] = super().is_safe_attribute(obj, attr, value)
        return self._known[key]


class LetterTemplates:
    """The letters of one language in one medium. Building it compiles its words; raises `LetterTemplateError`."""

    def __init__(self, folder: Path, language: str, medium: Medium) -> None:
        self._folder = folder
        self.formats = Formats(language)
        self.sandbox = self._sandbox(medium)
        self._names: dict[str, Any] = {
            "language": language,
            "period": self.formats.period,
            "table": self._table,
            "choices": self._choices,
            "alternatives": self._alternatives,
        }
        self.sandbox.globals = self._names
        self._names["m"] = self._module(f"_base/{medium}.jinja")
        self._names["term"] = self._module(f"{language}/terms.jinja")
        self._names["ask"] = self._module(f"{language}/questions.jinja")
        self._names["say"] = self._module(f"{language}/letters.jinja")
        self._names["pieces"] = self._module("_base/pieces.jinja")

    def write(self, letter: Letter, reference: str, sender_name: str) -> str:
        """Write the body of a letter. Raises `LetterTemplateError` with file, line and what is wrong."""
        name = f"_base/{letter.kind}.jinja"
        facts = {"letter": letter, "reference": reference, "sender_name": sender_name}
        try:
            written = self.sandbox.get_template(name).render(facts)
        except Exception as error:
            raise self._explained(error, name) from error
        return tidied(written)

    def compile(self) -> None:
        """Compile every letter. Raises `LetterTemplateError`."""
        for kind in LetterKind:
            name = f"_base/{kind}.jinja"
            try:
                self.sandbox.get_template(name)
            except Exception as error:
                raise self._explained(error, name) from error

    def term(self, name: str) -> Any:  # noqa: ANN401
        """Return a word of the language, such as the heading of a column, or one of its lists of words."""
        return getattr(self._names["term"], name)

    def _sandbox(self, medium: Medium) -> ImmutableSandboxedEnvironment:
        environment = _Sandbox(
            loader=FileSystemLoader(self._folder),
            undefined=StrictUndefined,
            autoescape=medium == "html",
            finalize=self.formats.show,
            cache_size=-1,
            auto_reload=False,
            bytecode_cache=compiled_before(f"{self.formats.language}-{medium}"),
        )
        environment.filters |= {
            "either": self._either,
            "flat": self._flat,
            "laid_out": laid_out,
            "listing": self.formats.listing,
            "role": self._role,
            "width": width,
            "wrapped": self._wrapped,
        }
        return environment

    def _module(self, name: str) -> object:
        try:
            return self.sandbox.get_template(name).module
        except Exception as error:
            raise self._explained(error, name) from error

    def _explained(self, error: Exception, name: str) -> LetterTemplateError:
        """Say where a template went wrong: the innermost place, and what called it."""
        if isinstance(error, TemplateSyntaxError):
            return LetterTemplateError(f"{error.name or name}, line {error.lineno}: {error.message}")
        folder = f"{self._folder}/"
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(folder)]
        places = [f"{frame.filename.removeprefix(folder)}, line {frame.lineno}" for frame in reversed(frames[-2:])]
        return LetterTemplateError(f"{', called from '.join(places) or name}: {error}")

    def _table(self, lines: Sequence[LetterLine], **columns: str) -> Grid:
        return make_grid(lines, self.formats.show, columns)

    def _choices(self, lines: Sequence[LetterLine], **columns: str) -> Grid:
        return make_grid(lines, self.formats.show, columns, numbered(len(lines)))

    def _alternatives(self, groups: Sequence[Sequence[LetterLine]], **columns: str) -> Grid:
        lines = [line for group in groups for line in group]
        return make_grid(lines, self.formats.show, columns, numbered_groups(groups))

    def _either(self, items: Sequence[str]) -> str:
        return self.formats.listing(items, "or")

    def _role(self, code: str) -> str:
        """Name a role in the language; a profile's own role by its code."""
        name: str = self.term("roles").get(code, code.replace("_", " "))
        return name

    def _flat(self, text: str) -> str:
        line = self.formats.flow(str(text))  # where a text is undefined, `str` says which
        return Markup(line) if isinstance(text, Markup) else line  # noqa: S704  # it was escaped before

    def _wrapped(self, text: str, first: str = "") -> str:
        return wrapped(self.formats.flow(str(text)), first)
