"""How commands end: with a status, and with one clear sentence on standard error for whatever needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import typer

from processor.ports import OutsideError
from processor.usage import WrongUsageError

DONE, NEEDS_A_PERSON, WRONG_USAGE = 0, 1, 2


def stop(status: int, *sentences: str) -> NoReturn:
    """End a command with a status; the sentences go to standard error."""
    complain(*sentences)
    raise typer.Exit(status)


def complain(*sentences: str) -> None:
    """Say something on standard error."""
    for sentence in sentences:
        typer.echo(sentence, err=True)


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a command and return its exit status. What nobody foresaw is a fault of ours and keeps its traceback."""
    try:
        app(args=list(arguments), prog_name="processor")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else NEEDS_A_PERSON
    except WrongUsageError as error:
        complain(*error.problems)
        return WRONG_USAGE
    except OutsideError as error:
        from processor.events import told

        complain(told(error))
        return NEEDS_A_PERSON
    return DONE
