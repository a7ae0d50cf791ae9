"""Glyphs to lines, cells and tables: one baseline is a line, and a wide gap in it lies between two cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from processor.core.message import Cell, Segment, SegmentKind, Source, Table

_SAME_LINE = 0.4  # of the height: how far baselines may lie apart
_WORD_GAP = 0.13  # of the height: a space
_CELL_GAP = 0.75  # of the height: wider than any space between words; two typewriter spaces
_BLOCK_GAP = 3.0  # heights between rows of one table
_LOOK_BACK = 6  # lines
_EMPTY_LINE = 2.0  # heights between paragraphs


@dataclass(frozen=True, slots=True)
class Glyph:
    """A letter with its place in points; `turns` are quarter turns of its line."""

    letter: str
    left: float
    right: float
    base: float
    height: float
    turns: int = 0
    hidden: bool = False


@dataclass(slots=True)
class _Run:
    """Letters without a wide gap between them: a cell, or a whole line of prose."""

    left: float
    right: float
    text: str
    start: int = 0


@dataclass(slots=True)
class _Line:
    base: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    runs: list[_Run] = field(default_factory=list)


class Layout:
    """Collects pages into one source."""

    def __init__(self) -> None:
        self.has_words = False
        self._chunks: list[str] = []
        self._length = 0
        self._tables: list[Table] = []
        self._hidden: list[Segment] = []

    def add_page(self, glyphs: list[Glyph]) -> None:
        """Add a page: upright text first, then what is written along other directions."""
        for hidden in (False, True):
            for turns in range(4):
                self._add([glyph for glyph in glyphs if glyph.turns == turns and glyph.hidden == hidden], hidden=hidden)

    def _add(self, glyphs: list[Glyph], *, hidden: bool) -> None:
        lines = lines_of(glyphs)
        if not lines:
            return
        self._write("\n" if self._length else "")
        for above, line in pairwise([lines[0], *lines]):
            self._write("\n" if above.base - line.base > _EMPTY_LINE * line.height else "")
            for number, run in enumerate(line.runs):
                self._write("\t" if number else "")
                run.start = self._length
                self._write(run.text)
            self._write("\n")
        if hidden:
            self._hidden.append(Segment(SegmentKind.HIDDEN, lines[0].runs[0].start, self._length - 1))
        else:
            self.has_words |= any(glyph.letter.isalnum() for glyph in glyphs)
            self._tables.extend(tables_of(lines))

    def _write(self, text: str) -> None:
        self._chunks.append(text)
        self._length += len(text)

    def source(self, name: str) -> Source:
        """Return everything as one source."""
        return Source(name, "".join(self._chunks), tuple(self._tables), tuple(self._hidden))


def lines_of(glyphs: list[Glyph]) -> list[_Line]:
    """Group glyphs by baseline, from the top down, and split each line where it gapes."""
    lines: list[_Line] = []
    for glyph in sorted(glyphs, key=lambda one: (-one.base, one.left)):
        line = lines[-1] if lines else None
        if line is None or line.base - glyph.base > _SAME_LINE * max(line.height, glyph.height):
            line = _Line(glyph.base, glyph.height)
            lines.append(line)
        line.glyphs.append(glyph)
        line.height = max(line.height, glyph.height)
    for line in lines:
        line.runs = _runs(sorted(line.glyphs, key=lambda one: one.left))
    return lines


def _runs(glyphs: list[Glyph]) -> list[_Run]:
    runs: list[_Run] = []
    before: Glyph | None = None
    for glyph in glyphs:
        gap = glyph.left - before.right if before else 0.0
        height = max(glyph.height, before.height if before else 0.0)
        if before and _is_shadow(before, glyph):
            continue
        if before is None or gap > _CELL_GAP * height:
            runs.append(_Run(glyph.left, glyph.right, glyph.letter))
        else:
            runs[-1].text += (" " if gap > _WORD_GAP * height else "") + glyph.letter
            runs[-1].right = max(runs[-1].right, glyph.right)
        before = glyph
    return runs


def _is_shadow(one: Glyph, other: Glyph) -> bool:
    """Tell whether a letter is printed over itself to look bold."""
    return one.letter == other.letter and other.left - one.left < 0.2 * (one.right - one.left)


def tables_of(lines: list[_Line]) -> list[Table]:
    """Find stretches of lines that have several cells each, and set them into columns."""
    tables: list[Table] = []
    block: list[_Line] = []
    last = 0.0
    for line in lines:
        if block and _is_rule(line):
            last = line.base
            continue
        if block and (
            last - line.base > _BLOCK_GAP * max(line.height, block[-1].height) or not _continues(block, line)
        ):
            tables += _table(block)
            block = []
        if block or len(line.runs) > 1:
            block.append(line)
        last = line.base
    return tables + _table(block)


def _is_rule(line: _Line) -> bool:
    """Tell whether a line is drawn with dashes and the like."""
    return not any(letter.isalnum() for run in line.runs for letter in run.text)


def _continues(block: list[_Line], line: _Line) -> bool:
    """Tell whether a line goes on with a table: several cells, or one under a later column (a text that wraps)."""
    if len(line.runs) > 1:
        return True
    run = line.runs[0]
    near = block[-_LOOK_BACK:]
    later = (other for above in near for other in above.runs[1:])
    return run.left > min(above.runs[0].right for above in near) and any(
        run.left < other.right and other.left < run.right for other in later
    )


def _table(block: list[_Line]) -> list[Table]:
    while block and len(block[-1].runs) < 2:  # noqa: PLR2004
        block = block[:-1]
    if len(block) < 2:  # noqa: PLR2004
        return []
    columns = _columns(block)
    if len(columns) < 2:  # noqa: PLR2004
        return []
    return [Table(tuple(_row(line, columns) for line in block))]


def _columns(block: list[_Line]) -> list[tuple[float, float]]:
    """The columns: what the cells of the fullest rows cover, seen from above."""
    fullest = max(len(line.runs) for line in block)
    spans = sorted((run.left, run.right) for line in block if len(line.runs) == fullest for run in line.runs)
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _row(line: _Line, columns: list[tuple[float, float]]) -> tuple[Cell, ...]:
    """Put each cell under the column that it covers most, or that is nearest."""
    places: list[list[_Run]] = [[] for _ in columns]
    for run in line.runs:
        places[max(range(len(columns)), key=lambda number: _overlap(run, columns[number]))].append(run)
    return tuple(_cell(runs) for runs in places)


def _overlap(run: _Run, column: tuple[float, float]) -> float:
    """How much of a column a cell covers; below zero, how far away it is."""
    return min(run.right, column[1]) - max(run.left, column[0])


def _cell(runs: list[_Run]) -> Cell:
    if not runs:
        return Cell("", 0, 0)
    last = runs[-1]
    return Cell(" ".join(run.text for run in runs), runs[0].start, last.start + len(last.text))
