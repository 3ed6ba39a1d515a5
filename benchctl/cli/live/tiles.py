"""Many units on a small screen: position, verdict so far, and the error at the latest point.

     7! +1.37!     8  -0.46      9  +0.07

The first mark is that of the unit so far, the second one that of the error before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.cli.cells import pad
from benchctl.cli.live.lines import Line, Piece, fitting
from benchctl.cli.live.state import State, Unit
from benchctl.cli.live.words import MARKS, STYLES, Words
from benchctl.core.verdicts import Verdict

GAP = "  "
ERROR_CELLS = 6
"""Least room of an error: `-10.28`."""

Places = Sequence[tuple[int, Unit | None]]


def tiles(state: State, words: Words, units: Places, room: int, rows: int) -> list[Line]:
    """Return the tiles under a line that says what they show, within `rows` and `room`.

    Where not all fit, units that do not pass come first and the last line counts the others.
    """
    head = [_head(state, words, room)] if rows > 2 else []
    rows -= len(head)
    digits = max(len(str(n)) for n, _ in units)
    texts = [len(u.cells[state.judged].text) for _, u in units if u and state.judged in u.cells]
    error = max([ERROR_CELLS, *texts])
    per_line = (room + len(GAP)) // (digits + error + 3 + len(GAP))
    if not per_line:
        return head
    shown = list(units)
    if len(shown) > rows * per_line:
        shown = sorted(units, key=_importance)[: (rows - 1) * per_line]
        shown.sort(key=lambda place: place[0])
    drawn = [_tile(state, n, unit, digits, error) for n, unit in shown]
    lines = [_line(drawn[n : n + per_line]) for n in range(0, len(drawn), per_line)]
    if len(shown) < len(units):
        lines.append(fitting([(words.text("more", count=len(units) - len(shown)), "warn")], room))
    return [*head, *lines]


def _line(drawn: Sequence[Sequence[Piece]]) -> Line:
    pieces: list[Piece] = []
    for tile in drawn:
        if pieces:
            pieces.append((GAP, ""))
        pieces += tile
    return tuple(pieces)


def _head(state: State, words: Words, room: int) -> Line:
    """Return which point the errors belong to, and its limits."""
    column = next((c for c in state.columns if c.is_point and c.name == state.judged), None)
    if column is None:
        return fitting([(words.text("no-errors-yet"), "dim")], room)
    items = [(words.text("errors-at", point=column.name, unit=column.unit), "bold")]
    if column.mpe:
        items.append((words.text("mpe", limits=words.limits(column.mpe)), "dim"))
    return fitting(items, room)


def _importance(place: tuple[int, Unit | None]) -> tuple[int, int]:
    """Return what to sort by: not passed first, empty last, then by position."""
    position, unit = place
    if unit is None:
        return 3, position
    if unit.verdict == Verdict.FAIL:
        return 0, position
    return (1 if unit.dropped or unit.verdict not in (None, Verdict.PASS) else 2), position


def _tile(state: State, position: int, unit: Unit | None, digits: int, error: int) -> list[Piece]:
    """Return a tile, `digits + error + 3` cells wide."""
    place = str(position).rjust(digits)
    if unit is None:
        return [(pad(place, digits + error + 3), "dim")]
    so_far = unit.verdict
    style = "bad" if so_far == Verdict.FAIL else "dim"
    mark = MARKS[so_far] if so_far is not None else "-" if unit.dropped else " "
    cell = unit.cells.get(state.judged)
    if cell is None:
        return [(f"{place}{mark} ", style), (".".rjust(error) + " ", "dim")]
    blank = " " * (error - len(cell.text))
    shown = "out" if cell.verdict == Verdict.FAIL else STYLES[cell.verdict]
    return [(f"{place}{mark} ", style), (blank, ""), (cell.text + MARKS[cell.verdict], shown)]
