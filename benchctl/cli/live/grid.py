"""Positions by points: the table that says most of those that fit, else tiles.

A table is tried with verdicts in words, then with marks, then without serial numbers, each in as
many columns of tables as its height asks for; what does not fit is left out as a whole. The units
are those of the load that is in the line.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchctl.cli.live.lines import Line, Piece
from benchctl.cli.live.state import State, load_of
from benchctl.cli.live.table import BETWEEN, SHAPES, Content, Places
from benchctl.cli.live.tiles import tiles
from benchctl.cli.live.words import MARKS, Words
from benchctl.core.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of the units, and whether marks stand for verdicts (the foot then explains)."""

    lines: list[Line]
    marks: bool


def grid(state: State, words: Words, room: int, rows: int) -> Grid:
    """Return the units of the present load in at most `rows` lines of at most `room` cells."""
    units = places(state)
    if not units or rows < 1:
        return Grid([], marks=False)
    content = Content(state, words, units)
    tall = rows - content.head_lines
    for shape in SHAPES if tall > 0 else ():
        blocks = -(-len(units) // tall)
        if blocks * content.width(shape) + (blocks - 1) * BETWEEN <= room:
            return Grid(content.lines(shape, -(-len(units) // blocks)), marks=not shape.words)
    return Grid(tiles(state, words, units, room, rows), marks=True)


def places(state: State) -> Places:
    """Return the positions of the present load in their order; None where one is empty."""
    load = load_of(state)
    units = {u.position: u for u in state.units.values() if u.load == load}
    if not units:
        return []
    last = max(units)
    if last > 2 * len(units):  # far apart: what lies between says nothing
        return sorted(units.items())
    return [(n, units.get(n)) for n in range(min(1, *units), last + 1)]


def legend(state: State, words: Words) -> list[Piece]:
    """Return what the marks mean that are on the screen."""
    seen = {c.verdict for u in state.units.values() for c in u.cells.values()} | {Verdict.FAIL}
    marked = (Verdict.FAIL, Verdict.NOT_MEASURED, Verdict.INDETERMINATE)
    return [(f"{MARKS[v]} {words.verdict(v)}", "dim") for v in marked if v in seen]
