"""How a person mistypes a number: two digits swapped, a decimal point misplaced, a digit too many.

Drawn from the seed, so that a run with the same seed has the same mistakes.
"""

from __future__ import annotations

from itertools import pairwise

from benchctl.simulation.noise import Noise

KINDS = 3


class Slips:
    """Mistypes a `share` of the numbers; zero is always typed as it is."""

    def __init__(self, seed: int, share: float) -> None:
        self._luck = Noise(seed, "slips")
        self._share = share
        self._typed = 0
        self.made: list[tuple[float, float]] = []
        """What was to be typed, and what was."""

    def __call__(self, value: float) -> float:
        """Return what is typed for a value."""
        self._typed += 1
        if not value or self._luck.uniform(f"whether {self._typed}", 0.0, 1.0) >= self._share:
            return value
        kind = int(self._luck.uniform(f"kind {self._typed}", 0.0, KINDS))
        typed = _slipped(value, kind)
        if typed != value:
            self.made.append((value, typed))
        return typed


def _slipped(value: float, kind: int) -> float:
    """Return a number with a slip of one kind, or with a misplaced point."""
    text = f"{value:.10g}"
    if "e" in text:
        return value
    places = [n for n, character in enumerate(text) if character.isdigit()]
    if kind == 0:
        for a, b in pairwise(places):
            if text[a] != text[b]:
                swapped = list(text)
                swapped[a], swapped[b] = swapped[b], swapped[a]
                return float("".join(swapped))
    if kind == 1:
        at = next(n for n in places if text[n] != "0")
        return float(text[: at + 1] + text[at:])
    return float(f"{value / 10.0:.10g}")
