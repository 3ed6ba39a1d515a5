"""What is thought of a reading that a person typed: whether it counts, or why it is asked again.

The person is never shown what is expected: who knows it reads it. A first entry counts by itself
where it lies in a wide window around start reading plus what passed the reference, and no limit is
within reach of one scale interval. Otherwise, of at most three entries two must agree. A value that
lies outside but would not with two neighbouring digits swapped is said to be such a one.

Pure rules; `dials` asks the person.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

WIDE = 0.3
"""Share of what passed the reference by which a plausible total may differ from it."""
SLIP = 0.05
"""Share by which a meter may differ from the reference over the time between two entries."""
NEARLY = 1e-6
"""Share of a step by which a value may be off one."""
ENTRIES = 3
"""So often a person is asked for one reading."""


@dataclass(frozen=True, slots=True)
class Window:
    """From where to where a reading is plausible, and in which steps: 0 where there are none."""

    low: float
    high: float
    step: float = 0.0

    def has(self, value: float) -> bool:
        """Return whether a value is plausible."""
        if not self.low <= value <= self.high:
            return False
        if not self.step > 0:
            return True
        return abs(value / self.step - round(value / self.step)) <= NEARLY


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person typed: `value` in the role's unit, asked at `before`, answered at `after` (s).

    `passed` is what had passed the reference by the middle of that, counted from any fixed instant,
    `span` what passed it in between; 0 at rest.
    """

    value: float
    before: float
    after: float
    passed: float = 0.0
    span: float = 0.0


class Step(StrEnum):
    """What comes after an entry."""

    ACCEPT = "accept"
    """It counts."""
    UNUSUAL = "unusual"
    """It lies outside what is plausible: once more."""
    SWAPPED = "swapped"
    """Likewise, and two neighbouring digits may be swapped."""
    SECOND = "second"
    """A limit is near: once more."""
    DIFFER = "differ"
    """It does not agree with an earlier one: once more."""
    GIVE_UP = "give-up"
    """No two of all entries agree."""


def window_after(start: Entry, end: Entry, interval: float) -> Window:
    """Return where the reading `end` is plausible after the reading `start`."""
    passed = end.passed - start.passed
    slack = interval + (start.span + end.span) / 2 + WIDE * abs(passed)
    return Window(start.value + passed - slack, start.value + passed + slack)


def swaps(typed: float, decimals: int) -> list[float]:
    """Return what a number becomes when two neighbouring, different digits change places.

    It is taken as written with so many decimals, or more where it has more.
    """
    exact = Decimal(f"{typed:.12g}")  # a converted number has binary dust
    text = f"{exact:f}"
    if -int(exact.as_tuple().exponent) < decimals:
        text = f"{exact:.{decimals}f}"
    places = [n for n, character in enumerate(text) if character.isdigit()]
    found = []
    for a, b in pairwise(places):
        if text[a] != text[b]:
            digits = list(text)
            digits[a], digits[b] = digits[b], digits[a]
            found.append(float("".join(digits)))
    return found


def decimals_of(interval: float) -> int:
    """Return with how many decimals a register of this scale interval is read."""
    exact = Decimal(f"{interval:.6g}").normalize()
    return max(0, -int(exact.as_tuple().exponent)) if interval > 0 else 0


def agree(one: Entry, other: Entry, interval: float) -> bool:
    """Return whether two entries are one reading, what passed between them taken into account."""
    moved = other.passed - one.passed
    slack = interval * (1.0 + 1e-9) + (one.span + other.span) / 2 + SLIP * abs(moved)
    return abs(other.value - one.value - moved) <= slack


def next_step(
    entries: Sequence[Entry],
    window: Window | None,
    *,
    interval: float,
    swapped: Sequence[float],
    near: Callable[[Entry], bool],
) -> Step:
    """Return what comes after the last of the entries of one reading.

    Args:
        entries: All of them, one at least.
        window: Where the last is plausible; None where nothing is known.
        interval: Scale interval of the register, in the unit of the entries.
        swapped: What the last becomes when two neighbouring digits change places.
        near: Whether the result would be within reach of a limit.
    """
    last = entries[-1]
    plausible = window is None or window.has(last.value)
    if len(entries) == 1 and plausible:
        return Step.SECOND if near(last) else Step.ACCEPT
    if any(agree(entry, last, interval) for entry in entries[:-1]):
        return Step.ACCEPT
    if len(entries) >= ENTRIES:
        return Step.GIVE_UP
    if window is not None and not plausible and any(map(window.has, swapped)):
        return Step.SWAPPED
    return Step.UNUSUAL if len(entries) == 1 else Step.DIFFER


def within_reach(
    error_of: Callable[[float], float | None],
    indication: float,
    interval: float,
    limits: tuple[float, float],
) -> bool:
    """Return whether a scale interval more or less would bring the error to or over a limit."""
    errors = [error_of(indication + sign * interval) for sign in (-1.0, 1.0)]
    known = [e for e in errors if e is not None and math.isfinite(e)]
    if len(known) < 2:
        return True
    return any(min(known) <= limit <= max(known) for limit in limits)


def start_was_swapped(
    start: Entry, end: Entry, interval: float, swapped_starts: Sequence[float]
) -> bool:
    """Return whether a start reading, typed once, explains an implausible total by swapped digits.

    A register that did not move was read twice alike: nothing was swapped.
    """
    if window_after(start, end, interval).has(end.value):
        return False
    if abs(end.value - start.value) <= interval * (1.0 + 1e-9):
        return False
    others = (Entry(v, start.before, start.after, start.passed, start.span) for v in swapped_starts)
    return any(window_after(other, end, interval).has(end.value) for other in others)
