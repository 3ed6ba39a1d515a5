"""Small pieces of sentences."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a round duration in its largest unit: `2 h`, `90 s`."""
    for size, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {name}"
    return f"{seconds:g} s"
