"""Standing start and stop: what a meter registered between two states of rest.

The register is read while nothing flows, before and after; each reading is rectangular over one
scale interval, both together triangular: u = d / sqrt(6).

    total = standing_total(120.35, 220.60, reference=100.02, resolution=0.05, window=(10.0, 160.0),
                           flow=0.66)
"""

from __future__ import annotations

import math

import numpy as np

from benchctl.acquire.totals import Total
from benchctl.acquire.tracks import register_interval
from benchctl.acquire.wording import quantity
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats


def standing_total(
    before: float,
    after: float,
    *,
    reference: float,
    resolution: float,
    window: tuple[float, float],
    flow: float,
) -> Total:
    """Return what passed from rest to rest; a register that does not move is a measurement.

    Args:
        before: Register at rest before anything flows.
        after: Register at rest afterwards, in the same unit.
        reference: What passed by the reference, in that unit.
        resolution: Scale interval of the register.
        window: Bench times in s from which and to which it flowed.
        flow: Mean flow in that unit per s.

    Raises:
        NotMeasuredError: the register went backwards or rolled over, nothing passed.
        ValueError: the resolution is not positive.
    """
    if not resolution > 0:
        raise ValueError(f"the resolution of a register must be positive, got {resolution}")
    if not reference > 0:
        raise NotMeasuredError(msg("acquire.no-flow", volume=quantity(reference)))
    notes: list[Message] = []
    register_interval(np.array((before, after)), resolution, notes)
    return Total(
        indication=round(after - before, 9),  # a register is decimal: no binary dust
        reference=reference,
        u_gate=resolution / math.sqrt(6),
        distribution="triangular",
        method="standing",
        t_start=window[0],
        t_stop=window[1],
        n=2,
        q_start=flow,
        q_stop=flow,
        u_timing=0.0,
        notes=tuple(notes),
    )


def mean_by_volume(t: Floats, flow: Floats) -> float:
    """Return the flow at which the mean unit of volume passed: ∫ q² dt / ∫ q dt.

    Where the flow rises from rest and falls back to it, little passes at small flows and they count
    little.

    Raises:
        NotMeasuredError: nothing flowed.
    """
    passed = float(np.trapezoid(flow, t)) if t.size > 1 else 0.0
    if not passed > 0:
        raise NotMeasuredError(msg("acquire.no-flow", volume=quantity(passed)))
    return float(np.trapezoid(flow * flow, t)) / passed
