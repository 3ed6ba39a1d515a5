"""A standard was found out: what stood on it, and which verdicts change with its new certificate.

    report = impact(lab, "MM-014", since="2026-03-01", new=asset.standard())

Everything is taken from the record: the correction that was applied then (it stands in the event
that bound the standard), the inputs and the budget of each run, the formula and the rule of the
procedure as it was. The old correction is taken back, the new one applied, the formula evaluated
anew with what the new certificate says of U and drift, and the point judged by the same rule.
Nothing is written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchctl.bench import Certified, Standard, certified_from_json
from benchctl.bench.standards import (
    corrected,
    drift_half_width,
    out_of_range,
    standard_uncertainty,
    uncorrected,
)
from benchctl.core.errors import BenchctlError, NotMeasuredError
from benchctl.core.events import PlanResolved, PointJudged, RunMeasured, RunOpened, StandardBound
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, unit
from benchctl.core.verdicts import Verdict
from benchctl.engine.audit.evidence import Evidence
from benchctl.engine.audit.rejudge import judged_with, uncertainty_of
from benchctl.engine.evaluating import evaluate_inputs, inputs_of
from benchctl.engine.judging import OF_THE_STANDARD, finite
from benchctl.language import FileError
from benchctl.procedure import Procedure
from benchctl.records import Lab
from benchctl.records.standards import Use, uses

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Affected:
    """A point that stood on the standard; the `new_*` only where a new certificate was given.

    `problem` says why it cannot be told: the new certificate does not hold there, or the record
    is of a program that kept too little.
    """

    use: Use
    unit: str = ""
    U: float | None = None
    new_error: float | None = None
    new_U: float | None = None  # noqa: N815
    new_verdict: str | None = None
    why: Message | None = None
    problem: Message | None = None

    @property
    def changes(self) -> bool:
        """Whether the verdict changes, or nobody can tell."""
        if self.problem is not None:
            return self.use.direct
        return self.new_verdict is not None and self.new_verdict != self.use.verdict


def impact(
    lab: Lab, name: str, *, since: str = "", serial: str = "", new: Standard | None = None
) -> list[Affected]:
    """Return every point that was judged with a standard, and what a new certificate does to it.

    Args:
        lab: the lab's records.
        name: the standard's name.
        since: ISO date; only runs that began on it or later.
        serial: besides the name, also runs in which a standard of this serial number stood.
        new: the standard with its new certificate.

    Raises:
        RecordError: the records cannot be read.
    """
    found = uses(lab.store, name, since=since, serial=serial)
    if new is None:
        return [Affected(use) for use in found]
    by_run: dict[str, list[Use]] = {}
    for use in found:
        by_run.setdefault(use.run, []).append(use)
    read: dict[str, Procedure] = {}
    again = (_Again(lab, run, name, new, read).affected(of) for run, of in by_run.items())
    return [affected for of_run in again for affected in of_run]


_KINDS = tuple(e.KIND for e in (RunOpened, PlanResolved, StandardBound, RunMeasured, PointJudged))


class _Again:
    """One run judged again with another certificate of one of its standards."""

    def __init__(
        self, lab: Lab, run: str, name: str, new: Standard, procedures: dict[str, Procedure]
    ) -> None:
        self.new = new
        self.evidence = Evidence.read(lab, run, kinds=_KINDS, procedures=procedures)
        kept = self.evidence.kept
        self.units: Mapping[str, str] = kept.plan.get("units", {})
        self.roles = {
            e.role: (certified_from_json(e.standard), str(e.standard.get("channel", "")))
            for _, e in kept.standards
            if e.standard.get("name") == name
        }

    def affected(self, uses_: Sequence[Use]) -> list[Affected]:
        """Return what becomes of each point."""
        return [self._one(use) if use.direct else Affected(use) for use in uses_]

    def _one(self, use: Use) -> Affected:
        _, judged = self.evidence.judgement(use.uut, use.point, use.occasion)
        of_point = self.evidence.runs_of(use.uut, use.point, use.occasion)
        runs = [e for _, e in of_point if e.valid and e.error is not None]
        if not runs:
            return Affected(use, judged.unit, judged.U)  # it was not measured, and is not now
        try:
            again = [self._measured(run) for run in runs]
            said = judged_with(self.evidence, judged, again)
        except (_CannotTellError, FileError, NotMeasuredError) as error:
            return Affected(use, judged.unit, judged.U, problem=error.message)
        U = uncertainty_of(again)[0]  # noqa: N806
        if said is None:  # a calibration states values
            errors = [e.error or 0.0 for e in again]
            return Affected(use, judged.unit, judged.U, math.fsum(errors) / len(errors), U)
        return Affected(use, judged.unit, judged.U, said.value, U, said.verdict.value, said.why)

    def _measured(self, run: RunMeasured) -> RunMeasured:
        """Return a run as it would have been measured with the new certificate.

        Raises:
            _CannotTellError: it does not hold there, or the record has no inputs.
            FileError: this program does not understand the recorded procedure.
            NotMeasuredError: the model has no value with it.
        """
        if not run.inputs:
            raise _CannotTellError(msg("engine.impact-old"))
        inputs, lines = dict(run.inputs), list(run.budget)
        for role in self.roles.keys() & run.inputs.keys():
            value, stated = self._role(role, run)
            inputs[role] = value
            lines = [
                line
                for line in lines
                if line["input"] != role or line["source"] not in OF_THE_STANDARD
            ]
            lines += stated
        measurand = self.evidence.procedure.part(run.point).measurand
        model = replace(measurand.model, given=run.known)
        found = evaluate_inputs(measurand, model, inputs_of(inputs, lines)).result
        common = {(line["input"], line["source"]): line.get("common", "") for line in lines}
        budget = tuple(
            asdict(line)
            | {"dof": finite(line.dof), "common": common.get((line.input, line.source), "")}
            for line in found.budget
        )
        return replace(
            run,
            error=found.value,
            u=found.u,
            U=found.U,
            k=found.k,
            dof=finite(found.dof),
            inputs=inputs,
            budget=budget,
            U_reference=_reference(run, budget),
        )

    def _role(self, role: str, run: RunMeasured) -> tuple[float, list[JSON]]:
        """Return a role's value as it is now, with what the new certificate says of its u."""
        old, channel = self.roles[role]
        new = self.new.channels.get(channel)
        if new is None:
            raise _CannotTellError(msg("engine.impact-channel", role=role, channel=channel))
        value, of = float(run.inputs[role]), unit(self.units[role])
        seen = [
            (float(number), unit(self.units[name]))
            for name, number in run.conditions.items()
            if name in self.units and name != role
        ]
        indicated = value if old is None else uncorrected(old, value, of, seen)
        what = out_of_range(self.new, channel, indicated, of, seen)
        if what is not None:
            raise _CannotTellError(what)
        after = _corrected(new, indicated, of, seen)
        u, dof = standard_uncertainty(new, after, of, seen)
        drift = drift_half_width(new, after, of) / math.sqrt(3)
        lines = [_stated(role, "certificate", u, "normal", dof)]
        if drift > 0:
            lines.append(_stated(role, "drift", drift, "rectangular", math.inf))
        return after, lines


def _stated(role: str, source: str, u: float, distribution: str, dof: float) -> JSON:
    """Return a line of a budget that the certificate states, before it has a sensitivity."""
    return {
        **{"input": role, "source": source, "u": u, "distribution": distribution},
        **{"dof": finite(dof), "common": "standard"},
    }


def _reference(run: RunMeasured, budget: Sequence[JSON]) -> float | None:
    """Return U (k = 2) of the reference alone, of which the certificate's part is another one."""
    if run.U_reference is None:
        return None
    was, now = (
        math.fsum(x["contribution"] ** 2 for x in of if x["source"] in OF_THE_STANDARD)
        for of in (run.budget, budget)
    )
    return math.sqrt(max(0.0, run.U_reference**2 + 4.0 * (now - was)))


class _CannotTellError(BenchctlError):
    """What a point would be cannot be told."""


def _corrected(
    certified: Certified, value: float, of: Unit, seen: Sequence[tuple[float, Unit]]
) -> float:
    try:
        return corrected(certified, value, of, seen)
    except ValueError as error:
        symbol = certified.range_unit.symbol if certified.range_unit else ""
        raise _CannotTellError(msg("engine.impact-unseen", unit=symbol)) from error


def counts(affected: Sequence[Affected]) -> dict[str, int]:
    """Return how many runs, units, points and changed verdicts there are."""
    direct = [a for a in affected if a.use.direct]
    return {
        "runs": len({a.use.run for a in affected}),
        "uuts": len({a.use.uut for a in affected}),
        "points": len(affected),
        "direct": len(direct),
        "failed_now": sum(a.changes and a.new_verdict == Verdict.FAIL for a in affected),
        "changed": sum(a.changes for a in affected),
    }
