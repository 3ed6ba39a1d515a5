"""Pulse comparison: the reference's pulses between pulses of a unit, counted by the hardware.

For each unit a counter latches the reference's count whenever the unit gives a pulse. Whoever reads
the unit's count and the latch in one exchange so has both at the very instant of a pulse: the
unit's pulses are exact, and the reference's are short of the truth by a part of a pulse at either
end, which makes the number between two of them triangular over ±1: u = 1/sqrt(6) pulse.

    found = pulse_comparison(t, unit, latched)
    error = 100 * (found.pulses / constant - found.reference / reference_constant) / ...

The latch of the first reading may stem from before the run: it is not used, counting begins with
the first pulse that comes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchctl.acquire.wording import quantity
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats

STEADY = 0.01
"""Largest relative difference of the rates in both halves that is not worth a note."""


@dataclass(frozen=True, slots=True)
class PulseComparison:
    """The unit's and the reference's pulses between two pulses of the unit.

    `u_reference` is the standard uncertainty that counting whole pulses leaves in the latter;
    `rates` are the reference's pulses per s in the first and in the second half.
    """

    pulses: float
    reference: float
    u_reference: float
    t_start: float
    t_stop: float
    rates: tuple[float, float]
    notes: tuple[Message, ...] = ()

    def enough(self, wanted: float, seconds: float) -> bool:
        """Return whether so many pulses of the unit, over so long a time, were counted."""
        return self.pulses >= wanted and self.t_stop - self.t_start >= seconds


def pulse_comparison(
    t: Floats, unit: Floats, latched: Floats, *, step: float = 1.0
) -> PulseComparison | None:
    """Return what was counted from the first pulse of the unit to the last; None without two.

    Args:
        t: Instants of the readings in s, ascending.
        unit: Pulses of the unit, as they were counted since some time.
        latched: Pulses of the reference at the unit's last pulse.
        step: What one count of the latch is worth.

    Raises:
        NotMeasuredError: a count went back, or the reference gave no pulse meanwhile.
    """
    for counts in (unit, latched):
        if counts.size > 1 and (steps := np.diff(counts)).min() < 0:
            i = int(np.argmin(steps))
            before, after = quantity(counts[i], digits=9), quantity(counts[i + 1], digits=9)
            raise NotMeasuredError(msg("acquire.register-backwards", before=before, after=after))
    new = np.flatnonzero(np.diff(unit)) + 1  # readings with a pulse that came since the one before
    if new.size < 2:
        return None
    first, last = int(new[0]), int(new[-1])
    reference = float(latched[last] - latched[first])
    if not reference > 0:
        raise NotMeasuredError(msg("acquire.no-reference-pulses"))
    rates, slack = _rates(t[new], latched[new]), _slack(t, t[new])
    notes: tuple[Message, ...] = ()
    if abs(rates[1] - rates[0]) > (STEADY + slack) * (rates[0] + rates[1]) / 2 and rates[0] > 0:
        notes = (msg("acquire.rate-changed", change=f"{100 * (rates[1] / rates[0] - 1):+.2g} %"),)
    return PulseComparison(
        pulses=float(unit[last] - unit[first]),
        reference=reference,
        u_reference=step / math.sqrt(6),
        t_start=float(t[first]),
        t_stop=float(t[last]),
        rates=rates,
        notes=notes,
    )


def _slack(t: Floats, seen: Floats) -> float:
    """Return the share by which the rates may differ because pulses are seen late, up to a poll."""
    half = (seen[-1] - seen[0]) / 2
    return float(2 * np.diff(t).max() / half) if half > 0 else 1.0


def _rates(t: Floats, latched: Floats) -> tuple[float, float]:
    """Return the reference's pulses per s in both halves of the readings with a pulse."""
    middle = t.size // 2
    spans = (slice(0, middle + 1), slice(middle, t.size))
    found = []
    for span in spans:
        seconds = float(t[span][-1] - t[span][0])
        counted = float(latched[span][-1] - latched[span][0])
        found.append(counted / seconds if seconds > 0 else 0.0)
    return found[0], found[1]
