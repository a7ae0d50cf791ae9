"""Lines of text from the events of an HTML walk: white space folds as on a screen, and every offset is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from processor.core.message import Segment, SegmentKind

_SPACE = " \t\r\n\f"
_RUN = re.compile(r"[ \t\r\n\f]+")


@dataclass(slots=True)
class Writer:
    """Collects text. Breaks and spaces wait until the next visible word, so that no line ends in white space."""

    chunks: list[str] = field(default_factory=list)
    length: int = 0
    rows: int = 0  # how many table rows are open: inside one, a break is a space
    hidden: list[tuple[int, int]] = field(default_factory=list)
    _breaks: int = 0
    _space: bool = False
    _tabs: int = 0
    _prefix: str = ""
    _blank: bool = False  # the current line holds no-break spaces alone
    _fresh: bool = True  # nothing visible stands on the current line

    def words(self, text: str, *, visible: bool, shown: bool = True, as_is: bool = False) -> None:
        """Write running text. `shown` text takes room on the screen even where its letters can't be seen."""
        if not text:
            return
        if as_is and visible:
            self._lines(text)
            return
        folded = _RUN.sub(" ", text)
        if folded == " ":
            self._space = self._space or shown
        elif visible:
            self._space = self._space or folded[0] == " "
            self._put(folded.strip(_SPACE))
            self._space = folded[-1] == " "
        else:
            self._hide(folded)

    def _lines(self, text: str) -> None:
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if number:
                self.line()
            if line.strip():
                self._put(line.rstrip())

    def _hide(self, text: str) -> None:
        """Write unseen letters where they stand. Within a word they touch it on both sides, as they do on no screen."""
        apart = bool(self._fresh and not self.rows)
        space = self._space
        self._separate()
        if self.hidden and self.hidden[-1][1] == self.length:
            start, _ = self.hidden[-1]
            self.hidden[-1] = (start, self.length + len(text))
        else:
            self.hidden.append((self.length, self.length + len(text)))
        self._append(text)
        self._breaks, self._space = int(apart), space

    def _put(self, text: str) -> None:
        if (self._fresh or self._tabs) and not text.strip():
            self._blank = not self._tabs
            return
        self._separate()
        self._fresh = self._blank = False
        self._append(self._prefix + text)
        self._prefix = ""

    def _separate(self) -> None:
        """Write what waits between the last words and the next: breaks, a space, tabs."""
        if self._breaks and self.length:
            self._append("\n" * self._breaks)
        elif self._space and not self._fresh and not self._tabs:
            self._append(" ")
        self._append("\t" * self._tabs)
        self._breaks = self._tabs = 0
        self._space = False

    def _append(self, text: str) -> None:
        """Add text as it is."""
        self.chunks.append(text)
        self.length += len(text)

    def block(self, lines: int = 1) -> None:
        """End the line if anything stands on it; two leave an empty line."""
        if self.rows:
            self._space = True
        elif not self._fresh:
            self._breaks = max(self._breaks, lines)
            self._fresh = True
        elif self._breaks:
            self._breaks = max(self._breaks, 2 if self._blank else lines)

    def line(self) -> None:
        """Start a new line, as `<br>` does: twice gives an empty one."""
        if self.rows:
            self._space = True
        else:
            self._breaks = min(self._breaks + 1, 2) if self._fresh else max(self._breaks, 1)
            self._fresh = True

    def item(self, mark: str) -> None:
        """Let the next words stand behind a list item's mark."""
        self._prefix = "" if self.rows else mark

    def open_row(self) -> None:
        """Begin a table row: one line, its cells joined by tabs."""
        self.block()
        self.rows += 1
        self._tabs = 0
        self._space = False

    def next_cell(self) -> None:
        """Go to the next cell of the row."""
        self._tabs += 1
        self._space = False

    def close_row(self) -> None:
        """End the row; empty cells at its end leave no mark."""
        self.rows -= 1
        self._tabs = 0
        self._space = False
        self.block()

    def start_of_next(self) -> int:
        """Return where the next words would begin if they came now."""
        breaks = self._breaks if self.length else 0
        space = int(self._space and not self._fresh and not self._tabs and not breaks)
        return self.length + breaks + space + self._tabs + len(self._prefix)

    def text(self) -> str:
        """Return everything written."""
        return "".join(self.chunks)


def trimmed(kind: SegmentKind, start: int, end: int, text: str) -> Segment | None:
    """Make a segment that begins and ends on a word, or none where there are no words."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Segment(kind, start, end) if start < end else None
