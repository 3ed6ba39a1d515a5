"""The types that flow upwards: Reading of a channel, Estimate, Result, Judgement.

Frozen data; plain floats in the unit that the channel or the quantity declares.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchctl.core.messages import Message
from benchctl.core.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of one channel with what the instrument said about it.

    `t` is bench time in s. `stable` is the instrument's own word, None where it has none.
    """

    value: float
    unit: str
    t: float
    stable: bool | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Uut:
    """A unit under test: serial number, place in the line (from 1), what was said of it."""

    serial: str
    position: int
    parameters: dict[str, float | str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a window of readings says: `u` is the standard uncertainty of `mean`.

    `s` is the experimental standard deviation (n - 1), `n_eff` the number of independent readings
    that the autocorrelation leaves, `drift` the slope in unit/s, `dof` the degrees of freedom of
    `u`.
    """

    mean: float
    s: float
    n: int
    n_eff: float
    u: float
    dof: float
    drift: float
    drift_u: float
    t_from: float
    t_to: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """One line of an uncertainty budget.

    `u` is in the input's unit, `sensitivity` in result unit per input unit, `contribution` =
    |sensitivity| u. `shape` is what the distribution needs besides: of a trapezoid top over base.
    """

    input: str
    source: str
    value: float
    u: float
    distribution: str
    dof: float
    sensitivity: float
    contribution: float
    shape: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A measured value with its uncertainty: U = k u at `p`; `dof` is effective."""

    value: float
    unit: str
    u: float
    k: float
    U: float
    dof: float
    p: float
    budget: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its limits (in the result's unit), the rule that gave it, and why.

    `statement` is the rule's own word, finer than the verdict; "" where nobody asked for it.
    """

    verdict: Verdict
    mpe: tuple[float, float] | None
    accept: tuple[float, float] | None
    rule: str | None
    why: Message
    statement: str = ""
