"""A unit that is read beside the reference: its pairs of readings, and what they give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchctl.acquire import (
    Count,
    HowMany,
    Look,
    Pairs,
    Span,
    Station,
    estimate,
    side_by_side,
    usable,
)
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.results import Estimate
from benchctl.core.series import Floats, Series
from benchctl.engine.conditions import Conditions
from benchctl.engine.meters import Meter
from benchctl.engine.references import Line
from benchctl.engine.side_by_side import SideBySide, drift_u, flags_of, lagging, mean_of
from benchctl.language import ExpressionError
from benchctl.metrology import sensitivity
from benchctl.procedure import Readings, ResolvedPoint


@dataclass(slots=True)
class ReadUnit:
    """A unit with the rule that says how often it is read.

    `beside` are the roles that are read as often, each a series and which of its columns.
    """

    meter: Meter
    point: ResolvedPoint
    rule: HowMany
    way: Readings
    seen: Conditions
    beside: Mapping[str, tuple[Series, int]]
    look: Look | None = None
    """What the rule said when there were enough."""
    wanted: Look | None = None
    """What it said last."""
    round: list[Station] = field(default_factory=list)
    """The round that it is read in."""

    @property
    def role(self) -> str:
        """The role of its indication."""
        return self.meter.channel.role

    def ask(self) -> None:
        """Ask the rule whether there are enough; if so it is read no more.

        A unit of which the model has no value is not measured.
        """
        pairs = self._pairs()
        if not (pairs.t.size and self.seen.ready):
            return
        try:
            results = self._results_so_far(pairs)
        except NotMeasuredError as error:
            self.meter.refuse(error.message)
            self._leave()
            return
        self.wanted = self.rule.look(pairs.t, results)
        if self.wanted.enough:
            self.look = self.wanted
            self._leave()

    def _results_so_far(self, pairs: Pairs) -> Floats:
        """Return the results, or what is read where they wait for what a person reads later."""
        if not self.seen.own.awaits(self.meter.member.serial):
            return self._results(pairs)
        if not isinstance(self.rule, Count | Span):
            raise NotMeasuredError(msg("engine.asked-after"))
        return pairs.indication

    def result_if(self, indication: float, t: float) -> float | None:
        """Return the measurand if the unit shows this at instant `t`, None where nothing tells.

        All else is as it was read last.
        """
        last = {role: usable(series, column)[1] for role, (series, column) in self.beside.items()}
        if not self.seen.ready or not all(x.size for x in last.values()):
            return None
        try:
            values = self.seen.around(self.meter.member.position, t, t)
        except NotMeasuredError:
            return None  # a person has more to read
        values |= {self.role: indication, **{role: float(x[-1]) for role, x in last.items()}}
        try:
            return float(self.point.model(values))
        except ExpressionError:
            return None

    def _leave(self) -> None:
        own = self.meter.series
        self.round[:] = [s for s in self.round if s.series is not own]

    def _pairs(self) -> Pairs:
        return side_by_side(self.meter.series, self.beside)

    def _results(self, pairs: Pairs) -> Floats:
        """Return what the model makes of each pair, all else as it is on average."""
        inputs: dict[str, object] = dict(self._inputs(pairs))
        inputs |= {self.role: pairs.indication, **pairs.others}
        try:
            made = self.point.model(inputs)
        except ExpressionError as error:
            raise NotMeasuredError(error.message) from error
        results: Floats = np.broadcast_to(np.asarray(made, dtype=np.float64), pairs.t.shape)
        return results

    def _inputs(self, pairs: Pairs) -> dict[str, float]:
        """Return the model's inputs, each its mean over the readings."""
        member = self.meter.member
        found = self.seen.around(member.position, float(pairs.t[0]), float(pairs.t[-1]))
        found[self.role] = mean_of(pairs.indication)
        return found | {role: mean_of(x) for role, x in pairs.others.items()}

    def found(self, unit: str) -> SideBySide:
        """Return what the readings give; `unit` is that of the measurand.

        Raises:
            NotMeasuredError: there are not enough, or the model has no value.
        """
        if self.look is None:
            raise NotMeasuredError(msg("engine.readings-missing", n=int(self.meter.series.n)))
        pairs = self._pairs().first(self.look.n)
        values, results = self._inputs(pairs), self._results(pairs)
        seen = estimate(pairs.t, results)
        return SideBySide(
            indication=values[self.role],
            reference=self._reference(values),
            t_start=float(pairs.t[0]),
            t_stop=float(pairs.t[-1]),
            n=self.look.n,
            values=values,
            added=self._added(self.look, values, seen, pairs),
            seen=seen,
            look=self.look,
            states_value=self.way.how_many.states_value,
            notes=(*self.look.notes, *flags_of(results, seen, unit)),
        )

    def _reference(self, values: Mapping[str, float]) -> float:
        try:
            return float(self.point.model.step(self.way.reference, values))
        except ExpressionError as error:
            raise NotMeasuredError(error.message) from error

    def _added(
        self, look: Look, values: Mapping[str, float], seen: Estimate, pairs: Pairs
    ) -> dict[str, tuple[Line, ...]]:
        """Return the sources of uncertainty that the readings themselves give, by role."""
        u, dof = (seen.u, seen.dof) if look.u is None else look.u
        lines: list[Line] = []
        if seen.n > 1 and u > 0:
            per_unit = self._slope(values, float(np.ptp(pairs.indication)))
            lines.append(("readings", u / per_unit, "t", dof))
            if (drift := drift_u(seen)) > 0:
                lines.append(("drift", drift / per_unit, "rectangular", math.inf))
        found = {self.role: tuple(lines)}
        if self.way.lag > 0:
            found |= lagging(pairs, self.way.lag)
        return found

    def _slope(self, values: Mapping[str, float], size: float) -> float:
        """Return by how much the measurand changes with the indication, in its unit per unit."""
        found = abs(sensitivity(self.point.model, dict(values), self.role, size or 1e-6))
        if not found > 0:
            raise NotMeasuredError(msg("engine.no-sensitivity", role=self.role))
        return found
