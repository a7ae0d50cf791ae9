"""The command line: parse arguments, call, print. A command imports what it runs, so that help answers at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Raises `SystemExit`: 0 done, 1 something needs a person, 2 wrong usage or settings."""
    from processor.cli.app import app
    from processor.cli.ending import run

    sys.exit(run(app, sys.argv[1:] if arguments is None else arguments))
