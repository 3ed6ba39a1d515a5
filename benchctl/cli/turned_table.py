"""Points by units: the table of a run with many points of few units, a line for each point.

Items that are measured in their own right stand below each other, each under its title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.cli.cells import plain, table
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import Titles, spoken_item
from benchctl.cli.wording import verdict_text

if TYPE_CHECKING:
    from benchctl.cli.result_table import Column, ResultTable

JSON = Mapping[str, Any]
BLANK = "  "
"""Before a point that stands under the title of its item."""


def turned(
    of: ResultTable, shell: Shell, uuts: Sequence[JSON], columns: Sequence[Column], titles: Titles
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the lines, each with its colours."""
    text = shell.text
    header = ["", text("limits"), *(f"{u.get('position') or '-'} {u['serial']}" for u in uuts)]
    rows: list[list[str]] = []
    colours: list[tuple[str, ...]] = [("bold",)]
    grouped = len({c.item for c in columns if c.is_point}) > 1
    item = ""
    for column in columns:
        under = grouped and column.is_point
        if under and column.item != item:
            item = column.item
            rows.append([plain(spoken_item(item, shell.language, titles))])
            colours.append(("dim",))
        rows.append(
            [
                (BLANK if under else "") + column.name,
                of.limits(column),
                *(of.cell(uut, column, marks=False) for uut in uuts),
            ]
        )
        colours.append(())
    rows.append([text("verdict"), "", *(verdict_text(shell, u["verdict"]) for u in uuts)])
    colours.append(("bold",))
    right = range(1, 2 + len(uuts))
    return list(zip(table(header, rows, right=right), colours, strict=True))
