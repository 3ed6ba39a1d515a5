"""Every result of a run again, from what was recorded: readings, inputs, budget, rule.

Four steps, each held against what the record says:

- *readings*: the totals from the raw columns, the means of the conditions within the window;
- *inputs*: what was read is what the formula was given, but for a correction that the certificate
  states;
- *result*: value, u, dof, k, U of the formula at the inputs with the budget, by `oracle`; results
  of Monte Carlo with their own seed;
- *decision*: the rule at value and U: verdict, acceptance limits, risks; the decimal strings.

Numbers agree to a relative 1e-9 of what they are compared with (of U, for a value); 1e-6 for k and
U of finite degrees of freedom, where two programs interpolate t each in its own way, and for the
risks that follow from them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchctl.acquire import MeterTrack, ReferenceTrack, flying_total
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.series import GOOD
from benchctl.engine.audit.evidence import Evidence
from benchctl.engine.audit.oracle import name, opinion
from benchctl.engine.audit.readings_again import compare_readings, mean_within
from benchctl.engine.audit.rejudge import rejudge, uncertainty_of
from benchctl.engine.audit.timed_again import compare_carried, compare_timed, resolved_point
from benchctl.engine.deciding import written
from benchctl.engine.evaluating import inputs_of
from benchctl.engine.references import counted_role, indication_roles
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.core.events import RunMeasured
    from benchctl.core.series import Floats
    from benchctl.procedure import Model
    from benchctl.records import StoredEvent

TOLERANCE = 1e-9
OF_T = 1e-6
"""Relative, of k and U where the degrees of freedom are finite."""
RISKS = frozenset({"p_conform", "specific_risk", "tur"})
"""What is made of k, and may follow from degrees of freedom that the record calls infinite."""
NO_RISK = 1e-15
"""Probabilities further out in a tail than this are none: their last digits depend on U's last."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number of the record that is not what its own readings give."""

    run: str
    uut: str
    point: str
    seq: int
    what: str
    recorded: Any
    found: Any

    @property
    def message(self) -> Message:
        """The sentence that says so."""
        return msg(
            "audit.differs",
            uut=self.uut,
            point=self.point,
            seq=self.seq,
            what=self.what,
            recorded=str(self.recorded),
            found=str(self.found),
        )


@dataclass(slots=True)
class Recomputed:
    """What came of recomputing: how often each kind of number was compared, and what differs.

    `unread` are inputs of which the record has no raw readings, by role.
    """

    run: str
    oracle: str
    compared: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    results: int = 0
    old: int = 0
    """Results of an earlier version, without their inputs."""
    own: int = 0
    """Results whose formula the oracle cannot evaluate: recomputed by this program itself."""


def recompute(evidence: Evidence) -> Recomputed:
    """Recompute every result of a run and return what differs.

    Raises:
        RecordError: the record cannot be read.
        FileError: this program does not understand the recorded procedure.
    """
    found = Recomputed(evidence.run, name())
    for stored, event in evidence.kept.measured:
        if event.valid and event.inputs:
            found.results += 1
            _Result(evidence, stored, event, found).compare()
        elif event.valid and event.error is not None:
            found.old += 1
    _decisions(evidence, found)
    return found


class _Result:
    """One run of one unit at one point."""

    def __init__(
        self, evidence: Evidence, stored: StoredEvent, event: RunMeasured, into: Recomputed
    ) -> None:
        self.evidence = evidence
        self.stored = stored
        self.event = event
        self.into = into
        self.procedure = evidence.procedure.part(event.point)

    def compare(self) -> None:
        """Compare everything that is recorded of it."""
        self._readings()
        compare_carried(self.evidence, self.stored.seq, self.event, self._same)
        self._result()

    def _same(
        self, what: str, recorded: Any, found: Any, of: float, rel: float = TOLERANCE
    ) -> None:
        self.into.compared[what] += 1
        if recorded is not None and found is not None:
            if abs(recorded - found) <= rel * abs(of):
                return
        elif recorded is found:
            return
        e = self.event
        self.into.differences.append(
            Difference(self.into.run, e.uut, e.point, self.stored.seq, what, recorded, found)
        )

    # readings -------------------------------------------------------------------------------

    def _readings(self) -> None:
        procedure, event = self.procedure, self.event
        totalise = procedure.each_point.totalise
        self._watched()
        if procedure.each_point.read is not None:
            missing = compare_readings(procedure, event, self._found, self._same)
            self.into.unread.update(missing)
            return
        timed = procedure.each_point.timed
        if timed is not None:
            raw = self._raw(timed.role)
            if raw is None:
                self.into.unread[timed.role] += 1
            else:
                point = resolved_point(self.evidence, event.uut, event.point)
                compare_timed(timed, point, event, raw, self._same)
            return
        if totalise is None:  # pulses, and comparisons in turn: taken as they stand
            self.into.unread.update(event.sources.keys())
            return
        totalled = {counted_role(procedure), *indication_roles(procedure)}
        for role in event.inputs:
            need = procedure.needs.get(role)
            if role in CONTEXT or need is None or need.constant:
                continue
            raw = self._raw(role)
            if raw is None:
                self.into.unread[role] += 1
            elif role not in totalled:
                self._same(f"mean {role}", event.inputs[role], self._mean(raw), event.inputs[role])
            elif event.gate is not None and totalise.standing is not None:
                self._same(role, self._read(role), _rise(raw), event.inputs[role])
        if event.gate is not None and totalise.standing is None and event.gate.get("interval"):
            self._flying()

    def _watched(self) -> None:
        """Compare the means of what was monitored throughout."""
        for band in self.evidence.procedure.environment:
            recorded = self.event.conditions.get(band.role)
            raw = self._raw(band.role)
            if recorded is not None and raw is not None:
                self._same(f"mean {band.role}", recorded, self._mean(raw), recorded)

    def _found(self, role: str) -> tuple[str, Floats] | None:
        """Return the series and the raw readings of a role."""
        raw = self._raw(role)
        if raw is None:
            return None
        _, block = next(iter(self.evidence.blocks_of(self.stored, self.event, role)))
        return block.series, raw

    def _read(self, role: str) -> float:
        """Return what was read for a role, before any correction."""
        assert self.event.gate is not None
        own = role in indication_roles(self.procedure)
        value = self.event.gate["indication"] if own else self.event.inputs[role]
        return float(value)

    def _flying(self) -> None:
        """Compare the totals between the gates of a flying start."""
        event, procedure = self.event, self.procedure
        gate = event.gate or {}
        (own,), counted = indication_roles(procedure), counted_role(procedure)
        meter, reference = self._raw(own), self._raw(counted)
        if meter is None or reference is None:
            return
        t = (reference[0] + reference[1]) / 2
        known = t[np.isfinite(reference[2])]
        try:
            total = flying_total(
                ReferenceTrack(t, reference[2], reference[1] - reference[0]),
                MeterTrack(meter[0], meter[1], meter[2]),
                resolution=gate["interval"],
                start=float(known[0]),
                stop=float(known[-1]),
            )
        except (BenchctlError, ValueError, IndexError):
            self._same("totals", gate["indication"], None, 1.0)
            return
        self._same("indication", gate["indication"], total.indication, total.indication)
        self._same("reference", gate["reference"], total.reference, total.reference)
        self._same("window", event.window[0], total.t_start, total.t_stop)
        self._same("window", event.window[1], total.t_stop, total.t_stop)
        for line in event.budget:
            if line["input"] == own and line["source"] == "resolution":
                self._same("gate", line["u"], total.u_gate, total.u_gate)
        standard = self.evidence.standard_of(counted) or {}
        if not standard.get("corrections"):
            value = event.inputs[counted]
            self._same(f"input {counted}", value, gate["reference"], value)
        self._same(f"input {own}", event.inputs[own], gate["indication"], event.inputs[own])

    def _raw(self, role: str) -> Floats | None:
        """Return t_before, t_after and the values of a role; what was not good is NaN."""
        parts = []
        for stored, block in self.evidence.blocks_of(self.stored, self.event, role):
            data = self.evidence.columns(stored, block)
            index = block.channels.index(role)
            values = np.where(data[-1] == GOOD, data[2 + index], math.nan)
            parts.append(np.stack([data[0], data[1], values]))
        if not parts:
            return None
        whole: Floats = np.concatenate(parts, axis=1)
        return whole

    def _mean(self, raw: Floats) -> float:
        known = raw[:, raw[1] <= self.stored.t]  # what was read by then
        return mean_within(known, *self.event.window)

    # result ---------------------------------------------------------------------------------

    def _result(self) -> None:
        event, measurand = self.event, self.procedure.measurand
        inputs = inputs_of(event.inputs, event.budget)
        model = replace(measurand.model, given=event.known)
        if event.method == "monte-carlo":
            self._trials(model, inputs)
            return
        try:
            found = opinion(model, inputs, measurand.unit)
        except BenchctlError:
            self._same("error", event.error, None, 1.0)
            return
        self.into.own += found.by != self.into.oracle
        scale = max(abs(event.error or 0.0), event.U or 0.0)
        dof = math.inf if event.dof is None else event.dof
        rel = TOLERANCE if math.isinf(dof) else OF_T
        self._same("error", event.error, found.value, scale)
        self._same("u", event.u, found.u, found.u)
        if not (math.isinf(dof) and found.dof > 1e9):  # a record calls so many infinite
            self._same("dof", event.dof, found.dof, found.dof, OF_T)
        self._same("k", event.k, found.k, found.k, rel)
        self._same("U", event.U, found.U, found.U, rel)

    def _trials(self, model: Model, inputs: list[Any]) -> None:
        from benchctl.metrology.budget import Budget, evaluate

        event, measurand = self.event, self.procedure.measurand
        budget = Budget(model, tuple(inputs), measurand.unit)
        found = evaluate(budget, "monte-carlo", seed=event.seed or 0, check=False).result
        self.into.own += 1
        self._same("error", event.error, found.value, max(abs(found.value), found.U))
        self._same("u", event.u, found.u, found.u)
        self._same("U", event.U, found.U, found.U)


def _rise(raw: Floats) -> float | None:
    """Return the last good value less the first, None without two."""
    good = raw[2][np.isfinite(raw[2])]
    return float(good[-1] - good[0]) if good.size > 1 else None


# decision -------------------------------------------------------------------------------------


def _decisions(evidence: Evidence, found: Recomputed) -> None:
    """Compare what was said of every point."""
    points = {(r.uut, r.point, r.occasion): r for r in rejudge(evidence)}
    for (uut, point, occasion), (stored, judged) in evidence.kept.judged.items():
        runs = [e for _, e in evidence.runs_of(uut, point, occasion) if e.valid]
        if any(e.error is None for e in runs):  # a screening states a verdict, and no value
            found.compared["screened"] += 1
            continue
        again = points[uut, point, occasion]
        pairs: list[tuple[str, Any, Any]] = []
        if judged.rule is not None:
            pairs += [
                ("verdict", judged.verdict, again.after),
                ("value", judged.error, again.value),
                ("accept", judged.accept, again.accept),
                ("rule", judged.rule, again.rule),
                ("p_conform", judged.p_conform, again.p_conform),
                ("specific_risk", judged.specific_risk, again.specific_risk),
                ("tur", judged.tur, again.tur),
            ]
        if runs:
            pairs += [("U of the point", judged.U, uncertainty_of(runs)[0])]
            pairs += _strings(evidence, judged, uut)
        for what, recorded, other in pairs:
            found.compared[what] += 1
            of_k = what in RISKS
            if not _alike(recorded, other, *((OF_T, NO_RISK) if of_k else (TOLERANCE, 1e-300))):
                found.differences.append(
                    Difference(found.run, uut, point, stored.seq, what, recorded, other)
                )


def _strings(evidence: Evidence, judged: Any, uut: str) -> Iterator[tuple[str, Any, Any]]:
    """Give the decimal strings that are printed, and what they must be."""
    procedure = evidence.procedure
    point = resolved_point(evidence, uut, judged.point)
    step = None if point is None else point.report_to
    reporting = procedure.part(judged.point).measurand.reporting
    value, U = written(reporting, judged.error, step, judged.U)  # noqa: N806
    yield "reported", judged.reported, value
    if judged.reported_U is not None:  # earlier records have none
        yield "reported_U", judged.reported_U, U


def _alike(recorded: Any, found: Any, rel: float, least: float) -> bool:
    """Return whether two numbers are the same; below `least` they are, whatever they are."""
    if isinstance(recorded, tuple | list) and isinstance(found, tuple | list):
        return all(_alike(a, b, rel, least) for a, b in zip(recorded, found, strict=True))
    if isinstance(recorded, float) and isinstance(found, float):
        return math.isclose(recorded, found, rel_tol=rel, abs_tol=least)
    return bool(recorded == found)
