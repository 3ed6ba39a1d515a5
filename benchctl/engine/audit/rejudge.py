"""What another rule, or another edition of the procedure, would have said of a recorded run.

Everything comes from the record: the values and uncertainties that were measured, the parameters of
each unit. Nothing is measured again and nothing is written. What the other edition wants measured
otherwise (a point that was not made, a flow outside of its band, less water than its test volume)
is not measured, and says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.events import PointJudged, RunMeasured
from benchctl.core.messages import Message, msg
from benchctl.core.verdicts import Verdict, worst
from benchctl.engine.audit.evidence import Evidence, procedure_from
from benchctl.engine.deciding import Made, Said, judge_made
from benchctl.language import Source
from benchctl.metrology import find_rule
from benchctl.metrology.together import mean_of
from benchctl.procedure import Procedure, ResolvedPoint

JSON = dict[str, Any]
AS_FOUND = "as_found"


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A unit's point as it was judged and as it would be; `before` is None where nothing was said.

    `mpe` and `accept` are in `unit`.
    """

    uut: str
    point: str
    occasion: str
    unit: str
    value: float | None
    U: float | None
    before: str | None
    rule_before: str | None
    after: str
    rule: str | None
    statement: str
    mpe: tuple[float, float] | None
    accept: tuple[float, float] | None
    p_conform: float | None
    specific_risk: float | None
    tur: float | None
    why: Message

    @property
    def changed(self) -> bool:
        """Whether the verdict would be another one."""
        return (self.before or None) != (self.after or None)

    def as_json(self) -> JSON:
        """Return it as plain data."""
        return {**asdict(self), "why": self.why.as_json(), "changed": self.changed}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's verdict before, and as it would be with the same answers to everything else."""

    serial: str
    before: str | None
    after: str


def rejudge(
    evidence: Evidence, *, rule: str | None = None, edition: Path | Source | None = None
) -> list[Rejudged]:
    """Judge every point of a run again.

    Args:
        evidence: the run's record.
        rule: a decision rule with its parameters, as `find_rule` reads it.
        edition: another edition of the procedure; without it the one in the record.

    Raises:
        UsageError: there is no such rule, or the edition has no such stage or parameters.
        FileError: the edition has mistakes.
    """
    procedure = evidence.procedure
    if edition is not None:
        procedure = evidence.of_variant(procedure_from(edition))
    service = evidence.opened.service
    if rule is not None:
        procedure = with_rule(procedure, rule)
        service = "test"  # the rule's own word, also where a verification would not have it
    return list(_rejudged(evidence, procedure, service, own=edition is None))


def judged_with(
    evidence: Evidence, judged: PointJudged, runs: Sequence[RunMeasured]
) -> Said | None:
    """Judge runs that are other than those of the record by the limits and the rule of then.

    None where no rule was stated, as in a calibration.

    Raises:
        FileError: this program does not understand the recorded procedure.
    """
    if judged.mpe is None or judged.rule is None:
        return None
    procedure = evidence.procedure
    planned = dict(evidence.unit(judged.uut))
    points = {p.name: p for p in _resolved(evidence, procedure, judged.uut, planned)}
    resolved = replace(points[judged.point], mpe=judged.mpe)
    part = procedure.part(judged.point)
    return _judged(evidence, part, resolved, runs, evidence.opened.service)


def units_of(evidence: Evidence, points: Sequence[Rejudged], language: str = "en") -> list[Unit]:
    """Return the verdict of each unit before and after; items and answers stay as they were."""
    found = []
    for unit in evidence.lab.document(evidence.run, language)["uuts"]:
        serial = unit["serial"]
        own = [r for r in points if r.uut == serial]
        left = {r.point for r in own if r.occasion != AS_FOUND}
        after = [r.after for r in own if r.occasion != AS_FOUND or r.point not in left]
        after += [
            p["verdict"]
            for p in unit["points"]
            if p["point"] is None and p["verdict"] and not p.get("superseded")
        ]
        if unit["dropped"]:
            after.append(Verdict.NOT_MEASURED)
        found.append(Unit(serial, unit["verdict"], worst(Verdict(v) for v in after).value))
    return found


def with_rule(procedure: Procedure, text: str) -> Procedure:
    """Return a procedure that judges by another rule.

    Raises:
        UsageError: there is no such rule or parameter.
    """
    rule = find_rule(text)
    _, _, given = text.partition(":")
    limits_u = "ratio" in given and rule.changed.get("ratio", 0.0) is not None
    counts_u = rule.needs_u or limits_u

    def judging_by(part: Procedure) -> Procedure:
        decision = replace(part.decision, rule=rule.text, counts_u=counts_u)
        return replace(part, decision=decision, variants={})

    parts = {item: judging_by(part) for item, part in procedure.parts.items()}
    return replace(judging_by(procedure), parts=parts)


def _rejudged(
    evidence: Evidence, procedure: Procedure, service: str, *, own: bool
) -> Iterator[Rejudged]:
    for unit in evidence.kept.plan.get("uuts", ()):
        serial = str(unit["serial"])
        points = {p.name: p for p in _resolved(evidence, procedure, serial, unit)}
        known = [(p, o) for s, p, o in evidence.kept.judged if s == serial]
        for name, occasion in dict.fromkeys([*((p, AS_FOUND) for p in points), *known]):
            place = (name, occasion, points.get(name))
            yield _one(evidence, procedure.part(name), service, serial, place, own=own)


def _resolved(
    evidence: Evidence, procedure: Procedure, serial: str, unit: JSON
) -> tuple[ResolvedPoint, ...]:
    """Return the points of a unit by a procedure, with the parameters that are in the record.

    Raises:
        UsageError: the procedure has other parameters, or not this stage.
    """
    given = {k: v for k, v in unit["parameters"].items() if k in procedure.parameters}
    parameters, problems = procedure.parameters_from(given)
    if problems:
        raise UsageError(msg("audit.parameter", serial=serial, problem=problems[0][1]))
    return procedure.resolve(parameters, stage=evidence.opened.stage).points


def _one(
    evidence: Evidence,
    procedure: Procedure,
    service: str,
    serial: str,
    place: tuple[str, str, ResolvedPoint | None],
    *,
    own: bool,
) -> Rejudged:
    name, occasion, resolved = place
    found = evidence.kept.judged.get((serial, name, occasion))
    judged = found[1] if found else None
    runs = [e for _, e in evidence.runs_of(serial, name, occasion) if e.valid]
    if resolved is None:
        said = _unsaid(msg("audit.no-such-point", point=name))
    elif not runs:
        said = _unsaid(msg("audit.not-made", point=name))
    elif any(e.error is None for e in runs):
        said = _unsaid(msg("audit.value-free", point=name))
    else:
        if own and judged is not None and judged.mpe is not None:
            resolved = replace(resolved, mpe=judged.mpe)
        problem = None if own else _unfit(procedure, resolved, runs)
        said = (
            _unsaid(problem) if problem else _judged(evidence, procedure, resolved, runs, service)
        )
    return _row(serial, (name, occasion), procedure, judged, (runs, said), resolved)


def _judged(
    evidence: Evidence,
    procedure: Procedure,
    resolved: ResolvedPoint,
    runs: Sequence[RunMeasured],
    service: str,
) -> Said:
    last = runs[-1]
    errors = [e.error for e in runs if e.error is not None]
    made = Made(errors, *uncertainty_of(runs), last.U_reference)
    try:
        return judge_made(procedure, made, resolved, stage=evidence.opened.stage, service=service)
    except (BenchctlError, ValueError) as error:
        if isinstance(error, BenchctlError):
            return _unsaid(error.message)
        return _unsaid(msg("audit.runs-differ", n=len(errors)))


def uncertainty_of(runs: Sequence[RunMeasured]) -> tuple[float, float, float]:
    """Return U, k and dof of the mean of runs; of earlier versions' records those of the last."""
    last = runs[-1]
    if len(runs) > 1 and all("common" in line for e in runs for line in e.budget):
        joint = mean_of([e.budget for e in runs])
        return joint.U, joint.k, joint.dof
    return last.U or 0.0, last.k or 2.0, math.inf if last.dof is None else last.dof


def _unfit(
    procedure: Procedure, resolved: ResolvedPoint, runs: Sequence[RunMeasured]
) -> Message | None:
    """Return why recorded runs are no measurement of a point of another edition."""
    role, totalise = procedure.each_point.settle.role, procedure.each_point.totalise
    low, high = resolved.keep
    for run in runs:
        seen = run.conditions.get(role)
        if seen is not None and not low <= seen <= high:
            unit = resolved.nominal_unit
            band = f"{low:.4g} … {high:.4g} {unit}"
            return msg("engine.left-band", role=role, value=f"{seen:.4g} {unit}", band=band)
        if totalise is None or resolved.amount is None:
            continue
        if (run.reference or 0.0) < resolved.amount * (1 - 1e-9):
            amount = f"{resolved.amount:.4g} {totalise.unit}"
            return msg("audit.too-little", passed=f"{run.reference or 0.0:.4g}", amount=amount)
    return None


def _unsaid(problem: Message) -> Said:
    return Said(None, Verdict.NOT_MEASURED, None, msg("not-measured", problem=problem))


def _row(
    serial: str,
    place: tuple[str, str],
    procedure: Procedure,
    judged: PointJudged | None,
    found: tuple[Sequence[RunMeasured], Said],
    resolved: ResolvedPoint | None,
) -> Rejudged:
    runs, said = found
    chances = said.chances
    return Rejudged(
        uut=serial,
        point=place[0],
        occasion=place[1],
        unit=procedure.measurand.unit,
        value=said.value,
        U=uncertainty_of(runs)[0] if runs else None,
        before=(judged.verdict or None) if judged else None,
        rule_before=judged.rule if judged else None,
        after=said.verdict.value,
        rule=None if said.judgement is None else said.judgement.rule,
        statement=said.verdict.value if said.judgement is None else said.judgement.statement,
        mpe=resolved.mpe if resolved else None,
        accept=None if said.judgement is None else said.judgement.accept,
        p_conform=chances.p_conform if chances else None,
        specific_risk=chances.specific_risk if chances else None,
        tur=chances.tur if chances else None,
        why=said.why,
    )
