"""The facts of a letter as JSON and back: what was said can be said again, exactly."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Connection

from processor.adapters.operations_tables import question
from processor.core.letter import Letter, LetterKind, LetterLine, Question, QuestionKind, StatementFacts
from processor.core.model import Money

_TYPES = {one.__name__: one for one in (Letter, LetterLine, Question, StatementFacts, Money)}
_KINDS = {"Letter": LetterKind, "Question": QuestionKind}
_TYPE, _DAY = "type", "day"


def keep_question(connection: Connection, reference: str, sequence: int, letter: Letter) -> None:
    """Keep what a question asked, in the caller's transaction; `sequence` is its number among the request's letters."""
    connection.execute(question.insert(), {"reference": reference, "sequence": sequence, "facts": facts_json(letter)})


def facts_json(letter: Letter) -> str:
    """Write a letter's facts."""
    return json.dumps(_out(letter), separators=(",", ":"))


def facts_from(text: str) -> Letter:
    """Read what `facts_json` wrote."""
    letter = json.loads(text, object_hook=_in)
    if not isinstance(letter, Letter):
        raise TypeError(text)
    return letter


def _out(fact: Any) -> Any:  # noqa: ANN401 a fact is of any of the kinds below
    if isinstance(fact, date):
        return {_DAY: fact.isoformat()}
    if isinstance(fact, tuple):
        return [_out(one) for one in fact]
    if type(fact).__name__ not in _TYPES:
        return fact
    named = {field.name: getattr(fact, field.name) for field in fields(fact)}
    said = {name: _out(value) for name, value in named.items() if value not in (None, ())}
    return {_TYPE: type(fact).__name__} | said


def _in(found: dict[str, Any]) -> object:
    if _DAY in found:
        return date.fromisoformat(found[_DAY])
    name = found.pop(_TYPE)
    if name in _KINDS:
        found["kind"] = _KINDS[name](found["kind"])
    return _TYPES[name](**{key: _tuples(value) for key, value in found.items()})


def _tuples(value: Any) -> Any:  # noqa: ANN401
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
