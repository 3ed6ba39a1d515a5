"""What readings side by side give of one unit, and what they themselves leave uncertain.

How the single results scatter is the uncertainty of the readings (source `readings`), and what a
steady change of theirs would come to over half the time is a line of its own (source `drift`). Both
stand with the unit's indication.

The slope of results that only scatter is not zero either. What it is expected to be by their
scatter is taken off its square (the moment estimate of a component of variance): else the scatter
would be counted twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchctl.acquire import Look, Pairs, estimate, suspected_readings
from benchctl.core.messages import Message, msg
from benchctl.core.results import Estimate
from benchctl.core.series import Floats
from benchctl.engine.references import Line

OUTLIERS_FROM = 10
"""Readings from which on single ones are suspected."""
STRAGGLER = 0.01
"""Risk of suspecting a reading among good ones."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What the readings of one unit give, as a total does of one that totalises.

    `values` are the inputs of the model; `added` are sources of uncertainty by role.
    """

    indication: float
    reference: float
    t_start: float
    t_stop: float
    n: int
    values: Mapping[str, float]
    added: Mapping[str, tuple[Line, ...]]
    seen: Estimate
    look: Look
    states_value: bool = True
    """Whether it may be stated as a value, and not only judged."""
    notes: tuple[Message, ...] = ()

    def sources(self, role: str, declared: Sequence[Line]) -> list[Line]:
        """Return all that makes an input uncertain."""
        return [*declared, *self.added.get(role, ())]

    def facts(self) -> dict[str, object]:
        """Return what the record keeps of how many there are, and of how they scatter."""
        seen = self.seen
        plain = {
            "n": self.n,
            "n_eff": seen.n_eff,
            "s": seen.s,
            "u": seen.u,
            "dof": seen.dof,
            "drift": seen.drift,
            "drift_u": seen.drift_u,
            **self.look.facts,
        }
        if self.look.u is not None:
            plain["u"], plain["dof"] = self.look.u
        finite = {k: float(v) if math.isfinite(v) else None for k, v in plain.items()}
        return {**finite, "n": self.n, "why": self.look.why.as_json()}


def lagging(pairs: Pairs, lag: float) -> dict[str, tuple[Line, ...]]:
    """Return what a unit that follows the reference `lag` s late is wrong by, by role: its drift.

    The drift is the largest that the readings leave possible, |b| + t u(b) at 95 % one-sided.
    """
    from scipy.special import stdtrit

    found: dict[str, tuple[Line, ...]] = {}
    for role, x in pairs.others.items():
        seen = estimate(pairs.t, x)
        if seen.n < 3 or not math.isfinite(seen.drift_u):
            continue
        dof = max(1.0, seen.n_eff - 2)
        most = abs(seen.drift) + float(stdtrit(dof, 0.95)) * seen.drift_u
        if most > 0:
            found[role] = (("lag", most * lag / math.sqrt(3), "rectangular", math.inf),)
    return found


def drift_u(seen: Estimate) -> float:
    """Return the standard uncertainty that a steady change over the readings leaves.

    Half of it either way, rectangular; what scatter alone makes of a slope is taken off its square.
    """
    if seen.n < 3 or not math.isfinite(seen.drift_u):
        return 0.0
    beyond = seen.drift**2 - seen.drift_u**2
    return math.sqrt(max(0.0, beyond)) * (seen.t_to - seen.t_from) / math.sqrt(12)


def mean_of(x: Floats) -> float:
    """Return the mean, shifted by the first reading so that no digit is lost."""
    return float(x[0] + np.mean(x - x[0]))


def flags_of(results: Floats, seen: Estimate, unit: str) -> list[Message]:
    """Return what a person should see: a series that moves, readings that lie far off."""
    found = []
    if seen.n >= OUTLIERS_FROM and math.isfinite(seen.drift_u):
        change = seen.drift * (seen.t_to - seen.t_from)
        if abs(seen.drift) > 3.0 * seen.drift_u:
            found.append(msg("engine.readings-drift", change=f"{change:.3g} {unit}"))
        elif seen.n_eff > 0.5 * seen.n:  # the test is for readings that depend on nothing
            far = suspected_readings(results, STRAGGLER)
            if far:
                numbers = ", ".join(str(i + 1) for i in far)
                found.append(msg("engine.readings-far", numbers=numbers))
    return found
