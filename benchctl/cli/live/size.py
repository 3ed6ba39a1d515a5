"""How large a terminal is, and whether that is enough for a view."""

from __future__ import annotations

import os
from typing import TextIO

LEAST = (40, 10)
"""Columns and lines below which plain lines say more."""


def terminal_size(stream: TextIO) -> tuple[int, int] | None:
    """Return columns and lines of a terminal; None where nobody knows."""
    try:
        found = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):  # no terminal, or no file at all
        return None
    return (found.columns, found.lines) if found.columns > 0 and found.lines > 0 else None


def large_enough(stream: TextIO) -> bool:
    """Return whether a terminal says how large it is, and has room for a view."""
    size = terminal_size(stream)
    return size is not None and size[0] >= LEAST[0] and size[1] >= LEAST[1]
