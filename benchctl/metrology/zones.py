"""What a decision rule makes of the limits: zones of values, each with what is said of them.

All ends are decimals and belong to the inner zone (JCGM 106 closes its intervals; ILAC-G8 leaves
equality open) unless a zone says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from benchctl.core.verdicts import Verdict
from benchctl.metrology.risk import Limits
from benchctl.metrology.rounding import decimal


class Statement(StrEnum):
    """What a rule says; finer than the verdict of the record."""

    PASS = "pass"
    CONDITIONAL_PASS = "conditional_pass"
    """Inside the limits, but closer to one than the guard band."""
    UNDETERMINED = "undetermined"
    """Too close to a limit to say either."""
    CONDITIONAL_FAIL = "conditional_fail"
    """Outside the limits, but closer to one than the guard band."""
    FAIL = "fail"
    UNCERTAINTY_TOO_LARGE = "uncertainty_too_large"
    """Whatever the value, the measurement is not good enough for this rule."""
    NOT_MEASURED = "not_measured"

    @property
    def verdict(self) -> Verdict:
        """The verdict that a record has for it."""
        if self in ("pass", "fail", "not_measured"):
            return Verdict(self.value)
        return Verdict.INDETERMINATE

    @property
    def rejects(self) -> bool:
        """Whether the value is not accepted, so that the risk is that of rejecting it."""
        return self in ("fail", "conditional_fail")


@dataclass(frozen=True, slots=True)
class Zone:
    """Values from `low` to `high` and what is said of them; `closed` says if the ends belong."""

    low: Decimal
    high: Decimal
    statement: Statement
    closed: bool = True

    def holds(self, value: Decimal) -> bool:
        """Return whether the value lies in it."""
        if self.closed:
            return self.low <= value <= self.high
        return self.low < value < self.high


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones from the inside out; beyond them all is `FAIL`.

    `accept` are the acceptance limits. `too_large`: no value has an answer. `most` is the largest U
    that the rule takes, None where it names none.
    """

    accept: Limits
    zones: tuple[Zone, ...]
    too_large: bool = False
    most: float | None = None

    def statement(self, value: float) -> Statement:
        """Return what is said of a value.

        Raises:
            ValueError: it is not finite.
        """
        if self.too_large:
            return Statement.UNCERTAINTY_TOO_LARGE
        exact = decimal(value)
        inner = next((z for z in self.zones if z.holds(exact)), None)
        return Statement.FAIL if inner is None else inner.statement


@dataclass(frozen=True, slots=True)
class Situation:
    """The limits, and the uncertainty with which a value is known; `dof` of U, if few."""

    mpe: Limits
    U: float | None = None
    k: float | None = None
    dof: float = math.inf

    @property
    def u(self) -> float:
        """Standard uncertainty U / k, with k = 2 where none is stated; 0 without U."""
        return 0.0 if self.U is None else self.U / (self.k or 2.0)

    @property
    def U95(self) -> float:  # noqa: N802
        """Expanded uncertainty for 95 %: 2 u; as stated where k came from few dof."""
        if self.U is None:
            return 0.0
        return self.U if math.isfinite(self.dof) else 2 * self.u

    @property
    def half_width(self) -> float:
        """Half the span of the limits; infinite for one-sided ones."""
        return (self.mpe[1] - self.mpe[0]) / 2


def bound(value: float) -> Decimal:
    """Return a limit as a decimal; an infinite one is no limit."""
    return Decimal(value) if math.isinf(value) else decimal(value)
