"""What counts: totalisers with a gain, and the register that shows them in whole steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Totaliser:
    """What an instrument has counted up to an instant, and the gain with which it counts since.

    The gain is 1 + relative error; 0 for an instrument that stands still. The amount that really
    passed is given, so that a dozen meters in series share one integral.
    """

    total: float = 0.0
    gain: float = 1.0

    def at(self, amount: float) -> float:
        """Return the total when `amount` has passed since that instant."""
        return self.total + self.gain * amount

    def carried(self, amount: float, gain: float) -> Totaliser:
        """Return the totaliser from the instant on when `amount` has passed, with a new gain."""
        return replace(self, total=self.at(amount), gain=gain)


@dataclass(frozen=True, slots=True)
class Register:
    """What a meter shows: `start` plus its total, cut off to whole scale intervals.

    It begins again at zero when it reaches `capacity`. A pulse output with a value of `pulse` gives
    one pulse per whole `pulse`.
    """

    start: float
    scale_interval: float
    capacity: float = math.inf

    def shows(self, total: float) -> float:
        """Return the indication for what was counted since the register stood at `start`."""
        steps = math.floor((self.start + total) / self.scale_interval + 1e-9)
        value = steps * self.scale_interval
        return value % self.capacity if math.isfinite(self.capacity) else value


def pulses(total: float, pulse_value: float) -> int:
    """Return how many whole pulses an output has given for a total in the same unit."""
    return math.floor(total / pulse_value + 1e-9)
