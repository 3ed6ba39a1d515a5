"""Which registers are read together.

Two neighbours share a request if reading the hole between them along takes less time than a further
request. The cost of holes adds up, so deciding hole by hole is best as long as no block is full.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.driver.registers import Bit, Register

Place = Register | Bit

MOST_WORDS = 125
MOST_BITS = 2000
OVERHEAD_CHARS = 13
"""Characters of one more RTU read request (8) and of its reply without data (5)."""
TURNAROUND = 0.002
"""Seconds between request and reply that an instrument is reckoned to take."""


def most_gap(char_time: float) -> int:
    """Return the widest hole, in registers, that is worth reading along.

    `char_time` is in s; where characters cost nothing every hole is.
    """
    if not char_time:
        return MOST_WORDS
    return int((OVERHEAD_CHARS * char_time + TURNAROUND) / (2 * char_time))


def width(place: Place) -> int:
    """Return how many registers, or bits, a place takes."""
    return place.words if isinstance(place, Register) else place.count


def end(block: Sequence[Place]) -> int:
    """Return the number behind the last register, or bit, of a block."""
    return max(place.start + width(place) for place in block)


def plan(places: Sequence[Place], gap: int) -> list[list[Place]]:
    """Return the places grouped into blocks that one request each can fetch, in order."""
    blocks: list[list[Place]] = []
    for place in sorted(dict.fromkeys(places), key=lambda p: (p.table, p.start)):
        if blocks and _fits(blocks[-1], place, gap):
            blocks[-1].append(place)
        else:
            blocks.append([place])
    return blocks


def _fits(block: Sequence[Place], place: Place, gap: int) -> bool:
    first = block[0]
    if place.table != first.table:
        return False
    bits = isinstance(place, Bit)
    behind = max(end(block), place.start + width(place))
    near = place.start - end(block) <= gap * (16 if bits else 1)
    return near and behind - first.start <= (MOST_BITS if bits else MOST_WORDS)


def has_holes(block: Sequence[Place]) -> bool:
    """Return whether a block reads along what nobody wants."""
    return any(later.start > end(block[:i]) for i, later in enumerate(block) if i)
