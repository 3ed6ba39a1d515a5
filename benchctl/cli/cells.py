"""Text in columns of a terminal, where a Chinese character takes two cells.

table(["serial", "error"], [["W-0001", "+0.41"]], right={1})
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Sequence

GAP = "  "


def width(text: str) -> int:
    """Return how many cells `text` takes."""
    if text.isascii():
        return len(text)
    cells = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me"):
            continue
        cells += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return cells


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Return `text` filled with blanks to `cells`, pushed to the right if asked."""
    blanks = " " * max(0, cells - width(text))
    return blanks + text if right else text + blanks


def plain(text: str) -> str:
    """Return `text` on one line and without control characters.

    What an instrument or a file says cannot move the cursor or colour the screen. The minus sign
    becomes a hyphen, which every terminal's encoding has.
    """
    kept = (" " if c in "\r\n\t" else c for c in text if c in "\r\n\t" or c.isprintable())
    return "".join(kept).replace("\u2212", "-")


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()
) -> list[str]:
    """Return the lines of a table; columns in `right` are pushed to the right.

    A row that is shorter than the header is filled up with empty cells.
    """
    full = [
        [plain(c) for c in row] + [""] * (len(header) - len(row)) for row in [list(header), *rows]
    ]
    widths = [max(width(row[i]) for row in full) for i in range(len(header))]
    return [
        GAP.join(pad(c, widths[i], right=i in right) for i, c in enumerate(row)).rstrip()
        for row in full
    ]


def duration(seconds: float) -> str:
    """Return a duration as `m:ss` or `h:mm:ss`, a dash where nobody knows."""
    if not math.isfinite(seconds):
        return "-"
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
