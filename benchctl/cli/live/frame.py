"""A whole screen: head, units, notes and foot in the lines and cells that there are.

The head comes first and is never crowded out; the units take what they need, the notes what is
left, the newest last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.cli.cells import duration
from benchctl.cli.live.grid import grid, legend
from benchctl.cli.live.head import alerts, bar_line, now_lines, title_line
from benchctl.cli.live.lines import Line, fitting, wrap
from benchctl.cli.live.state import Note, State
from benchctl.cli.live.words import Words
from benchctl.cli.terminal import typed_text

LEAST_COLUMNS = 32
"""So many cells a line must have for a bar."""
LEAST_LINES = 6
"""So many lines a screen must have for a foot."""
NARROW, TALL = 80, 18
"""With fewer columns and so many lines, present values may take a second line."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the screen knows besides the events.

    `age` is in real seconds since the latest event, `stopping` whether a stop was asked for here,
    `gone` whether the run's process lives no more, `foot` what keys do, the most important first;
    `typed` is what a person is typing to the run, `said` what came of the last that was typed.
    """

    age: float = 0.0
    stopping: bool = False
    gone: bool = False
    foot: tuple[str, ...] = ()
    typed: str = ""
    said: tuple[str, ...] = ()


def frame(
    state: State, words: Words, columns: int, lines: int, moment: Moment | None = None
) -> list[Line]:
    """Return at most `lines` lines of at most `columns` cells that show `state`."""
    moment = moment if moment is not None else Moment()
    narrow_and_tall = columns < NARROW and lines >= TALL
    top = _top(state, words, columns, moment, 2 if narrow_and_tall else 1)
    top += _said(words, columns, moment, lines - len(top) - 2)
    room = lines - len(top)
    foot_lines = 1 if lines >= LEAST_LINES or moment.typed else 0
    units = grid(state, words, columns, room - foot_lines)
    foot = [_foot(state, words, columns, moment, marks=units.marks)] if foot_lines else []
    left = room - len(units.lines) - len(foot)
    told = _notes(state, words, columns, left)
    blank: list[Line] = [()] * (left - len(told))
    return [*top, *units.lines, *told, *blank, *foot][:lines]


def _top(state: State, words: Words, columns: int, moment: Moment, most: int) -> list[Line]:
    warned = alerts(state, words, columns, moment.age, stopping=moment.stopping, gone=moment.gone)
    bar = [bar_line(state, words, columns, moment.age)] if columns >= LEAST_COLUMNS else []
    return [
        title_line(state, words, columns),
        *bar,
        *now_lines(state, words, columns, moment.age, most),
        *warned,
    ]


def _foot(state: State, words: Words, columns: int, moment: Moment, *, marks: bool) -> Line:
    """Return what is being typed; else what the marks mean, where used, and what keys do."""
    if moment.typed:
        return ((typed_text(words.fit(moment.typed), columns), "bold"),)
    items = legend(state, words) if marks else []
    items += [(text, "dim") for text in moment.foot]
    return fitting(items, columns, gap="   ")


def _said(words: Words, columns: int, moment: Moment, most: int) -> list[Line]:
    """Return what came of something typed, unless the screen is too small for all of it."""
    lines = [line for text in moment.said for line in wrap(words.fit(text), columns)]
    return [((line, "now"),) for line in lines] if len(lines) <= most else []


def _notes(state: State, words: Words, columns: int, rows: int) -> list[Line]:
    """Return the newest notes that fit as a whole, oldest first."""
    found: list[Line] = []
    for note in reversed(state.notes):
        lines = _note(state, words, columns, note)
        if len(found) + len(lines) > rows:
            break
        found = [*lines, *found]
    return found


def _note(state: State, words: Words, columns: int, note: Note) -> Sequence[Line]:
    text, style = words.note(state, note)
    if not text:
        return []
    when = f"{duration(note.t):>7}  "
    lines = wrap(text, columns, first=when, indent=len(when) if columns >= LEAST_COLUMNS else 0)
    return [((line, style),) for line in lines]
