"""What is done and measured: actions, settling, raw readings, runs of a unit, its surroundings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from benchctl.core.events.base import JSON, Event

COLUMNS, HEARD = "columns", "heard"
"""Forms of a block of raw readings: numbers, or the bytes that they were made of."""


@dataclass(frozen=True, slots=True)
class ActionStarted(Event):
    """An action of the plan begins."""

    KIND: ClassVar[str] = "action-started"
    action: str
    kind: str
    t: float
    expected: float
    """Expected duration in s of bench time."""


@dataclass(frozen=True, slots=True)
class ActionFinished(Event):
    """An action of the plan ended; `outcome` is done, skipped, failed or interrupted."""

    KIND: ClassVar[str] = "action-finished"
    action: str
    outcome: str
    t: float


@dataclass(frozen=True, slots=True)
class Settled(Event):
    """The end of waiting for a quantity to settle; `settled` False is a time-out."""

    KIND: ClassVar[str] = "settled"
    action: str
    role: str
    settled: bool
    mean: float
    drift: float
    unit: str
    waited: float
    t: float


@dataclass(frozen=True, slots=True)
class RawBlock(Event):
    """A block of raw readings; `columns` travel as one blob whose sha256 is part of the body.

    Columns are float64, channel-major: t_before, t_after (bench s), then one per channel, then the
    flag. The `form` "heard" holds no columns but what the instruments said, byte for byte, for the
    same rows of a series (`core.heard`); it has no channels, and "/heard" behind the series' name.
    """

    KIND: ClassVar[str] = "raw-block"
    series: str
    action: str
    channels: tuple[str, ...]
    units: tuple[str, ...]
    first: int
    rows: int
    sha256: str
    blob: bytes = field(default=b"", repr=False)
    form: str = COLUMNS
    missed: int = 0
    """Slots for which there is no row, since an exchange took longer than the period: so many since
    the series' block before."""


@dataclass(frozen=True, slots=True)
class Watched(Event):
    """Present values for the screen, at most a few per second of real time: role -> value."""

    KIND: ClassVar[str] = "watched"
    action: str
    t: float
    values: JSON
    progress: float
    """Share of the action that is done, 0 to 1."""
    remaining: float
    """Expected seconds of bench time until the action ends."""


@dataclass(frozen=True, slots=True)
class RunMeasured(Event):
    """One run of one unit at one point: indication, reference, error, with the budget."""

    KIND: ClassVar[str] = "run-measured"
    uut: str
    item: str
    point: str
    occasion: str
    run: int
    retest: bool
    action: str
    valid: bool
    problem: JSON | None
    """A message where the run is not valid."""
    indication: float | None
    reference: float | None
    error: float | None
    u: float | None
    n: int
    k: float | None
    U: float | None
    dof: float | None
    U_reference: float | None
    budget: tuple[JSON, ...]
    window: tuple[float, float]
    conditions: JSON
    """Mean value of each monitored role within the window."""
    notes: tuple[JSON, ...] = ()
    """Messages: flags that a person should see."""
    inputs: JSON = field(default_factory=dict)
    """Estimate of every name of the model, also of those without uncertainty."""
    gate: JSON | None = None
    """How a total was gated: method, the interval of the register, indication and reference as they
    were read, before any correction."""
    sources: JSON = field(default_factory=dict)
    """By role of the model the channels that it was read from: instrument, channel, unit, factor
    and offset to the role's unit."""
    method: str = "gum"
    """By which `error`, `u`, `k` and `U` were found: gum | monte-carlo."""
    seed: int | None = None
    """Of the trials, where there were any."""
    known: JSON = field(default_factory=dict)
    """What the model names besides and knows of the unit at the point before anything is read."""
    readings: JSON | None = None
    """Where single readings were taken: n, n_eff, s, u, dof, drift, drift_u, and why so many."""


@dataclass(frozen=True, slots=True)
class RunsSetAside(Event):
    """The runs made so far of a unit's point do not count: they lie too far apart."""

    KIND: ClassVar[str] = "runs-set-aside"
    uut: str
    point: str
    occasion: str
    why: JSON
    """A message."""
    t: float


@dataclass(frozen=True, slots=True)
class RunSuspended(Event):
    """The environment left its limits: the bench is at rest until it was back for a while."""

    KIND: ClassVar[str] = "run-suspended"
    action: str
    """The action that is done anew or comes next."""
    quantity: str
    value: float
    unit: str
    why: JSON
    """A message: what left which limits."""
    t: float
    """When it was found outside."""


@dataclass(frozen=True, slots=True)
class SuspensionEnded(Event):
    """The environment is back within its limits; `seconds` is how long it was waited for."""

    KIND: ClassVar[str] = "suspension-ended"
    t: float
    seconds: float


@dataclass(frozen=True, slots=True)
class EnvironmentSeen(Event):
    """What the environment was over the run."""

    KIND: ClassVar[str] = "environment-seen"
    quantity: str
    unit: str
    min: float
    max: float
    mean: float
    n: int
    limits: tuple[float | None, float | None]
    drift_limit: float | None
    before: float | None = None
    """At the opening of the bench, before anything was measured."""
    after: float | None = None
    """At the end, after everything was measured; None where the run did not come to it."""
    undisturbed: JSON | None = None
    """min, max, mean and n of the readings while the run was not suspended."""
    suspended: float = 0.0
    """Bench seconds for which the run was suspended, whatever quantity had left its limits."""
