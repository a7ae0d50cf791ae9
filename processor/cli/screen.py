"""What commands print. Words of a mail are shown as they are: no markup, no terminal codes, nothing unseen."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from processor.core.visible import visible

WIDTH = 100  # where the output is no terminal
LINE_LIMIT = 1_000  # characters of one line of a mail or letter


def screen(*, to_stderr: bool = False) -> Console:
    """Return a console for people, as wide as the terminal, else 100 columns."""
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def seen(text: str, style: str = "") -> Text:
    """Return one line of text from outside, safe to print."""
    return Text(visible(text, LINE_LIMIT), style=style)


_RUNS = re.compile(r"(^ +| {2,})")


def paragraph(text: str) -> Text:
    """Return text from outside with its line ends kept, safe to print."""
    return Text("\n".join(visible_line(line) for line in text.splitlines()))


def visible_line(line: str) -> str:
    """Make a line visible and keep its runs of spaces, which `visible` alone would close up: columns stay aligned."""
    return "".join(part if not part.strip(" ") else visible(part, LINE_LIMIT) for part in _RUNS.split(line))


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = ()) -> Table:
    """Return a table; every cell is text from outside. Columns named in `right` hold amounts."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else seen(cell) for cell in row))
    return made
