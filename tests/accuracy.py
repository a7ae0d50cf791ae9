"""How right the decisions on the labelled mails are: `python -m tests.accuracy [SET …]`. A wrong allocation fails.

With `--golden` labels that differ are written anew from what is decided, for review by diff. With `--export DIR` the
sets are copied, each conversation with its labels in one `expect.json`.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from processor import events
from tests.deciding import Desk
from tests.labels import CODES, Label, LabelledCase, differences, label_of, read_cases, sets, write_label

Judged = tuple[LabelledCase, int, Label, Label]  # a case, the number of its mail, what is wanted, what was decided


def judged(folder: Path) -> Iterator[Judged]:
    """Decide every labelled mail of a set."""
    desk = Desk(folder / "ledger")
    for case in read_cases(folder):
        for number, (label, done) in enumerate(zip(case.labels, desk.decide(case.mails), strict=True), 1):
            yield case, number, label, label_of(done)


def verdict(rows: list[Judged]) -> dict[str, float]:
    """Return how many mails of a hundred are right, field by field, and how many allocations are wrong or missed."""
    faults = [differences(want, have) for _, _, want, have in rows]
    wrong = [{"allocations" if "allocations" in name else name for name in fault} for fault in faults]
    missed = Counter(name for fault in wrong for name in fault)
    missed["decision"] = sum(bool(fault & {"outcome", "allocations"}) for fault in wrong)
    shares = {name: round(100 - 100 * missed[name] / max(1, len(rows)), 2) for name in ("decision", *CODES)}
    return shares | {"mails": len(rows), "wrong_allocations": sum("wrong allocations" in fault for fault in faults)}


def rewrite(rows: list[Judged]) -> None:
    """Write what was decided over each label that says otherwise."""
    for case, number, want, have in rows:
        if differences(want, have):
            write_label(case.folder / f"{number}.eml", replace(have, about=want.about, tags=want.tags))


def export(folder: Path, target: Path) -> None:
    """Copy a set; each conversation gets its labels in one `expect.json`."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*.expected.toml", "expect.json"))
    for case in read_cases(folder):
        fields = [{name: asdict(label)[name] for name in CODES} for label in case.labels]
        told = {"about": case.labels[0].about, "tags": case.labels[0].tags, "expect": fields}
        (target / "cases" / case.folder.name / "expect.json").write_text(json.dumps(told, ensure_ascii=False, indent=1))


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...")] = None,
    golden: Annotated[bool, typer.Option("--golden", help="Write labels anew from what is decided.")] = False,
    export_to: Annotated[Path | None, typer.Option("--export", metavar="DIR", help="Copy the sets there.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Name each mail that differs, and how.")] = False,
) -> None:
    """Judge the decisions on the labelled mails."""
    chosen = [folder for folder in sets() if not names or folder.name in names]
    if export_to is not None:
        for folder in chosen:
            export(folder, export_to / folder.name)
        return
    events.configure(level="error")
    every: list[Judged] = []
    for folder in chosen:
        rows = list(judged(folder))
        every += rows
        if golden:
            rewrite(rows)
        for case, number, want, have in rows:
            if listed and (found := differences(want, have)):
                typer.echo(f"{case.name}/{number}.eml  {'; '.join(f'{name}: {text}' for name, text in found.items())}")
        typer.echo(f"{folder.name}  {json.dumps(verdict(rows))}")
    total = verdict(every)
    typer.echo(f"all  {json.dumps(total)}")
    raise typer.Exit(1 if total["wrong_allocations"] else 0)


if __name__ == "__main__":
    typer.run(main)
