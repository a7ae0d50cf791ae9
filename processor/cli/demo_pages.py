"""`demo`: what is played, and what is shown of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from processor import events, wiring
from processor.adapters.ledger_check import check_ledger
from processor.adapters.outcomes_sql import MailOutcome, mail_outcomes
from processor.cli.ending import NEEDS_A_PERSON, stop
from processor.cli.explained import outcome_text
from processor.cli.screen import paragraph, screen, seen, table
from processor.core.currencies import to_text
from processor.core.outcomes import Outcome
from processor.demo.mails import answer_to_question, opened, sample_mails, words_of
from processor.demo.stage import Stage, open_stage
from processor.follow_up import follow_up_in
from processor.scheduler import Scheduler, stop_on_signals


def show_demo(*, serve: bool) -> None:
    """Play the demo and show what happened; with `serve`, go on until Ctrl-C."""
    events.configure("console", "warning")
    console, start = screen(), time.perf_counter()
    with open_stage() as stage:
        console.print(
            f"IMAP on {stage.imap.host}:{stage.imap.port}, SMTP on {stage.smtp.host}:{stage.smtp.port}, "
            "a fresh ledger in SQLite."
        )
        troubles = _play(console, stage)
        _show(console, stage)
        console.print(f"\nAll of it in {time.perf_counter() - start:.1f} s.")
        if troubles:
            stop(NEEDS_A_PERSON, *troubles)
        if serve:
            _serve(console, stage)


def _play(console: Console, stage: Stage) -> list[str]:
    """Deliver the mails and let the worker empty the inbox; then the answer to its question, and the same again."""
    mails = sample_mails()
    console.print(f"{len(mails)} mails arrive; the worker runs until the inbox is empty.")
    troubles = _drain(stage, mails)
    answer = answer_to_question(stage.smtp.letters)
    if answer is not None:
        console.print("One partner answers the question that the worker asked; the worker runs again.")
        troubles += _drain(stage, [answer])
    return troubles


def _drain(stage: Stage, mails: Sequence[bytes]) -> list[str]:
    stage.deliver(mails)
    with wiring.open_work(stage.settings) as work:
        return work.rounds.drain()


def _show(console: Console, stage: Stage) -> None:
    with wiring.open_database(stage.settings) as engine:
        outcomes, faults = mail_outcomes(engine), check_ledger(engine)
    for number, letter in enumerate(map(opened, stage.smtp.letters), 1):
        title = Text(f"Letter {number} to ") + seen(str(letter["To"]))
        body = Group(seen(str(letter["Subject"]), "bold"), Text(), paragraph(words_of(letter).rstrip()))
        console.print(Panel(body, title=title, title_align="left", padding=(1, 2)))
    rows = [_row(one) for one in outcomes]
    console.print()
    console.print(table(("", "from", "subject", "outcome", "what happened", "letter"), rows, right=("",)))
    folders = ", ".join(f"{name} {count}" for name, count in stage.folder_counts().items())
    console.print(f"\nFolders on the mail server: {folders}.")
    console.print(f"Letters at the SMTP server: {len(stage.smtp.letters)}.")
    console.print(
        "The ledger holds: balances, allocations and audit log agree." if not faults else "\n".join(map(str, faults))
    )


def _row(one: MailOutcome) -> tuple[str | Text, ...]:
    done = [f"{to_text(each.amount, each.currency)} {each.currency} to {each.invoice}" for each in one.applications]
    happened = "; ".join(done) or ", ".join(code.replace("_", " ") for code in (*one.reasons, *one.missing))
    sender = one.sender.partition("@")[0]
    return (
        str(one.mail_id),
        sender,
        one.subject,
        outcome_text(Outcome(one.outcome)),
        happened,
        "yes" if one.letters else "no",
    )


def _serve(console: Console, stage: Stage) -> None:
    imap = stage.imap
    console.print(
        f"\nThe worker goes on. Put mails into INBOX at {imap.host}:{imap.port} (user {imap.user}, "
        f"password {imap.password}); Ctrl-C ends it."
    )
    with wiring.open_work(stage.settings) as work:
        stop_on_signals(work.rounds.stopping)
        follow_up = follow_up_in(work, stage.settings)
        with _console(console, stage, work):
            Scheduler(work.rounds, work.mailbox, stage.settings.schedule, follow_up.turn).run()


@contextmanager
def _console(console: Console, stage: Stage, work: wiring.Work) -> Iterator[None]:
    """Serve the web console beside the worker, with one account for this demo; where it isn't installed, say so."""
    try:
        from processor.console.demo import add_demo_account, open_demo
    except ImportError:
        console.print("For the web console too: install the extra `console`.")
        yield
        return
    password = add_demo_account(work.engine)
    with open_demo(stage.settings, work.engine) as address:
        console.print(f"The console is at {address}/ (login demo, password {password}).")
        yield
