"""The heads of the audit log, kept outside the database: what they sealed can't be changed, cut or rewritten unseen."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from processor.adapters.audit import Head
from processor.ports import PermanentError, TransientError

FORMAT = 1


class AnchorNotWrittenError(TransientError):
    """The heads of the audit log can't be written to their file."""


class AnchorUnreadableError(PermanentError):
    """This is no file of audit heads, or it was changed."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest entry of every chain at one moment. `sha256` stands for all of it, short enough for a mail."""

    heads: tuple[Head, ...]

    @property
    def entries(self) -> int:
        """Return how many entries the chains have together."""
        return sum(head.sequence for head in self.heads)

    @property
    def sha256(self) -> str:
        """Return the hash over all heads."""
        return hashlib.sha256(json.dumps(_rows(self.heads)).encode()).hexdigest()


def write_anchor(folder: Path, day: date, anchor: Anchor) -> Path:
    """Write the heads of a day, all at once. Raises `AnchorNotWrittenError`."""
    path = folder / f"audit-{day.isoformat()}.json"
    beside = folder / f".{path.name}.unfinished"
    content = {"format": FORMAT, "day": day.isoformat(), "sha256": anchor.sha256, "heads": _rows(anchor.heads)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise AnchorNotWrittenError(f"{path}: {error.strerror}") from error
    return path


def read_anchor(path: Path) -> Anchor:
    """Read what `write_anchor` wrote. Raises `AnchorUnreadableError`."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        anchor = Anchor(tuple(Head(str(chain), int(number), str(seal)) for chain, number, seal in content["heads"]))
        kept = content["sha256"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AnchorUnreadableError(f"{path}: {error}") from error
    if kept != anchor.sha256:
        raise AnchorUnreadableError(f"{path}: its heads are not those that it was written with")
    return anchor


def _rows(heads: Iterable[Head]) -> list[list[str | int]]:
    return [[head.chain, head.sequence, head.hash] for head in sorted(heads)]
