"""What hard wordings come to: `python -m tests.wordings [-v] [FILE …]`.

Counted are money moved where it should not be, and questions that nobody needed. A file holds mails between lines of
three dashes; the first line of each is `#language wanted… %class [@ledger] [!subject]`. `?` wants that nothing is
applied, `=12:1000` that payment 1 pays 1000.00 to invoice 2. `P1` and `G2` stand for numbers,
`>>>` begins an answer in the same conversation, rows that begin with `|` are a table.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from processor.core.currencies import to_text
from processor.core.decide import decide
from processor.core.decision import Conversation, Decision, RequestState, Snapshot
from processor.core.message import Cell, Message, Source, Table
from tests.builders import mail, policy
from tests.wordings.ledgers import LEDGERS

HERE = Path(__file__).parent
WRONG_AT_MOST = 41


@dataclass(frozen=True, slots=True)
class Wording:
    """One mail, or a conversation, with what may come of it."""

    language: str
    about: str
    wanted: tuple[str, ...]
    ledger: Snapshot
    subject: str
    parts: tuple[str, ...]


def wordings(path: Path) -> Iterator[Wording]:
    """Read the mails of a file."""
    for block in path.read_text(encoding="utf-8").split("\n---\n"):
        head, _, body = block.strip("\n").partition("\n")
        told, _, subject = head.partition(" !")
        language, *words = told.lstrip("#").split()
        yield Wording(
            language,
            next((word[1:] for word in words if word[0] == "%"), ""),
            tuple(word for word in words if word[0] in "?="),
            LEDGERS[next((word[1:] for word in words if word[0] == "@"), "std")](),
            _numbered(subject or "Allocation"),
            tuple(_numbered(part) for part in body.replace("\\---", "---").split("\n>>>\n")),
        )


def _numbered(text: str) -> str:
    glued = re.sub(r"\{([PG][1-9])\}", lambda match: _number(match[1]), text)
    return re.sub(r"(?<![A-Za-z0-9])[PG][1-3](?![0-9])", lambda match: _number(match[0]), glued)


def _number(name: str) -> str:
    return ("140000000" if name[0] == "P" else "G00000000") + name[1]


def message_of(text: str, subject: str) -> Message:
    """Build the mail; rows that begin with a bar become a table of an HTML body."""
    if "\n|" not in f"\n{text}":
        return mail(text, subject=subject)
    whole, rows, tables = "", [], []
    for line in [*text.split("\n"), ""]:
        if line.startswith("|"):
            cells = []
            for word in line.strip("|").split("|"):
                cells.append(Cell(word.strip(), len(whole), len(whole) + len(word.strip())))
                whole += word.strip() + "\t"
            rows.append(tuple(cells))
        elif rows:
            width = max(map(len, rows))
            empty = Cell("", len(whole), len(whole))
            tables.append(Table(tuple(row + (empty,) * (width - len(row)) for row in rows)))
            rows = []
        whole += "" if line.startswith("|") else line
        whole += "\n"
    return mail("", subject=subject, sources=(Source("subject", subject), Source("html", whole, tuple(tables))))


def decided(one: Wording) -> Decision:
    """Decide the mails of a wording in turn, each after what the mail before it left."""
    ledger, last = one.ledger, None
    for part in one.parts:
        last = decide(message_of(part, one.subject), ledger, policy())
        ledger = _after(ledger, last)
    assert last is not None
    return last


def _after(ledger: Snapshot, done: Decision) -> Snapshot:
    paid, settled = Counter[str](), Counter[str]()
    for one in done.applications:
        paid[one.payment] += one.amount
        settled[one.invoice] += one.amount
    waits = Conversation(
        "AR-K7Q2M",
        done.state or RequestState.WAITING,
        done.language or "en",
        done.memory,
        done.partner_id or "1000001",
        missing=done.missing,
        letters=1,
    )
    return replace(
        ledger,
        conversation=waits if done.memory else ledger.conversation,
        payments=tuple(replace(p, unallocated=p.unallocated - paid[p.payment_number]) for p in ledger.payments),
        invoices=tuple(replace(i, open_amount=i.open_amount - settled[i.invoice_number]) for i in ledger.invoices),
    )


def verdict(one: Wording) -> tuple[str, str]:
    """Say whether it is right, wrong money, or a needless question, and what was applied."""
    done = decided(one)
    moved = ",".join(
        sorted(
            f"{line.payment[-1]}{line.invoice[-1]}:{to_text(line.amount, line.currency).removesuffix('.00')}"
            for line in done.applications
        )
    )
    plain = [wanted.rstrip("!") for wanted in one.wanted]
    right = any(
        (not moved and done.outcome.value.startswith(wanted[1:]))
        if wanted[0] == "?"
        else moved == ",".join(sorted(wanted[1:].split(",")))
        for wanted in plain
    )
    return "right" if right else "wrong money" if moved else "needless question", moved


def main(arguments: list[str]) -> int:
    """Print the figures by language, with `-v` the mails that fail; return 1 when more money is wrong than before."""
    paths = [Path(name) for name in arguments if name != "-v"] or sorted(HERE.glob("*.txt"))
    counts: Counter[tuple[str, str]] = Counter()
    for one in (one for path in paths for one in wordings(path)):
        kind, moved = verdict(one)
        counts[one.language, kind] += 1
        if kind != "right" and "-v" in arguments:
            typer.echo(
                f"{kind}: {one.language} %{one.about} wanted {' or '.join(one.wanted)}, got {moved or 'nothing'}"
            )
            typer.echo("\n>>>\n".join(one.parts) + "\n")
    kinds = ("right", "wrong money", "needless question")
    typer.echo("language  mails  " + "  ".join(kinds))
    for language in sorted({language for language, _ in counts}):
        row = [counts[language, kind] for kind in kinds]
        typer.echo(f"{language:8}  {sum(row):5}  {row[0]:5}  {row[1]:11}  {row[2]:17}")
    whole = [sum(counts[key] for key in counts if key[1] == kind) for kind in kinds]
    typer.echo(f"all       {sum(whole):5}  {whole[0]:5}  {whole[1]:11}  {whole[2]:17}")
    return int(whole[1] > WRONG_AT_MOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
