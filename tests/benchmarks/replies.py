"""How the sender's own words are told from the rest: `python -m tests.benchmarks.replies FOLDER`.

The folder holds samples `emails/NAME.txt` and, under the same names, `trimmed/NAME.txt`: what the sender wrote now.
Such sets are public (discourse/email_reply_trimmer has 64 under `test/`). Closings count on neither side: they ask for
nothing. `lost` counts samples without a tenth or more of the sender's words.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import typer

from processor.core.message import SegmentKind
from tests.core.pages import page_of

SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Told:
    """A sample: whether the words are exactly the sender's, what is missing, and what is too much."""

    name: str
    exact: bool
    missing: Counter[str]
    surplus: Counter[str]
    words: int

    @property
    def lost(self) -> bool:
        """Whether a tenth or more of the sender's words is missing."""
        return self.missing.total() > SHARE * self.words


def told(folder: Path) -> list[Told]:
    """Read every sample."""
    return [_told(path, folder / "trimmed" / path.name) for path in sorted((folder / "emails").glob("*.txt"))]


def _told(mail: Path, trimmed: Path) -> Told:
    ours = _words(mail.read_text("utf-8"), SegmentKind.NEW)
    gold = _words(trimmed.read_text("utf-8"), SegmentKind.NEW, SegmentKind.QUOTED, SegmentKind.FORWARDED)
    mine, wanted = Counter(ours.split()), Counter(gold.split())
    return Told(mail.stem, _lines(ours) == _lines(gold), wanted - mine, mine - wanted, wanted.total())


def _words(text: str, *kinds: SegmentKind) -> str:
    """Return the stretches of these kinds, as they were written."""
    page = page_of(text.replace("\r\n", "\n"))
    places = (page.folded.place(start, end) for start, end in page.ranges(*kinds))
    return "\n".join(page.original[start:end] for start, end in places)


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def main(folder: Path) -> None:
    """Print what differs, sample by sample, and the counts."""
    samples = told(folder)
    for one in samples:
        if not one.exact:
            missing, surplus = (" ".join(words.elements())[:90] for words in (one.missing, one.surplus))
            typer.echo(f"{'LOST ' if one.lost else 'kept '} {one.name}: missing [{missing}] too much [{surplus}]")
    found = {
        "samples": len(samples),
        "exact": sum(one.exact for one in samples),
        "lost": sum(one.lost for one in samples),
    }
    typer.echo(json.dumps(found))
    sys.exit(found["lost"] > 0)


if __name__ == "__main__":
    typer.run(main)
