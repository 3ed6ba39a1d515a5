"""In-service sampling: is a lot of installed instruments still good enough, or is it replaced?

result = judge_lot(Lot("2018-A", 1200, {"batch": "2018-A"}, Sampling(aql=1.0)), units)

A lot is what was bought and installed together. A random sample of it is measured; the plan says
from how many nonconforming units on the lot does not stay (失准更换).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.statistics.attributes import DoublePlan, SinglePlan
from benchctl.statistics.gathering import Unit
from benchctl.statistics.plans import FoundPlan, Sampling, curve, plan_of
from benchctl.statistics.rates import DECIDED, interval
from benchctl.statistics.variables import VariablesPlan

STAYS, REPLACED, OPEN = "accepted", "rejected", "open"


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot: which units of the records are of it, and how it is sampled.

    `where` names facts of units (model, batch, stage, procedure); `sample` the serial numbers that
    were drawn: without it the units count in the order in which they were measured. `point` is the
    point that is judged by variables.
    """

    name: str
    size: int
    where: Mapping[str, str]
    sampling: Sampling
    sample: tuple[str, ...] = ()
    point: str = ""


@dataclass(frozen=True, slots=True)
class LotResult:
    """What came of a lot: `verdict` is accepted, rejected or open (units are still to be measured).

    `bad` are nonconforming units among `measured`; `to_measure` how many more are needed.
    """

    lot: Lot
    found: FoundPlan
    verdict: str
    measured: int
    bad: int
    to_measure: int
    why: Message
    share: tuple[float, float] | None
    """Limits of the lot's share nonconforming, with 95 % confidence; None by variables."""
    beyond: float | None = None
    """The share estimated to be beyond the limits, by variables."""
    drawn: bool = False
    used: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, with the OC curve of the plan."""
        plan = self.found.plan
        return {
            "name": self.lot.name,
            "size": self.lot.size,
            "where": dict(self.lot.where),
            "plan": plan_json(self.found),
            "verdict": self.verdict,
            "measured": self.measured,
            "nonconforming": self.bad,
            "to_measure": self.to_measure,
            "share": None if self.share is None else list(self.share),
            "beyond": self.beyond,
            "random": self.drawn,
            "units": list(self.used),
            "why": {"id": self.why.id, "args": dict(self.why.args)},
            "curve": [list(point) for point in curve(plan)],
        }


def plan_json(found: FoundPlan) -> dict[str, Any]:
    """Return a plan as plain data."""
    plan = found.plan
    said: dict[str, Any] = {"letter": found.letter, "source": found.source, "n": plan.n}
    match plan:
        case SinglePlan():
            said |= {"kind": "single", "ac": plan.ac, "re": plan.re}
        case DoublePlan():
            names = ("ac1", "re1", "ac2", "re2")
            said |= {"kind": "double", **{n: getattr(plan, n) for n in names}}
        case VariablesPlan():
            said |= {"kind": "variables", "k": plan.k}
    return said | {"whole": found.whole, "matched": found.matched}


def judge_lot(lot: Lot, units: Sequence[Unit], folder: Path | None = None) -> LotResult:
    """Return what the units measured so far say of a lot.

    Args:
        lot: the lot.
        units: everything that was measured, oldest first; of a unit that was measured several
            times the first result counts.
        folder: the lab's folder, for tables of its own.

    Raises:
        UsageError: there is no such plan, or the sample is smaller than the plan wants.
    """
    found = plan_of(lot.sampling, lot.size, folder)
    of_lot = _of_lot(lot, units)
    if isinstance(found.plan, VariablesPlan):
        return _by_variables(lot, found, found.plan, of_lot)
    return _by_attributes(lot, found, found.plan, of_lot)


def _of_lot(lot: Lot, units: Sequence[Unit]) -> list[Unit]:
    """Return the decided units of a lot, each once, in the order that counts."""
    firsts: dict[str, Unit] = {}
    for unit in units:
        said = {"model": unit.model, "batch": unit.batch, "stage": unit.stage}
        said["procedure"] = unit.procedure
        fits = all(said.get(name) == value for name, value in lot.where.items())
        if fits and unit.found in DECIDED:
            firsts.setdefault(unit.serial, unit)
    if lot.sample:
        return [firsts[serial] for serial in lot.sample if serial in firsts]
    return list(firsts.values())


def _require_sample(lot: Lot, n: int) -> None:
    if lot.sample and len(set(lot.sample)) < min(n, lot.size):
        raise UsageError(
            msg("statistics.small-sample", lot=lot.name, found=len(set(lot.sample)), wanted=n)
        )


def _by_attributes(
    lot: Lot, found: FoundPlan, plan: SinglePlan | DoublePlan, units: Sequence[Unit]
) -> LotResult:
    n = min(plan.n, lot.size)
    _require_sample(lot, n)
    used = units[:n]
    bad = sum(u.found == "fail" for u in used)
    if isinstance(plan, SinglePlan):
        verdict = _decided(bad, len(used), n, plan.ac)
    elif len(used) == n and bad <= plan.ac1:
        verdict = STAYS
    elif bad >= plan.re1:
        verdict = REPLACED
    elif len(used) < n:
        verdict = OPEN
    else:  # between the two numbers: the second sample decides
        n = min(2 * plan.n, lot.size)
        used = units[:n]
        bad = sum(u.found == "fail" for u in used)
        verdict = _decided(bad, len(used), n, plan.ac2)
    share = interval(bad, len(used)) if used else None
    return LotResult(
        lot=lot,
        found=found,
        verdict=verdict,
        measured=len(used),
        bad=bad,
        to_measure=n - len(used) if verdict == OPEN else 0,
        why=_why(verdict, bad=bad, measured=len(used), n=n),
        share=share,
        drawn=bool(lot.sample),
        used=tuple(u.serial for u in used),
    )


def _decided(bad: int, measured: int, n: int, ac: int) -> str:
    """Return what `bad` of `measured` units decide where `n` are wanted and `ac` accepted."""
    if bad > ac:
        return REPLACED
    return STAYS if measured == n else OPEN


def _why(verdict: str, **args: object) -> Message:
    return msg(f"statistics.lot-{verdict}", **args)


def _by_variables(
    lot: Lot, found: FoundPlan, plan: VariablesPlan, units: Sequence[Unit]
) -> LotResult:
    n = min(plan.n, lot.size)
    _require_sample(lot, n)
    values: dict[str, tuple[float, float | None, float | None]] = {}
    for unit in units:
        for p in unit.points:
            if p.point == lot.point and not p.left:
                values[unit.serial] = (p.error, p.low, p.high)
    used = dict(list(values.items())[:n])
    limits = {(low, high) for _, low, high in used.values()}
    bad = sum(_is_beyond(*v) for v in used.values())
    verdict, beyond = OPEN, None
    if len(used) == n and n >= 3:
        if len(limits) != 1:
            raise UsageError(msg("statistics.lot-limits", lot=lot.name, point=lot.point))
        low, high = next(iter(limits))
        judged = VariablesPlan(n, plan.k)
        try:
            good, beyond = judged.judge([v for v, *_ in used.values()], low, high)
        except ValueError as error:
            raise UsageError(msg("statistics.lot-limits", lot=lot.name, point=lot.point)) from error
        verdict = STAYS if good else REPLACED
    return LotResult(
        lot=lot,
        found=found,
        verdict=verdict,
        measured=len(used),
        bad=bad,
        to_measure=n - len(used) if verdict == OPEN else 0,
        why=_why(verdict, bad=bad, measured=len(used), n=n)
        if beyond is None
        else msg(
            f"statistics.lot-{verdict}-variables",
            beyond=f"{100 * beyond:.3g}",
            most=f"{100 * plan.most_beyond:.3g}",
            measured=len(used),
        ),
        share=None,
        beyond=beyond,
        drawn=bool(lot.sample),
        used=tuple(used),
    )


def _is_beyond(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)
