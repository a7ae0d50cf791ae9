"""`make regexes`: regexploit looks at every pattern of code and configuration; cubic time or worse is a failure.

Possessive repeats and atomic groups, which Python has since 3.11, give nothing back, and are shown to it as such. The
few patterns that are made of thousands of words have too many branches for it: how they fare is timed in the tests
(`tests/at_length/test_patterns.py`).
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import processor
from tests.at_length.test_patterns import LIMIT, seconds, slack
from tests.core.attacks import SIZE, texts
from tests.core.attacks import patterns as patterns_of_core

SECONDS = 10  # for one pattern
SHORT = frozenset({"processor.adapters.letter_mime._OWN_REFERENCE"})  # sees one line of a few hundred characters
_ROOT = Path(processor.__path__[0])
_SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(_ROOT.rglob("*.py")))
_WAYS: dict[str, Callable[[re.Pattern[Any], Any], object]] = {
    "search": lambda pattern, text: pattern.search(text),
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "finditer": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
}


class TooManyBranchesError(Exception):
    """It would take too long to look at this pattern."""


def compiled() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield what the modules hold, what mails and configuration let them make, and what stands in calls."""
    for name, (pattern, _) in patterns_of_core().items():
        yield f"core {name}", pattern
    for module in pkgutil.walk_packages([str(_ROOT)], "processor."):
        if "__main__" in module.name or ".migrations." in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}.{name}", value
    for path in sorted(_ROOT.rglob("*.py")):
        yield from _in_calls(path)


def _in_calls(path: Path) -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield the patterns that stand as they are in calls of `re`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        first, owner = node.args[0], node.func.value
        if not (isinstance(owner, ast.Name) and owner.id == "re" and isinstance(first, ast.Constant)):
            continue
        text: Any = first.value
        yield f"{path.relative_to(_ROOT)}:{node.lineno}", re.compile(text)


def weakness(pattern: re.Pattern[Any]) -> str:
    """Say in what way a text could make a pattern slow; nothing where none can. Raises `TooManyBranchesError`."""
    from regexploit.redos import find

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        text = re.sub(r"\A\(\?[aimsux]+\)", "", text)  # these flags stand among the pattern's own
        tree = _parser().parse_sre(f"(?:{text})$", pattern.flags & ~re.DEBUG)  # most are asked to match to the end
    with _in_time():
        found = [one for one in find(tree) if one.starriness > 2] if tree is not None else []
    return f"{found[0].starriness} stars: {found[0].example()}" if found else ""


def slow_texts(name: str, pattern: re.Pattern[Any], size: int = SIZE) -> list[str]:
    """Return the texts (their beginnings) on which a pattern, as it is used, takes more than its time, twice."""
    attacks = [text[:size].encode() if isinstance(pattern.pattern, bytes) else text[:size] for text in texts().values()]
    uses = [_WAYS.get(method, _WAYS["finditer"]) for method in sorted(_methods(name))]
    slow = [(use, text) for text in attacks for use in uses if seconds(partial(use, pattern, text)) > LIMIT]
    return [str(text[:30]) for use, text in slow if seconds(partial(use, pattern, text)) > LIMIT * slack()]


def _methods(name: str) -> set[str]:
    """Say how a pattern of this name is used; what changes or collects walks through all matches."""
    last = re.escape(name.rpartition(".")[2])
    return set(re.findall(rf"(?<!\w){last}\.(\w+)\(", _SOURCES)) or {"finditer"}


def outside_the_core() -> dict[str, re.Pattern[Any]]:
    """Return the patterns of modules outside the core, by name."""
    found = {name: pattern for name, pattern in compiled() if not name.startswith(("core ", "processor.core."))}
    return {name: pattern for name, pattern in found.items() if ".py:" not in name and name not in SHORT}


def _parser() -> Any:  # noqa: ANN401 it comes without types
    from regexploit.ast.sre import SreOpParser

    class Parser(SreOpParser):  # type: ignore[misc]
        """Knows what Python learnt in 3.11."""

        def from_POSSESSIVE_REPEAT(self, data: tuple[int, int, Any]) -> object:  # noqa: N802 its form
            minimum, _, elements = data
            return self.from_MAX_REPEAT((minimum, minimum, elements)) if minimum else None

        def from_ATOMIC_GROUP(self, elements: Any) -> object:  # noqa: ANN401, N802
            return self.sequence_or_singleton(elements)

    return Parser()


@contextmanager
def _in_time() -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TooManyBranchesError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> int:
    """Look at every pattern; return 1 where one is weak."""
    seen: dict[tuple[str | bytes, int], str] = {}
    weak, left = [], []
    for name, pattern in compiled():
        if seen.setdefault((pattern.pattern, pattern.flags), name) != name:
            continue
        try:
            told = weakness(pattern)
        except (TooManyBranchesError, RecursionError):
            left.append(name)
            continue
        if told:
            weak.append(f"{name}: {told}\n    {pattern.pattern!r:.300}")
    timed = {name: slow_texts(name, pattern) for name, pattern in outside_the_core().items()}
    weak += [f"{name}: more than {LIMIT * 1000:.0f} ms on {slow}" for name, slow in timed.items() if slow]
    sys.stdout.write("\n".join([*weak, f"{len(seen)} patterns, {len(weak)} weak, {len(left)} too wide to look at"]))
    sys.stdout.write(": " + ", ".join(left) + "\n" if left else "\n")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
