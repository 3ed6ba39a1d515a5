"""Units by points as a table: how wide it is in each shape, and its lines.

What a table must hold is measured once (`Content`); a shape then only adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from benchctl.cli.cells import pad
from benchctl.cli.live.lines import Line, Piece, width
from benchctl.cli.live.state import Column, State, Unit, visit_of
from benchctl.cli.live.words import MARKS, STYLES, Words
from benchctl.core.verdicts import Verdict

BETWEEN = 3
"""Blanks between two tables that stand side by side."""
ERROR_CELLS = 6
"""Least room of an error: `-10.28`."""

Places = Sequence[tuple[int, Unit | None]]
"""Positions in their order; None where one is empty."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table shows, from most to least."""

    serial: bool
    words: bool
    verdict: bool
    gap: int = 2


SHAPES = (
    Shape(serial=True, words=True, verdict=True),
    Shape(serial=True, words=False, verdict=True),
    Shape(serial=False, words=True, verdict=True),
    Shape(serial=True, words=False, verdict=False),
    Shape(serial=False, words=False, verdict=True),
    Shape(serial=False, words=False, verdict=False, gap=1),
)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A column: its head and limits, the cells of its errors, and of errors with words."""

    column: Column
    head: str
    limits: str
    error: int
    full: int

    def room(self, shape: Shape) -> int:
        """Return how many cells the column takes."""
        least = max(width(self.head), width(self.limits))
        return max(least, self.full if shape.words else self.error + 1)

    def above(self, text: str, shape: Shape) -> str:
        """Return a text as it stands above the errors, as wide as the column."""
        if not self.column.is_point:
            return pad(text, self.room(shape))
        return pad(pad(text, self.error, right=True), self.room(shape))


class Content:
    """What the tables of a frame hold, with the room that it takes."""

    def __init__(self, state: State, words: Words, units: Places) -> None:
        self.units = units
        self._words = words
        present = [u for _, u in units if u is not None]
        self.columns = [_measured(state, words, c, present) for c in _shown(state.columns, present)]
        self.head_lines = 2 if any(c.limits for c in self.columns) else 1
        visit = visit_of(state)
        self._members = visit.members if visit is not None else frozenset()
        self._points = visit.points if visit is not None else ()
        self._texts = {n: words.cli(n) for n in ("position", "serial", "verdict", "limits")}
        self._texts |= {n: words.text(n) for n in ("empty", "dropped")}
        self._place = max(len(str(n)) for n, _ in units)
        names = [self._texts[n] for n in ("serial", "limits", "empty")]
        self._serial = max(width(t) for t in [*names, *(words.fit(u.serial) for u in present)])
        found = {u.verdict for u in present if u.verdict} | {Verdict.PASS, Verdict.FAIL}
        names = [self._texts[n] for n in ("verdict", "dropped")]
        self._verdict = max(width(t) for t in [*names, *(words.verdict(v) for v in found)])

    def widths(self, shape: Shape) -> list[int]:
        """Return the room of each part: position, serial number, points, verdict."""
        heads = width(self._texts["position"]) if shape.serial else 0
        return [
            max(self._place, heads),
            *([self._serial] if shape.serial else []),
            *(c.room(shape) for c in self.columns),
            *([self._verdict] if shape.verdict else []),
        ]

    def width(self, shape: Shape) -> int:
        """Return how many cells a table of a shape takes."""
        widths = self.widths(shape)
        return sum(widths) + shape.gap * (len(widths) - 1)

    def lines(self, shape: Shape, rows: int) -> list[Line]:
        """Return the lines of tables of `rows` units each, side by side."""
        widths = self.widths(shape)
        blocks = [self.units[n : n + rows] for n in range(0, len(self.units), rows)]
        found = [_beside([self._heads(shape, widths)] * len(blocks))]
        if self.head_lines > 1:
            found.append(_beside([self._limits(shape, widths)] * len(blocks)))
        words: dict[str, str] = {
            v: self._words.verdict(v) if shape.words else MARKS[v] for v in Verdict
        }
        for row in range(rows):
            here = [block[row] for block in blocks if row < len(block)]
            found.append(_beside([self._row(shape, widths, words, *place) for place in here]))
        return found

    def _heads(self, shape: Shape, widths: Sequence[int]) -> list[Piece]:
        place = self._texts["position"] if shape.serial else ""
        cells: list[list[Piece]] = [[(pad(place, widths[0], right=True), "dim")]]
        if shape.serial:
            cells.append([(pad(self._texts["serial"], widths[1]), "dim")])
        for c in self.columns:
            style = "point" if c.column.name in self._points else "dim"
            before, _, after = c.above(c.head, shape).partition(c.head)
            cells.append([(before, ""), (c.head, style), (after, "")])
        if shape.verdict:
            cells.append([(pad(self._texts["verdict"], widths[-1]), "dim")])
        return _with_gaps(cells, shape.gap)

    def _limits(self, shape: Shape, widths: Sequence[int]) -> list[Piece]:
        texts = [" " * widths[0]]
        if shape.serial:
            texts.append(pad(self._texts["limits"], widths[1]))
        texts += [c.above(c.limits, shape) for c in self.columns]
        if shape.verdict:
            texts.append(" " * widths[-1])
        return [((" " * shape.gap).join(texts), "dim")]

    def _row(
        self,
        shape: Shape,
        widths: Sequence[int],
        words: Mapping[str, str],
        position: int,
        unit: Unit | None,
    ) -> list[Piece]:
        """Return one position: what it is, what was found at each point, the verdict so far."""
        style = "dim" if unit is None else "bad" if unit.verdict == Verdict.FAIL else ""
        cells: list[Sequence[Piece]] = [((str(position).rjust(widths[0]), style),)]
        if shape.serial:
            name = self._texts["empty"] if unit is None else self._words.fit(unit.serial)
            cells.append(((pad(name, widths[1]), style),))
        for c, room in zip(self.columns, widths[len(cells) :], strict=False):
            cells.append(self._cell(unit, c, room, words))
        if shape.verdict:
            cells.append((self._verdict_of(unit, widths[-1]),))
        return _with_gaps(cells, shape.gap)

    def _cell(
        self, unit: Unit | None, column: _Measured, room: int, words: Mapping[str, str]
    ) -> Sequence[Piece]:
        name = column.column.name
        if unit is None or name not in unit.planned:
            return ((" " * room, ""),)
        cell = unit.cells.get(name)
        if cell is not None:
            return _judged(cell.text, cell.verdict, words[cell.verdict], column.error, room)
        if not unit.dropped and (unit.serial, name) in self._members:
            return _unjudged("...", "now", column.error, room)
        return _unjudged(".", "dim", column.error, room)

    def _verdict_of(self, unit: Unit | None, room: int) -> Piece:
        if unit is None:
            return " " * room, ""
        if unit.verdict is not None:
            return pad(self._words.verdict(unit.verdict), room), STYLES[unit.verdict]
        return pad(self._texts["dropped"] if unit.dropped else "", room), "bad"


def _shown(columns: Sequence[Column], units: Sequence[Unit]) -> list[Column]:
    """Return the points, and the items in which a unit that is still there has not passed."""
    there = [u for u in units if not u.dropped]
    return [
        c
        for c in columns
        if c.is_point
        or any(u.cells[c.name].verdict != Verdict.PASS for u in there if c.name in u.cells)
    ]


def _measured(state: State, words: Words, column: Column, units: Sequence[Unit]) -> _Measured:
    """Return a column with its room: an error with its word or mark, a word alone, the head."""
    cells = [u.cells[column.name] for u in units if column.name in u.cells]
    if not column.is_point:
        texts = [words.verdict(v) for v in {c.verdict for c in cells} | {Verdict.PASS}]
        return _Measured(
            column, words.item(state, column.name), "", 0, max(width(t) for t in texts)
        )
    error = max([ERROR_CELLS, *(len(c.text) for c in cells)])
    with_word = {c.verdict for c in cells if c.text} - {Verdict.PASS} | {Verdict.FAIL}
    alone = {c.verdict for c in cells if not c.text}
    full = error + 1 + max(width(words.verdict(v)) for v in with_word)
    full = max([full, *(width(words.verdict(v)) for v in alone)])
    head = words.fit(f"{column.name} {column.unit}".strip())
    return _Measured(column, head, words.limits(column.mpe), error, full)


@lru_cache(maxsize=256)
def _unjudged(text: str, style: str, cells: int, room: int) -> Sequence[Piece]:
    return ((text.rjust(cells).ljust(room), style),)


@lru_cache(maxsize=4096)
def _judged(error: str, verdict: str, word: str, cells: int, room: int) -> Sequence[Piece]:
    """Return an error with its sign and the word or mark of its verdict, in the verdict's style.

    The error takes `cells`, the whole `room` cells.
    """
    style = "out" if verdict == Verdict.FAIL else STYLES[verdict]
    blank = " " * (cells - len(error)) if error else ""
    if len(word) == 1:
        text = error + word if error else word.rjust(cells)
    elif error and verdict == Verdict.PASS:
        text = error
    else:
        text = f"{error} {word}" if error else word
    return ((blank, ""), (text, style), (" " * (room - len(blank) - width(text)), ""))


def _with_gaps(cells: Sequence[Sequence[Piece]], gap: int) -> list[Piece]:
    """Return the pieces of all cells, `gap` blanks between them."""
    found: list[Piece] = []
    for cell in cells:
        found += cell
        found.append((" " * gap, ""))
    found.pop()
    return found


def _beside(rows: Sequence[Sequence[Piece]]) -> Line:
    """Return the rows of several tables side by side."""
    return tuple(_with_gaps(rows, BETWEEN))
