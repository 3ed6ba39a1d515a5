"""Which registers are read together: the plan that takes the least time on the line.

Every request costs the characters around its data and the instrument's turnaround; every register
costs two characters, also one in a hole that nobody wants. On a slow line a hole of a few registers
is worth another request, on a fast one a wide hole; over TCP every hole is read along. `plan` looks
at all ways to cut the registers, in order, into blocks that one request each can fetch, and returns
the cheapest (dynamic programming over the last block: exact, in a time that grows with the square
of the number of registers at most).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import inf

from benchctl.driver.registers import Bit, Register

Place = Register | Bit

MOST_WORDS = 125
MOST_BITS = 2000
OVERHEAD_CHARS = 13
"""Characters of one more RTU read request (8) and of its reply without data (5)."""
TURNAROUND = 0.002
"""Seconds between request and reply that an instrument is reckoned to take."""


@dataclass(frozen=True, slots=True)
class Line:
    """What time costs on a line.

    `char_time` is in s, 0 where characters cost nothing; `turnaround` in s, with the silence that
    is kept between frames; `gap` is the widest
    hole, in registers, that an instrument lets be read along, None for any.
    """

    char_time: float
    turnaround: float = TURNAROUND
    gap: int | None = None

    @property
    def request(self) -> float:
        """Seconds of a request without its data."""
        return OVERHEAD_CHARS * self.char_time + self.turnaround

    def data(self, width: int, *, bits: bool) -> float:
        """Return the seconds of so many registers, or bits, of a reply."""
        return self.char_time * ((width + 7) // 8 if bits else 2 * width)

    def time(self, blocks: Sequence[Sequence[Place]]) -> float:
        """Return the seconds that a plan takes."""
        return sum(
            self.request + self.data(end(b) - b[0].start, bits=isinstance(b[0], Bit))
            for b in blocks
        )


def width(place: Place) -> int:
    """Return how many registers, or bits, a place takes."""
    return place.words if isinstance(place, Register) else place.count


def end(block: Sequence[Place]) -> int:
    """Return the number behind the last register, or bit, of a block."""
    return max(place.start + width(place) for place in block)


def plan(
    places: Sequence[Place], line: Line, together: Sequence[Sequence[Place]] = ()
) -> list[list[Place]]:
    """Return the places grouped into blocks that one request each can fetch, in order.

    Neighbours that belong `together`, since they must be of one instant, are never cut apart, as
    far as one request can fetch them.
    """
    found = _planned(tuple(places), line, tuple(map(tuple, together)))
    return [list(block) for block in found]


@lru_cache(maxsize=64)
def _planned(
    places: tuple[Place, ...], line: Line, together: tuple[tuple[Place, ...], ...]
) -> tuple[tuple[Place, ...], ...]:
    """Return the plan; of many positions it takes a while, and each run asks for the same."""
    wanted = sorted(dict.fromkeys(places), key=lambda p: (p.table, p.start))
    group = {place: n for n, of in enumerate(together) for place in of}
    blocks: list[list[Place]] = []
    for table in sorted({place.table for place in wanted}):
        of_table = [place for place in wanted if place.table == table]
        blocks += _best(of_table, line, group) or _best(of_table, line, {})
    return tuple(map(tuple, blocks))


def _best(places: Sequence[Place], line: Line, group: Mapping[Place, int]) -> list[list[Place]]:
    """Return the cheapest cut of places of one table, in order of their beginning.

    Places of one group stay together; nothing where one request is too small for them.
    """
    bits = isinstance(places[0], Bit)
    most = MOST_BITS if bits else MOST_WORDS
    widest = inf if line.gap is None else line.gap * (16 if bits else 1)
    reach = list(accumulate((place.start + width(place) for place in places), max))
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # time, registers, where the last begins
    for last in range(len(places)):
        found = (inf, 0, last)
        behind = 0
        for first in range(last, -1, -1):
            start = places[first].start
            if first < last and places[first + 1].start - reach[first] > widest:
                break
            behind = max(behind, start + width(places[first]))
            if behind - start > most and first < last:
                break
            if first and group.get(places[first], -1) == group.get(places[first - 1], -2):
                continue
            time, registers, _ = best[first]
            time += line.request + line.data(behind - start, bits=bits)
            found = min(found, (time, registers + behind - start, first))
        best.append(found)
    return _cut(places, [first for _, _, first in best]) if best[-1][0] < inf else []


def _cut(places: Sequence[Place], firsts: Sequence[int]) -> list[list[Place]]:
    """Return the blocks; `firsts` tells for each number of places where the last block begins."""
    blocks: list[list[Place]] = []
    behind = len(places)
    while behind:
        first = firsts[behind]
        blocks.append(list(places[first:behind]))
        behind = first
    return blocks[::-1]


def has_holes(block: Sequence[Place]) -> bool:
    """Return whether a block reads along what nobody wants."""
    return any(later.start > end(block[: i + 1]) for i, (_, later) in enumerate(pairwise(block)))
