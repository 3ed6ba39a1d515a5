"""What a certificate states for a channel: U, correction, drift, and where they hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from benchctl.bench.laws import Law
from benchctl.core.units import Unit, converter, same_dimension

Seen = Sequence[tuple[float, Unit]]
"""Values of other quantities of the same moment: the flow at which a volume passed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What figures of a certificate are in: % of the value where `relative`, else `unit`."""

    unit: Unit
    relative: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """What is added to an indication; a negative one says that the instrument reads too high."""

    law: Law
    terms: Terms


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the standard may have gone until its certificate is due: ± `half_width`.

    `per_year` is the rate, `source` "stated" or "history" (of two certificates).
    """

    half_width: float
    per_year: float
    terms: Terms
    source: str


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate states for a channel: U at k, and where it holds.

    `U` is in % of the value where `relative` (whatever share the certificate uses), else in `unit`;
    it is the largest one where it depends on the value (`U_law`, at the same k).
    `explicit`: the file says that it is a share of the value, or percentage points.
    `low`..`high` are in `range_unit`, which may be that of another quantity (a volume's certificate
    holds for a range of flow). All laws are entered in `range_unit`.
    """

    U: float
    k: float
    unit: Unit
    relative: bool
    low: float | None = None
    high: float | None = None
    range_unit: Unit | None = None
    explicit: bool = False
    U_law: Law | None = None
    dof: float = math.inf
    correction: Correction | None = None
    drift: Drift | None = None

    @property
    def terms(self) -> Terms:
        """What U is in."""
        return Terms(self.unit, self.relative)

    def entry(self, value: float, of: Unit, seen: Seen = ()) -> float | None:
        """Return what the certificate is entered with, in `range_unit`.

        That is the value itself where it is of the range's dimension, else what was `seen` of it;
        None where nothing is of that dimension, or the certificate states no range.
        """
        if self.range_unit is None:
            return None
        for number, its_unit in ((value, of), *seen):
            if same_dimension(its_unit, self.range_unit):
                factor, offset = converter(its_unit, self.range_unit)
                return number * factor + offset
        return None

    def holds_at(self, entered: float) -> bool:
        """Return whether a place (in `range_unit`) lies within the range."""
        if self.low is None or self.high is None:
            return True
        rounding = 1e-9 * max(abs(self.low), abs(self.high))
        return self.low - rounding <= entered <= self.high + rounding

    def within(self, entered: float) -> float:
        """Return the nearest place of the range."""
        if self.low is None or self.high is None:
            return entered
        return min(max(entered, self.low), self.high)

    def U_at(self, entered: float | None) -> float:  # noqa: N802 - U is what it is called
        """Return U at a place, the largest one where none is known."""
        if self.U_law is None or entered is None:
            return self.U
        return self.U_law.at(self.within(entered))

    def correction_at(self, entered: float | None) -> float:
        """Return the correction at a place in its own terms, 0 where there is none.

        Raises:
            ValueError: it depends on a place that is not known.
        """
        if self.correction is None:
            return 0.0
        law = self.correction.law
        if law.kind == "constant":
            return law.y[0]
        if entered is None:
            raise ValueError(law)
        return law.at(self.within(entered))


@dataclass(frozen=True, slots=True)
class Condition:
    """Between which values of a role (in `unit`) a certificate holds."""

    low: float
    high: float
    unit: Unit


@dataclass(frozen=True, slots=True)
class Standard:
    """A reference standard and its certificate.

    `source` says where it was read: "bench" or "register". `withdrawn` is why nobody must use it.
    """

    name: str
    model: str
    serial: str
    certificate: str
    issued: date | None
    due: date
    channels: Mapping[str, Certified]
    issuer: str = ""
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    source: str = "bench"
    withdrawn: str = ""
