"""Every variation of every labelled mail: `python -m tests.core.metamorphic [WORD …]` (of variations or cases)."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated

import typer

from processor import events
from tests.core.metamorphic import every, fault


def main(words: Annotated[list[str] | None, typer.Argument(metavar="[WORD]...")] = None) -> None:
    """Try them, tell the faults, and fail if there is one."""
    events.configure(level="error")
    chosen = [one for one in every() if not words or any(word in f"{one.case.name} {one.name}" for word in words)]
    faults: Counter[str] = Counter()
    for varied in chosen:
        if found := fault(varied):
            faults[varied.name] += 1
            typer.echo(found)
    typer.echo(f"{len(chosen)} variations, {faults.total()} faults {dict(faults)}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    typer.run(main)
