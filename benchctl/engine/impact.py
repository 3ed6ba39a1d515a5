"""A standard was found out: what stood on it, and which verdicts change with its new certificate.

    report = impact(lab, "MM-014", since="2026-03-01", new=asset.standard())

Everything is taken from the record: the correction that was applied then (it stands in the event
that bound the standard), the values and sensitivities of each budget, the rule of the procedure as
it was. The old correction is taken back, the new one applied, U is put together anew, and the point
is judged by the same rule. Nothing is written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.bench import Certified, Standard, certified_from_json
from benchctl.bench.standards import (
    corrected,
    drift_half_width,
    out_of_range,
    standard_uncertainty,
    uncorrected,
)
from benchctl.core.errors import BenchctlError
from benchctl.core.events import PlanResolved, PointJudged, RunMeasured, RunOpened, StandardBound
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, unit
from benchctl.core.verdicts import Verdict
from benchctl.language import Diagnostics, Source
from benchctl.metrology import Retest, find_rule, judge_runs
from benchctl.procedure import Procedure, load_procedure
from benchctl.records import Lab
from benchctl.records.standards import Use, uses

Key = tuple[str, str]
"""Unit and point."""


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
    read = _Procedures()
    again = (_Again(lab, run, name, new, read).affected(of) for run, of in by_run.items())
    return [affected for of_run in again for affected in of_run]


_KINDS = tuple(e.KIND for e in (RunOpened, PlanResolved, StandardBound, RunMeasured, PointJudged))


class _Procedures:
    """The procedures of the records, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, Procedure | None] = {}

    def read(self, opened: Mapping[str, Any]) -> Procedure | None:
        """Return the procedure as the record keeps it, None where this program cannot read it."""
        text = str(opened.get("text", ""))
        if text not in self._known:
            diagnostics = Diagnostics()
            found = load_procedure(Source(str(opened.get("name", "")), text), diagnostics)
            self._known[text] = None if diagnostics.failed else found
        return self._known[text]


class _Again:
    """One run judged again with another certificate of one of its standards."""

    def __init__(
        self, lab: Lab, run: str, name: str, new: Standard, procedures: _Procedures
    ) -> None:
        self.new = new
        self.roles: dict[str, tuple[Certified | None, str]] = {}
        self.units: Mapping[str, str] = {}
        self.judged: dict[Key, PointJudged] = {}
        self.measured: dict[Key, list[RunMeasured]] = {}
        self.procedure: Procedure | None = None
        for stored in (s for kind in _KINDS for s in lab.events(run, kind=kind)):
            match stored.event:
                case RunOpened(procedure=procedure):
                    self.procedure = procedures.read(procedure)
                case PlanResolved(plan=plan):
                    self.units = plan.get("units", {})
                case StandardBound(role=role, standard=standard) if standard.get("name") == name:
                    channel = str(standard.get("channel", ""))
                    self.roles[role] = (certified_from_json(standard), channel)
                case RunMeasured(valid=True) as event:
                    self.measured.setdefault((event.uut, event.point), []).append(event)
                case PointJudged() as event:
                    self.judged[event.uut, event.point] = event
                case _:
                    pass

    def affected(self, uses_: Sequence[Use]) -> list[Affected]:
        """Return what becomes of each point."""
        return [self._one(use) if use.direct else Affected(use) for use in uses_]

    def _one(self, use: Use) -> Affected:
        judged = self.judged[use.uut, use.point]
        runs = self.measured.get((use.uut, use.point), [])
        if not runs:
            return Affected(use, judged.unit, judged.U)  # it was not measured, and is not now
        try:
            shifted = [self._shifted(run) for run in runs]
        except _CannotTellError as error:
            return Affected(use, judged.unit, judged.U, problem=error.message)
        errors = [error for error, _ in shifted]
        U = shifted[-1][1]  # noqa: N806
        value, verdict, why = self._judge(judged, runs[-1], errors, U)
        return Affected(use, judged.unit, judged.U, value, U, verdict, why)

    def _shifted(self, run: RunMeasured) -> tuple[float, float]:
        """Return error and U of a run with the new certificate, at the k of then."""
        assert run.error is not None
        error, squares = run.error, 0.0
        lines = [line for line in run.budget if line["input"] in self.roles]
        for role in dict.fromkeys(line["input"] for line in lines):
            first = next(line for line in lines if line["input"] == role)
            before, after, u, drift = self._role(role, float(first["value"]), run)
            error += float(first["sensitivity"]) * (after - before)
            squares += float(first["sensitivity"]) ** 2 * (u**2 + drift**2)
        kept = [
            line["contribution"]
            for line in run.budget
            if line["input"] not in self.roles or line["source"] not in ("certificate", "drift")
        ]
        u = math.sqrt(math.fsum(c**2 for c in kept) + squares)
        was = math.sqrt(math.fsum(line["contribution"] ** 2 for line in run.budget))
        ratio = u / was if was > 0 else 1.0
        return error, float(run.U or 0.0) * ratio

    def _role(self, role: str, value: float, run: RunMeasured) -> tuple[float, float, float, float]:
        """Return a role's value as it was and as it is now, with the new u and drift."""
        old, channel = self.roles[role]
        new = self.new.channels.get(channel)
        if new is None:
            raise _CannotTellError(msg("engine.impact-channel", role=role, channel=channel))
        of = unit(self.units[role])
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
        u, _ = standard_uncertainty(new, after, of, seen)
        return value, after, u, drift_half_width(new, after, of) / math.sqrt(3)

    def _judge(
        self,
        judged: PointJudged,
        run: RunMeasured,
        errors: Sequence[float],
        U: float,  # noqa: N803
    ) -> tuple[float | None, str | None, Message | None]:
        """Return value, verdict and reason by the rule that judged the point."""
        mean = errors[0] + math.fsum(e - errors[0] for e in errors) / len(errors)
        if judged.mpe is None or judged.rule is None:
            return mean, None, None  # a calibration states values
        procedure = self.procedure
        rule = judged.rule if procedure is None else procedure.decision.rule
        again = None if procedure is None else procedure.each_point.retest
        retest = (
            Retest(again.runs, again.at_least_inside, again.of, again.mean_inside)
            if again
            else None
        )
        needs_u = find_rule(rule).needs_u
        limits = (float(judged.mpe[0]), float(judged.mpe[1]))
        try:
            value, judgement = judge_runs(
                errors,
                limits,
                unit=judged.unit,
                rule=rule,
                U=U if needs_u else None,
                k=run.k if needs_u else None,
                dof=math.inf if judged.dof is None else judged.dof,
                retest=retest,
            )
        except (BenchctlError, ValueError) as error:
            raise _CannotTellError(msg("engine.impact-rule", why=str(error))) from error
        return value, judgement.verdict.value, judgement.why


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
