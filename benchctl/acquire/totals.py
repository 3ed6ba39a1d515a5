"""Flying start: what a meter registered against what the reference passed, the water flowing on.

The meter's register shows whole scale intervals only and is read again and again; the reference
totaliser is polled beside it. There are two ways to gate, the same at both ends; which one is
decided by how much passes between two readings, so that the one with the smaller uncertainty is
taken and the choice does not depend on where the register happened to stand.

*edges*, where no more than an interval passes between two readings. The first and the last edge of
the register lie somewhere between two readings each; the reference is taken in the middle, the end
is rectangular over the volume of the bracket. The bracket also ends where the reading at the
window's border says: the first edge is no more than an interval after the first reading, the last
edge no more than an interval before the last one. (Without that the middle would be biased by up to
0.4 u: of two brackets in an interval the second can only be met near its beginning.)

*readings*, for fast flow. The gate is the first and the last reading. Each is rectangular over one
interval, both together triangular, u = d / sqrt(6).

An exchange is taken to happen at the midpoint of its stamps. What this is wrong by is the same at
both ends and cancels as far as the flow is the same; the rest is `u_timing`.

    total = flying_total(ReferenceTrack.of(master, "volume"), MeterTrack.of(uut, "volume"),
                         resolution=0.05, start=t0, stop=t1)
    error = 100 * (total.indication - total.reference) / total.reference
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchctl.acquire.tracks import (
    MeterTrack,
    ReferenceTrack,
    check_reference,
    good_readings,
    register_interval,
)
from benchctl.acquire.wording import quantity
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats

_STEADY = 0.01
"""Largest relative difference of the flows at start and stop that is not worth a note."""

_NEAR = 5
"""How many steps at either end tell how much passes between two readings there."""

_FLOW_SPAN = 0.1
"""Share of the gate over which the flow at either end is taken."""


@dataclass(frozen=True, slots=True)
class Total:
    """What passed between two instants by the meter and by the reference, in the meter's unit.

    `u_gate` is the standard uncertainty that gating and resolution leave in the indication,
    distributed as `distribution` says (`shape`: of a trapezoid, top over base); `u_timing` that of
    the instants and of interpolating the reference. `method` is "edges" or "readings", `n` the
    number of readings of the meter from `t_start` to `t_stop`; `q_start` and `q_stop` are the flows
    there in unit per s.
    """

    indication: float
    reference: float
    u_gate: float
    distribution: str
    method: str
    t_start: float
    t_stop: float
    n: int
    q_start: float
    q_stop: float
    u_timing: float
    notes: tuple[Message, ...] = ()
    shape: float = 0.0


@dataclass(frozen=True, slots=True)
class _Gate:
    """One way to gate, before the flows and the timing are looked at."""

    method: str
    indication: float
    reference: float
    u: float
    distribution: str
    t: tuple[float, float]
    first: int
    last: int
    shape: float = 0.0


def flying_total(
    reference: ReferenceTrack,
    meter: MeterTrack,
    *,
    resolution: float,
    start: float,
    stop: float,
) -> Total:
    """Return what passed within the bench times `start` and `stop` (s).

    The reference may count another quantity than the meter, as long as both go on in proportion (a
    time, behind a nozzle); `resolution` is the scale interval of the register in its own unit.
    Isolated failed reads are left out and noted. A register that does not move is a measurement:
    its indication is 0.

    Raises:
        NotMeasuredError: readings are missing at either end, the register went backwards or rolled
            over, the reference is missing, ran backwards or saw no flow.
        ValueError: the resolution is not positive, or `stop` is not after `start`.
    """
    if not resolution > 0:
        raise ValueError(f"the resolution of a register must be positive, got {resolution}")
    if not stop > start:
        raise ValueError(f"the window from {start} s to {stop} s is empty")
    t, register, notes = good_readings(meter, start, stop)
    known = np.isfinite(reference.total)
    t_ref, total = reference.t[known], reference.total[known]
    check_reference(t_ref, total, float(t[0]), float(t[-1]))
    interval, whole = register_interval(register, resolution, notes)
    gate = _gate(t, register, np.interp(t, t_ref, total), interval, whole)
    q = _flows(t_ref, total, gate.t)
    if abs(q[1] - q[0]) > _STEADY * (q[0] + q[1]) / 2:
        change = f"{100 * (q[1] / q[0] - 1):+.2g} %" if q[0] > 0 else "—"
        notes.append(msg("acquire.flow-changed", change=change))
    return Total(
        indication=round(gate.indication, 9),  # a register is decimal: no binary dust
        reference=gate.reference,
        u_gate=gate.u,
        distribution=gate.distribution,
        method=gate.method,
        t_start=gate.t[0],
        t_stop=gate.t[1],
        n=gate.last - gate.first + 1,
        q_start=q[0],
        q_stop=q[1],
        u_timing=_timing(reference, meter, t_ref, total, gate, q),
        notes=tuple(notes),
        shape=gate.shape,
    )


def _by_readings(t: Floats, register: Floats, v: Floats, interval: float) -> _Gate:
    return _Gate(
        method="readings",
        indication=float(register[-1] - register[0]),
        reference=float(v[-1] - v[0]),
        u=interval / math.sqrt(6),
        distribution="triangular",
        t=(float(t[0]), float(t[-1])),
        first=0,
        last=t.size - 1,
    )


def _gate(t: Floats, register: Floats, v: Floats, interval: float, whole: bool) -> _Gate:
    """Gate on edges where no more than an interval passes between two readings.

    `v` is the reference's total at the instants of the readings.

    Raises:
        NotMeasuredError: the reference saw no flow.
    """
    readings = _by_readings(t, register, v, interval)
    if not readings.reference > 0:
        raise NotMeasuredError(msg("acquire.no-flow", volume=quantity(readings.reference)))
    steps = np.diff(v)
    between = max(float(np.median(steps[:_NEAR])), float(np.median(steps[-_NEAR:])))
    if not whole or not 0 < between * readings.indication / readings.reference <= interval:
        return readings
    return _by_edges(t, register, v, interval, readings) or readings


def _by_edges(
    t: Floats, register: Floats, v: Floats, interval: float, readings: _Gate
) -> _Gate | None:
    """Gate on the first and the last edge of the register; None without two of them."""
    steps = np.rint(np.diff(register) / interval)
    moves = np.flatnonzero(steps)
    if moves.size < 2:
        return None
    d = interval * readings.reference / readings.indication  # by the reference
    i, j = int(moves[0]), int(moves[-1])
    n, m = float(steps[i]), float(steps[j])
    first = _bracket(
        max(v[i], v[i + 1] - n * d), min(v[i + 1] - (n - 1) * d, v[0] + d), v[i : i + 2]
    )
    last = _bracket(max(v[j] + (m - 1) * d, v[-1] - d), min(v[j + 1], v[j] + m * d), v[j : j + 2])
    widths = sorted((first[1], last[1]))
    like = widths[0] > 0.9 * widths[1]
    return _Gate(
        method="edges",
        indication=float(register[-1] - register[0]) - interval,
        reference=last[0] - first[0],
        u=math.hypot(*widths) / math.sqrt(12) * interval / d,
        distribution="triangular" if like else "trapezoid",
        shape=0.0 if like else (widths[1] - widths[0]) / (widths[1] + widths[0]),
        t=(
            float(np.interp(first[0], v[i : i + 2], t[i : i + 2])),
            float(np.interp(last[0], v[j : j + 2], t[j : j + 2])),
        ),
        first=i + 1,
        last=j,
    )


def _bracket(low: float, high: float, ends: Floats) -> tuple[float, float]:
    """Return middle and width of where an edge lies; limits that cross count as the whole step."""
    width = high - low if high > low else float(ends[1] - ends[0])
    return float(low + high) / 2, float(width)


def _flow_span(t_ref: Floats, gate: tuple[float, float]) -> float:
    """Return over how many seconds the flow at an end is taken: a tenth, or some polls."""
    length = gate[1] - gate[0]
    return min(length / 2, max(_FLOW_SPAN * length, 3 * float(np.median(np.diff(t_ref)))))


def _flows(t_ref: Floats, total: Floats, gate: tuple[float, float]) -> tuple[float, float]:
    """Return the flows at both ends of the gate, each the mean over `_flow_span`."""
    span = _flow_span(t_ref, gate)
    v = np.interp((gate[0], gate[0] + span, gate[1] - span, gate[1]), t_ref, total)
    return float(v[1] - v[0]) / span, float(v[3] - v[2]) / span


def _timing(
    reference: ReferenceTrack,
    meter: MeterTrack,
    t_ref: Floats,
    total: Floats,
    gate: _Gate,
    q: tuple[float, float],
) -> float:
    """Return the standard uncertainty from the instants and from interpolating the reference.

    An exchange happens anywhere between its stamps, at the same share of each: half of its duration
    times the change of flow is a rectangular half-width. Its duration varies: half of that spread
    at each end. Between two polls the reference is off by at most a h^2 / 8 at acceleration a.
    """
    middle = (q[0] + q[1]) / 2
    # both flows are means; from end to end it changes by more
    change = (q[1] - q[0]) / (1 - _flow_span(t_ref, gate.t) / (gate.t[1] - gate.t[0]))
    parts = []
    t_meter = (meter.t_before + meter.t_after) / 2
    for t, rtt, value in (
        (t_meter, meter.t_after - meter.t_before, meter.register),
        (reference.t, reference.rtt, reference.total),
    ):
        if rtt is not None:
            used = rtt[(t >= gate.t[0]) & (t <= gate.t[1]) & np.isfinite(value)]
            if used.size:
                parts.append(change * float(used.mean()) / 2 / math.sqrt(3))
                parts.append(middle * float(used.std()) / math.sqrt(2))
    parts.extend(_interpolation(t_ref, total, t) / math.sqrt(3) for t in gate.t)
    return math.hypot(*parts)


def _interpolation(t_ref: Floats, total: Floats, t: float) -> float:
    """Return the bound a h^2 / 8 on linear interpolation at `t`, from the flows around it."""
    i = int(np.clip(np.searchsorted(t_ref, t), 1, t_ref.size - 1))
    around = slice(max(0, i - 2), i + 2)
    h = np.diff(t_ref[around])
    if h.size < 2 or not (h > 0).all():
        return 0.0
    flows = np.diff(total[around]) / h
    return float(np.abs(np.diff(flows)).max() * (t_ref[i] - t_ref[i - 1]) / 8)
