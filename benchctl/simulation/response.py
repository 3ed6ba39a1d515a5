"""How a quantity goes from where it is to where it is driven: closed form, exactly integrable.

No stepping thread and no step size: a plant's state changes only when something is written to it,
and between two writes every quantity is a formula of time.

    flow = Response(t0=0.0, start=0.0, target=0.66, tau=1.5, surge=0.08)
    flow.at(3.0)                     # L/s
    flow.integral(3.0)               # L since t0
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """A first-order response with a surge that dies away, from instant `t0` (s) on.

    With x = t - t0, a = exp(-x / tau) and b = exp(-x / (2 tau)):

        y = target + (start - target) a + 4 surge (target - start) (b - a)

    The surge term is `surge` of the step at most; from about 0.05 on the quantity overshoots its
    target. It is for rising quantities: what falls to zero with a surge would become negative.
    """

    t0: float
    start: float
    target: float
    tau: float
    surge: float = 0.0

    def at(self, t: float) -> float:
        """Return the value at instant `t`; before `t0` the value at `t0`."""
        x = t - self.t0
        if x <= 0.0:
            return self.start
        b = math.exp(-0.5 * x / self.tau)
        a = b * b
        return self.target + (self.target - self.start) * (4.0 * self.surge * (b - a) - a)

    def integral(self, t: float) -> float:
        """Return the integral over time from `t0` to `t`, exact; zero before `t0`."""
        x = t - self.t0
        if x <= 0.0:
            return 0.0
        b = math.exp(-0.5 * x / self.tau)
        a = b * b
        of_a, of_b = self.tau * (1.0 - a), 2.0 * self.tau * (1.0 - b)
        step = self.target - self.start
        return self.target * x + step * (4.0 * self.surge * (of_b - of_a) - of_a)


def steady(value: float, t0: float = 0.0) -> Response:
    """Return the response of a quantity that stays where it is."""
    return Response(t0, value, value, 1.0)
