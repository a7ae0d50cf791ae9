"""`explain`, for people: outcome, what was read and where, which rules held, and the letter."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from processor.cli.screen import paragraph, screen, seen, table
from processor.core.currencies import to_text
from processor.core.decision import Decision
from processor.core.outcomes import Outcome
from processor.core.request import Evidence
from processor.worker import Considered

COLOURS = {
    Outcome.APPLIED: "green",
    Outcome.NEEDS_DETAILS: "yellow",
    Outcome.REJECTED: "red",
    Outcome.ANSWERED: "cyan",
    Outcome.IGNORED: "bright_black",
    Outcome.QUARANTINED: "magenta",
}


def show(name: str, done: Considered) -> None:
    """Print one decision."""
    console = screen()
    _head(console, name, done)
    _part(console, "Applied", _applications(done.decision))
    _part(console, "For operations", _reviews(done.decision))
    _part(console, "Read in the mail", _evidence(done.decision.evidence))
    _part(console, "Rules", _rules(done.decision))
    if done.letter is not None:
        title = Text("Letter to ") + seen(done.letter.recipient)
        body = Group(seen(done.letter.subject, "bold"), Text(), paragraph(done.letter.text))
        console.print(Panel(body, title=title, title_align="left", padding=(1, 2)))
    else:
        console.print("No letter.")


def outcome_text(outcome: Outcome) -> Text:
    """Return an outcome in its colour."""
    return Text(outcome.value, style=f"bold {COLOURS[outcome]}")


def _head(console: Console, name: str, done: Considered) -> None:
    decision = done.decision
    console.print(seen(name, "bold") + Text("  ") + outcome_text(decision.outcome))
    facts = (
        ("subject", done.message.subject),
        ("sender", decision.sender),
        ("partner", decision.partner_id or ""),
        ("request", done.reference),
        ("missing", ", ".join(decision.missing)),
        ("reasons", ", ".join(decision.reasons)),
    )
    for label, value in facts:
        if value:
            console.print(Padding(Text(f"{label:8} ", "bright_black") + seen(value), (0, 0, 0, 2)))
    console.print()


def _part(console: Console, title: str, body: RenderableType | None) -> None:
    if body is not None:
        console.print(title, style="bold")
        console.print(Padding(body, (0, 0, 1, 2)))


def _applications(decision: Decision) -> RenderableType | None:
    rows = [
        (one.payment, one.invoice, to_text(one.amount, one.currency), one.currency) for one in decision.applications
    ]
    return table(("payment", "invoice", "amount", ""), rows, right=("amount",)) if rows else None


def _reviews(decision: Decision) -> RenderableType | None:
    return table(("kind", "note"), [(item.kind, item.note) for item in decision.reviews]) if decision.reviews else None


def _evidence(evidence: tuple[Evidence, ...]) -> RenderableType | None:
    rows = [(one.field, one.value, f"{one.source} {one.start}-{one.end}", one.seen, one.reading) for one in evidence]
    return table(("what", "value", "where", "as written", "how"), rows) if rows else None


def _rules(decision: Decision) -> RenderableType | None:
    """Rules that held stand out; those looked at and passed are named in one breath."""
    hits = [(trace.rule.replace("_", " "), trace.note) for trace in decision.trail if trace.hit]
    misses = ", ".join(trace.rule.replace("_", " ") for trace in decision.trail if not trace.hit)
    parts: list[RenderableType] = []
    if hits:
        parts.append(table(("held", ""), hits))
    if misses:
        parts.append(Text("did not hold: ", "bright_black") + seen(misses, "bright_black"))
    return Group(*parts) if parts else None
