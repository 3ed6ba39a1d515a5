"""The units of a result document: what was planned for each, and what came of it.

Everything planned is listed, in the order of the plan: items that are answered or observed and
points with their runs. What happened without having been planned is listed after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benchctl.core.events import (
    ItemJudged,
    OrderTaken,
    PointJudged,
    RunMeasured,
    RunsSetAside,
    UutAdjusted,
    UutAnnulled,
    UutDropped,
    UutJudged,
)
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict, worst
from benchctl.records.sentences import JSON, said, sentence

AS_FOUND = "as_found"

AS_LEFT = "as_left"

Told = (
    RunMeasured
    | RunsSetAside
    | PointJudged
    | ItemJudged
    | UutDropped
    | UutAdjusted
    | UutJudged
    | OrderTaken
    | UutAnnulled
)

Place = tuple[str, str]
"""A unit's serial number and the name of its point."""


@dataclass(slots=True)
class Results:
    """What a run's events say of its units, in the order in which it was said."""

    runs: dict[Place, list[RunMeasured]] = field(default_factory=dict)
    aside: dict[tuple[str, str, str, int], RunsSetAside] = field(default_factory=dict)
    """What set a run aside, by unit, point, occasion and the number of the run."""
    points: dict[Place, dict[str, PointJudged]] = field(default_factory=dict)
    """The last judgement of a point by occasion."""
    items: dict[str, dict[tuple[str, str], ItemJudged]] = field(default_factory=dict)
    """The last judgement of an item by unit, and by item and occasion."""
    adjusted: set[str] = field(default_factory=set)
    orders: OrderTaken | None = None
    annulled: dict[str, UutAnnulled] = field(default_factory=dict)
    dropped: dict[str, UutDropped] = field(default_factory=dict)
    judged: dict[str, UutJudged] = field(default_factory=dict)

    def take(self, event: Told) -> None:
        """Take one event."""
        match event:
            case RunMeasured():
                self.runs.setdefault((event.uut, event.point), []).append(event)
            case RunsSetAside():
                place = (event.uut, event.point, event.occasion)
                for run in self.runs.get(place[:2], ()):
                    if run.valid and run.occasion == event.occasion:
                        self.aside.setdefault((*place, run.run), event)
            case PointJudged():
                judged = self.points.setdefault((event.uut, event.point), {})
                judged[event.occasion] = event
            case ItemJudged():
                self.items.setdefault(event.uut, {})[event.item, event.occasion] = event
            case UutAdjusted():
                self.adjusted.add(event.uut)
            case OrderTaken():
                self.orders = event
            case UutAnnulled():
                self.annulled[event.uut] = event
            case UutDropped():
                self.dropped[event.uut] = event
            case UutJudged():
                self.judged[event.uut] = event

    def serials(self) -> Iterator[str]:
        """Give every unit of which something was said; some more than once."""
        for serial, _ in (*self.runs, *self.points):
            yield serial
        yield from (*self.items, *self.dropped, *self.judged)


def uut_documents(
    plan: Mapping[str, Any], results: Results, reason: JSON | None, language: str
) -> list[JSON]:
    """Return the `uuts` of the document; `reason` is the worded reason why the run ended early."""
    planned = {str(uut["serial"]): uut for uut in plan.get("uuts", ())}
    unplanned = {
        serial: {"serial": serial, "position": None}
        for serial in results.serials()
        if serial not in planned
    }
    return [
        _Uut(uut, results, reason, language, plan.get("units", {})).document()
        for uut in (planned | unplanned).values()
    ]


class _Uut:
    """One unit: its plan, and what came of it."""

    def __init__(
        self,
        planned: Mapping[str, Any],
        results: Results,
        reason: JSON | None,
        language: str,
        units: Mapping[str, str],
    ) -> None:
        self.planned = planned
        self.serial = str(planned["serial"])
        self.results = results
        self.reason = reason
        self.language = language
        self.units = units
        dropped = results.dropped.get(self.serial)
        self.dropped = sentence(dropped.why, language) if dropped else None

    def document(self) -> JSON:
        points = _superseded([*self._items(), *self._points()])
        return {
            "serial": self.serial,
            "position": self.planned["position"],
            "load": self.planned.get("load"),
            "verdict": self._verdict(points),
            "parameters": {
                name: quantity_text(value)
                for name, value in self.planned.get("parameters", {}).items()
            },
            "extra": dict(self.planned.get("extra", {})),
            "dropped": self.dropped,
            "points": points,
            **self._order(),
        }

    def _order(self) -> JSON:
        """Return the order, what was tried in it before, and whether this run was annulled."""
        found: JSON = {}
        taken = self.results.orders
        if taken is not None and self.serial in taken.orders:
            found["order"] = taken.orders[self.serial]
            found["attempts"] = list(taken.earlier.get(self.serial, ()))
        annulled = self.results.annulled.get(self.serial)
        if annulled is not None:
            found["annulled"] = {
                "because": annulled.because,
                "by": annulled.by,
                "second": annulled.second,
            }
        return found

    def _verdict(self, points: list[JSON]) -> str | None:
        """Return the most severe verdict; never better than what the run itself said."""
        counting = [p for p in points if not p.get("superseded")]
        stated = [p["verdict"] for p in counting if p["verdict"] is not None]
        if self.serial in self.results.judged:
            stated.append(self.results.judged[self.serial].verdict)
        stated = [s for s in stated if s]
        if points and not stated:
            return None  # a calibration that states values, not verdicts
        return worst(Verdict(s) for s in stated).value

    # items that are answered or observed ----------------------------------------------------

    def _items(self) -> Iterator[JSON]:
        judged = self.results.items.get(self.serial, {})
        planned = [str(i["item"]) for i in self.planned.get("items", ()) if i["kind"] != "points"]
        for name in dict.fromkeys([*planned, *(item for item, _ in judged)]):
            found = judged.get((name, AS_FOUND))
            if found is None and (name, AS_LEFT) in judged:
                yield self._item(name, judged[name, AS_LEFT]) | {"occasion": AS_LEFT}
                continue
            yield self._item(name, found)
            if (name, AS_LEFT) in judged:
                yield self._item(name, judged[name, AS_LEFT]) | {"occasion": AS_LEFT}

    def _item(self, name: str, judged: ItemJudged | None) -> JSON:
        found = {
            "verdict": judged.verdict or None if judged else Verdict.NOT_MEASURED.value,
            "why": sentence(judged.why, self.language) if judged else self._not_reached(),
        }
        return {
            **_BLANK,
            "item": name,
            "runs": [],
            **found,
            "observed": dict(judged.observed) if judged else {},
        }

    # points ---------------------------------------------------------------------------------

    def _points(self) -> Iterator[JSON]:
        listed = set()
        for planned in self.planned.get("points", ()):
            listed.add(planned["point"])
            yield from self._point(str(planned["point"]), planned)
        for serial, point in (*self.results.points, *self.results.runs):
            if serial == self.serial and point not in listed:
                listed.add(point)
                yield from self._point(point, {})

    def _point(self, point: str, planned: Mapping[str, Any]) -> Iterator[JSON]:
        """Give one entry per occasion, in the order in which they came."""
        runs = self.results.runs.get((self.serial, point), [])
        judged = self.results.points.get((self.serial, point), {})
        occasions = dict.fromkeys([*(r.occasion for r in runs), *judged])
        if self.serial in self.results.adjusted and occasions:
            occasions[AS_LEFT] = None  # it must be measured again, and nobody did yet
        for occasion in occasions or [str(planned.get("occasion", AS_FOUND))]:
            made = [r for r in runs if r.occasion == occasion]
            base = _BLANK | {key: planned[key] for key in _PLANNED if key in planned}
            base |= {"point": point, "occasion": occasion}
            base |= {"runs": [self._run(r) for r in made]}
            if occasion in judged:
                yield base | self._judged(judged[occasion])
            else:
                if made:
                    base["item"] = made[-1].item
                why = self._not_judged(made, skipped=bool(planned.get("skipped")))
                yield base | {"verdict": Verdict.NOT_MEASURED.value, "why": why}

    def _judged(self, judged: PointJudged) -> JSON:
        return {
            **{name: getattr(judged, name) for name in _JUDGED},
            "verdict": judged.verdict or None,
            "why": sentence(judged.why, self.language),
        }

    def _run(self, run: RunMeasured) -> JSON:
        aside = self.results.aside.get((run.uut, run.point, run.occasion, run.run))
        if aside is None:
            return self._run_made(run)
        kept = {"error": run.error, "why": sentence(aside.why, self.language)}
        not_counting = replace(run, valid=False, problem=aside.why)
        return self._run_made(not_counting) | {"set_aside": kept}

    def _run_made(self, run: RunMeasured) -> JSON:
        return {
            "run": run.run,
            "indication": run.indication,
            "reference": run.reference,
            "error": run.error if run.valid else None,
            "u": run.u,
            "n": run.n,
            "retest": run.retest,
            "valid": run.valid,
            "problem": sentence(run.problem, self.language),
            "U": run.U,
            "k": run.k,
            "dof": run.dof,
            "method": run.method,
            "inputs": dict(run.inputs),
            "units": _units(run.sources) | {n: u for n, u in self.units.items() if n in run.inputs},
            "budget": _with_shares(run.budget),
            "window": list(run.window),
            "conditions": dict(run.conditions),
            "notes": [sentence(note, self.language) for note in run.notes],
            "readings": self._readings(run),
        }

    def _readings(self, run: RunMeasured) -> JSON | None:
        """Return what a run says of its single readings, None where it took none."""
        if run.readings is None:
            return None
        return run.readings | {"why": sentence(run.readings["why"], self.language)}

    # why something is not measured ----------------------------------------------------------

    def _not_judged(self, runs: list[RunMeasured], *, skipped: bool) -> JSON:
        problems = [r.problem for r in runs if r.problem]
        if problems:
            return sentence(problems[-1], self.language) or self._not_reached()
        if skipped and not runs:
            return said(msg("records.skipped"), self.language)
        return self._not_reached()

    def _not_reached(self) -> JSON:
        return self.dropped or self.reason or said(msg("records.not-reached"), self.language)


def _superseded(points: list[JSON]) -> list[JSON]:
    """Mark what was found of a unit before it was adjusted: it stands, but decides nothing."""
    left = {(p["item"], p["point"]) for p in points if p["occasion"] == AS_LEFT}
    return [
        p | {"superseded": True}
        if p["occasion"] != AS_LEFT and (p["item"], p["point"]) in left
        else p
        for p in points
    ]


_PLANNED = ("item", "quantity", "unit", "nominal", "mpe", "values")
"""What the plan says of a point, until a judgement says it."""

_DECIDED = (
    "rule_version",
    "statement",
    "p_conform",
    "specific_risk",
    "tur",
    "method",
    "check",
    "reported_U",
    "rounding",
)

_JUDGED = (
    "item",
    "quantity",
    "unit",
    "nominal",
    "error",
    "reported",
    "judged_on",
    "U",
    "k",
    "dof",
    "U_reference",
    "mpe",
    "accept",
    "rule",
    *_DECIDED,
)

_BLANK: JSON = {
    "point": None,
    "quantity": None,
    "unit": None,
    "nominal": None,
    "item": None,
    "occasion": None,
    "runs": [],
    "error": None,
    "reported": None,
    "judged_on": None,
    "U": None,
    "k": None,
    "dof": None,
    "U_reference": None,
    "mpe": None,
    "accept": None,
    "rule": None,
    **dict.fromkeys(_DECIDED),
    "verdict": None,
    "why": None,
    "observed": {},
}
"""Every member of an entry under `points`, in the order of the document."""


def _units(sources: Mapping[str, Any]) -> JSON:
    """Return the unit of each reading by role, of those that are read in their role's unit."""
    found: JSON = {}
    for role, channels in sources.items():
        units = {c.get("unit") for c in channels}
        plain = all((c.get("factor"), c.get("offset")) == (1.0, 0.0) for c in channels)
        if plain and len(units) == 1 and (unit := units.pop()):
            found[role] = unit
    return found


def _with_shares(budget: Sequence[JSON]) -> list[JSON]:
    """Return the lines of a budget, each with its share of the variance."""
    total = math.fsum(line.get("contribution", 0.0) ** 2 for line in budget)
    return [
        line | {"share": line.get("contribution", 0.0) ** 2 / total if total > 0 else 0.0}
        for line in budget
    ]


def quantity_text(value: Any) -> str:
    """Return a parameter as text with its unit: "2.5 m³/h".

    Args:
        value: text, a number, or `{"value": ..., "unit": ...}`.
    """
    if isinstance(value, Mapping):
        return f"{quantity_text(value['value'])} {value.get('unit', '')}".strip()
    return f"{value:.12g}" if isinstance(value, float) else str(value)
