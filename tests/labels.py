"""What people say is right: beside each mail `N.eml` stands `N.expected.toml`; a folder is a conversation."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from processor.result import result_line
from processor.worker import Considered

MAILS = Path(__file__).parent / "mails"
CODES = ("outcome", "allocations", "missing", "reasons", "reply", "language")


@dataclass(frozen=True, slots=True)
class Allocated:
    """One allocation that a mail brings about; the amount as the ledger's files write it."""

    payment: str
    invoice: str
    amount: str
    currency: str

    @property
    def key(self) -> tuple[str, str, Decimal, str]:
        """What makes two of them the same: 12.5 is 12.50."""
        return self.payment, self.invoice, Decimal(self.amount), self.currency


@dataclass(frozen=True, slots=True)
class Label:
    """What a mail should come to. `about` and `tags` tell of the conversation and stand with its first mail."""

    outcome: str
    allocations: tuple[Allocated, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reply: bool = False
    language: str | None = None
    about: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """One conversation of a set, with a label for each of its mails."""

    folder: Path
    mails: tuple[bytes, ...]
    labels: tuple[Label, ...]

    @property
    def name(self) -> str:
        """The set and the case, as in `shared/d001-…`."""
        return f"{self.folder.parent.parent.name}/{self.folder.name}"


def label_from(fields: dict[str, Any]) -> Label:
    """Build a label from the fields of a file."""
    lists: dict[str, Any] = {name: tuple(fields.get(name, ())) for name in ("missing", "reasons", "tags")}
    allocations = tuple(Allocated(**one) for one in fields.get("allocations", ()))
    plain = {name: fields[name] for name in ("outcome", "reply", "language", "about") if name in fields}
    return Label(**plain, **lists, allocations=allocations)


def label_of(done: Considered) -> Label:
    """Say what a decision came to, as the result line does."""
    told = json.loads(result_line("", "", done, 0))
    return label_from({name: told[name] for name in CODES})


def read_cases(folder: Path) -> tuple[LabelledCase, ...]:
    """Read the labelled conversations of a set; those without labels are left out."""
    return tuple(
        LabelledCase(case, tuple(mail.read_bytes() for mail in mails), tuple(map(_read, mails)))
        for case in sorted((folder / "cases").iterdir())
        if (mails := sorted(case.glob("*.eml"), key=lambda mail: int(mail.stem))) and _beside(mails[0]).is_file()
    )


def sets() -> tuple[Path, ...]:
    """Return the folders of the sets: each has a ledger and cases."""
    return tuple(sorted(folder for folder in MAILS.iterdir() if (folder / "cases").is_dir()))


def _beside(mail: Path) -> Path:
    return mail.with_suffix(".expected.toml")


def _read(mail: Path) -> Label:
    return label_from(tomllib.loads(_beside(mail).read_text(encoding="utf-8")))


def write_label(mail: Path, label: Label) -> None:
    """Write the label of a mail beside it."""
    _beside(mail).write_text("\n".join(_lines(label)) + "\n", encoding="utf-8")


def _lines(label: Label) -> Iterator[str]:
    if label.about:
        yield f"about = {_quoted(label.about)}"
    if label.tags:
        yield f"tags = {_listed(label.tags)}"
    yield f"outcome = {_quoted(label.outcome)}"
    yield f"missing = {_listed(label.missing)}"
    yield f"reasons = {_listed(label.reasons)}"
    yield f"reply = {str(label.reply).lower()}"
    if label.language:
        yield f"language = {_quoted(label.language)}"
    for one in label.allocations:
        yield "\n[[allocations]]"
        yield from (f"{name} = {_quoted(getattr(one, name))}" for name in ("payment", "invoice", "amount", "currency"))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a TOML basic string escapes as JSON does


def _listed(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def differences(want: Label, have: Label) -> dict[str, str]:
    """Name each field in which a decision is not what the label says. More reasons than were expected are no fault."""
    pairs = {
        "outcome": (want.outcome, have.outcome),
        "missing": (sorted(want.missing), sorted(have.missing)),
        "reply": (want.reply, have.reply),
        "language": (want.language, have.language),
    }
    found = {name: f"want {one}, got {other}" for name, (one, other) in pairs.items() if one != other}
    if not set(want.reasons) <= set(have.reasons):
        found["reasons"] = f"want {sorted(want.reasons)}, got {sorted(have.reasons)}"
    if extra := _surplus(have, want):
        found["wrong allocations"] = _told(extra)
    if lacking := _surplus(want, have):
        found["missed allocations"] = _told(lacking)
    return found


def _told(keys: Counter[tuple[str, str, Decimal, str]]) -> str:
    return ", ".join(f"{payment} to {invoice}: {amount} {code}" for payment, invoice, amount, code in keys.elements())


def _surplus(more: Label, less: Label) -> Counter[tuple[str, str, Decimal, str]]:
    return Counter(one.key for one in more.allocations) - Counter(one.key for one in less.allocations)
