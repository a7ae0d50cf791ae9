"""`explain` and `replay`: decisions without a mailbox. Nothing is sent."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processor.cli.ending import NEEDS_A_PERSON, WRONG_USAGE, stop
from processor.cli.options import Config, Ledger, settings_from

if TYPE_CHECKING:
    from processor.replay import Replayed


def explain(
    mail: Annotated[
        Path | None, typer.Argument(metavar="MAIL.eml", exists=True, dir_okay=False, help="One mail.")
    ] = None,
    config: Config = None,
    ledger: Ledger = None,
    as_json: Annotated[bool, typer.Option("--json", help="One result line on standard output.")] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Make the past decision about it again, from its record; without a mail, all."),
    ] = False,
) -> None:
    """Show what would become of one mail, and why: evidence, rules, letter. Changes nothing."""
    if verify:
        from processor.cli.verified import verify_past

        verify_past(settings_from(config, quiet=True), mail, as_json=as_json)
        return
    if mail is None:
        stop(WRONG_USAGE, "Which mail? Give a file such as MAIL.eml.")
    from processor.cli.explained import show
    from processor.mail_files import stored_mail
    from processor.result import result_line
    from processor.wiring import open_worker

    settings = settings_from(config, quiet=True)
    stored = stored_mail(mail.read_bytes(), mailbox=settings.mailbox.address)
    with open_worker(settings, ledger) as worker_for:
        worker, start = worker_for(), time.perf_counter()
        done = worker.consider(stored, worker.read(stored))
        seconds = time.perf_counter() - start
    if as_json:
        typer.echo(result_line(mail.parent.name, mail.name, done, seconds))
    else:
        show(mail.name, done)


def replay(
    cases: Annotated[
        Path, typer.Argument(metavar="CASES", exists=True, help="Folder of conversations, of mails, or an mbox.")
    ],
    ledger: Annotated[
        Path, typer.Option("--ledger", metavar="DIR", exists=True, file_okay=False, help="Ledger as CSV files.")
    ],
    config: Config = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="OUT.jsonl", help="One result line per mail; - for standard output."),
    ] = None,
) -> None:
    """Decide stored mails: each folder of CASES is a conversation on a fresh copy of the ledger. Sends nothing."""
    from processor.mail_files import find_cases
    from processor.replay import replay as run_through
    from processor.wiring import open_worker

    settings = settings_from(config, quiet=True)
    found = find_cases(cases)
    with open_worker(settings, ledger) as worker_for:
        every = _with_progress(
            run_through(found, worker_for, settings.mailbox.address), sum(len(case.mails) for case in found)
        )
        failed = _write(every, json)
    if failed:
        stop(NEEDS_A_PERSON, *(f"{one.case}/{one.mail}: could not be handled" for one in failed))


def _write(every: Iterable[Replayed], out: Path | None) -> list[Replayed]:
    """Write result lines as they come, then the counts; return the mails that could not be handled."""
    from processor.cli.counts import Counts
    from processor.result import result_line

    counts, failed = Counts(), []
    to_stdout = str(out) == "-"
    with nullcontext(sys.stdout) if to_stdout or out is None else out.open("w", encoding="utf-8") as stream:
        for one in every:
            counts.add(one)
            if one.done is None:
                failed.append(one)
            if out is not None:
                stream.write(result_line(one.case, one.mail, one.done, one.seconds) + "\n")
    counts.show(to_stderr=to_stdout)
    return failed


def _with_progress(every: Iterable[Replayed], total: int) -> Iterable[Replayed]:
    from rich.progress import track

    from processor.cli.screen import screen

    console = screen(to_stderr=True)
    return track(every, description="Deciding", total=total, console=console, disable=not console.is_terminal)
