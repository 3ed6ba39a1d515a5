"""A terminal in small: what a person sees of the bytes that a program writes.

Only what benchctl, rich and a line discipline write is understood; anything else is an error, so
that a screen that would look otherwise on a real terminal is not taken for right.
"""

import codecs
import re

from benchctl.cli.cells import width

_SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?]*)([A-Za-z])|([=>78]))")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*)?$")


class Screen:
    """One of the two screens: rows of cells; a wide character is followed by an empty cell."""

    def __init__(self, columns, lines):
        self.rows = [[" "] * columns for _ in range(lines)]
        self.broken = [False] * lines
        """Whether the terminal itself broke the row, for want of room."""
        self.row = self.column = 0

    def text(self, row):
        return "".join(self.rows[row]).rstrip()


class TinyTerminal:
    """Takes bytes, keeps what stands on the screen."""

    def __init__(self, columns=80, lines=24):
        self.columns, self.lines = columns, lines
        self.main, self.other = Screen(columns, lines), Screen(columns, lines)
        self.alternate = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    @property
    def screen(self):
        return self.other if self.alternate else self.main

    def shown(self):
        """The rows, without blanks at their ends."""
        return [self.screen.text(n) for n in range(self.lines)]

    def before_cursor(self):
        """What stands from the last row that begins with `? ` to the cursor, in one line."""
        screen = self.screen
        for first in range(screen.row, -1, -1):
            if screen.text(first).startswith("? "):
                break
        else:
            return ""
        rows = [screen.text(n) for n in range(first, screen.row + 1)]
        return " ".join(row.strip() for row in rows)

    def feed(self, data):
        text = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        self._rest = unfinished[0] if unfinished else ""
        text = text[: len(text) - len(self._rest)]
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                found = _SEQUENCE.match(text, at)
                assert found, f"not understood: {text[at : at + 12]!r}"
                self._obey(found[1] or "", found[2] or "")
                at = found.end()
            else:
                self._put(text[at])
                at += 1

    def _put(self, character):
        screen = self.screen
        if character == "\r":
            screen.column = 0
        elif character == "\n":
            self._next_row()
        elif character == "\b":
            screen.column = max(0, screen.column - 1)
        elif character in "\a\0":
            return
        else:
            assert character.isprintable(), repr(character)
            cells = width(character)
            if screen.column + cells > self.columns:
                screen.broken[screen.row] = True
                screen.column = 0
                self._next_row()
            screen.rows[screen.row][screen.column : screen.column + cells] = [
                character,
                *[""] * (cells - 1),
            ]
            screen.column += cells

    def _next_row(self):
        screen = self.screen
        if screen.row < self.lines - 1:
            screen.row += 1
            return
        screen.rows = [*screen.rows[1:], [" "] * self.columns]
        screen.broken = [*screen.broken[1:], False]

    def _obey(self, numbers, what):
        screen = self.screen
        count = int(numbers) if numbers.isdecimal() else 1
        match what:
            case "m" | "":
                return
            case "H":
                at = [int(n) for n in numbers.split(";") if n]
                screen.row, screen.column = (at[0] - 1, at[1] - 1) if at else (0, 0)
            case "A":
                screen.row = max(0, screen.row - count)
            case "G":
                screen.column = count - 1
            case "J":
                self._erase(screen.row + 1 if numbers in ("", "0") else 0)
            case "K":
                first = 0 if numbers == "2" else screen.column
                screen.rows[screen.row][first:] = [" "] * (self.columns - first)
                screen.broken[screen.row] = False
            case "h" | "l":
                if numbers == "?1049":
                    self.alternate = what == "h"
                    if self.alternate:
                        self.other = Screen(self.columns, self.lines)
                else:
                    assert numbers in ("?25", "?2026"), numbers
            case other:
                raise AssertionError(f"not understood: {numbers}{other}")

    def _erase(self, first):
        for n in range(first, self.lines):
            self.screen.rows[n] = [" "] * self.columns
            self.screen.broken[n] = False
