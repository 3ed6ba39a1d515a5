"""The run sheet as plain text of 80 columns."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from benchctl.cli.cells import pad, width
from benchctl.cli.result_table import ResultTable, folded, folded_line
from benchctl.cli.sheet import Sheet
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal

COLUMNS = 80
_LABEL = 30
"""Cells of a label; a longer one has lines of its own."""
_LINE = 24
"""Cells of the line on which somebody signs."""


def text(shell: Shell, document: Mapping[str, Any], sheet: Sheet) -> str:
    """Return a sheet as text, its lines at most 80 cells wide."""
    written = io.StringIO()
    paper = Terminal(written, {"COLUMNS": str(COLUMNS + 1)})
    paper.line(sheet.title)
    if sheet.simulated:
        paper.prose(sheet.simulated)
    paper.line()
    label_room = min(max(width(label) for label, _ in sheet.facts) + 2, _LABEL)
    for label, value in sheet.facts:
        long = width(label) + 2 > label_room
        if long:
            paper.prose(label, indent=2)
        paper.prose(pad("" if long else label, label_room) + value, indent=label_room)
    paper.line()
    uuts = document.get("uuts", ())
    shown, passed = folded(document, shell.language)
    found = ResultTable(shell, paper, uuts, shown, document.get("titles")).lines() if uuts else ()
    for line in found:
        paper.line(line)
    if told := folded_line(shell, uuts, passed):
        paper.prose(told, indent=2)
    paper.line()
    paper.prose(sheet.ending)
    for heading, lines in zip(sheet.headings, (sheet.reasons, sheet.incidents), strict=True):
        if lines:
            paper.line()
            paper.line(heading)
        for line in lines:
            paper.prose(line, indent=9)
    paper.line()
    for name in sheet.signatures:
        paper.line()
        paper.line(f"{pad(name, max(width(n) for n in sheet.signatures))}  {'_' * _LINE}")
    paper.line()
    paper.prose(sheet.foot)
    return written.getvalue()
