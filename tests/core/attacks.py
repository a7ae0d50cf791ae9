"""Texts of 100 KB that make careless patterns slow, and every pattern of the core with the way it is used."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from processor import core
from processor.core.decide import decide
from tests import builders

SIZE = 100_000
SHORT = frozenset({"reading.amounts._BEFORE", "reading.breaks._LETTERS_BEFORE"})  # see a few characters only
SEEDS = (
    "G", "1", "G0", "a ", "1 ", "1.", "1,234", "1 234", "- ", "\n", "> ", "-", "_ ", ":", "A1-", "1/", "((", "円1",
    "G012040490 1400000001 ", "the rest of ",
)  # fmt: skip
_SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(core.__path__[0]).rglob("*.py")))

Use = Callable[[re.Pattern[str], str], object]
_USES: dict[str, Use] = {
    "search": lambda pattern, text: pattern.search(text),
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "finditer": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
}


def texts() -> dict[str, str]:
    """Return the texts, each a short one over and over; the last character fits nothing before it."""
    return {repr(seed): (seed * (SIZE // len(seed)))[: SIZE - 1] + "!" for seed in SEEDS}


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], tuple[Use, ...]]]:
    """Return every compiled pattern of the core: of modules, of profiles, and those that are made of small words."""
    found = {name: (value, _uses(name)) for name, value in _named() if isinstance(value, re.Pattern)}
    for profile in ("partner_center", "generic"):
        built = builders.policy(profile).profile
        fields = {f"{profile}.{name}": getattr(built, name) for name in built.__slots__}
        found |= {name: (each, (_USES["fullmatch"],)) for name, each in fields.items() if isinstance(each, re.Pattern)}
    names = {value: name for name, value in _named() if isinstance(value, str)}
    small = _of_small_words().items()
    return found | {names.get(each, each): (pattern, _uses(names.get(each, each))) for each, pattern in small}


def _uses(name: str) -> tuple[Use, ...]:
    """Return how the core uses a pattern of this name; what changes or collects walks through all matches."""
    last = re.escape(name.rpartition(".")[2])
    methods = set(re.findall(rf"(?<!\w){last}\)?\.(\w+)\b", _SOURCES)) or {"finditer"}
    return tuple(_USES.get(method, _USES["finditer"]) for method in sorted(methods))


def _named() -> Iterator[tuple[str, object]]:
    """Yield what the modules of the core define, by name."""
    for found in pkgutil.walk_packages(core.__path__, "processor.core."):
        for name, value in vars(importlib.import_module(found.name)).items():
            yield f"{found.name.removeprefix('processor.core.')}.{name}", value


def _of_small_words() -> dict[str, re.Pattern[str]]:
    """Decide mails that say a little of everything, so that templates are compiled."""
    policy = builders.policy()
    words = (
        "Please apply € 500.00 of payment 1400000001 to invoice G000000001-02, not G000000003.\n1. G000000004 rest\n"
    )
    ledger = builders.snapshot(builders.payment(), builders.invoice(), builders.invoice("G000000003"))
    for body in (words, f"> {words}\n2)\n", f"From: a\nTo: b\nSubject: c\n\n{words}"):
        decide(builders.mail(body, subject="Re: payment"), ledger, policy)
    return dict(policy.phrases.grammar.memory)
