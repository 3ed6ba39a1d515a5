"""The plan of a run: flat lists of loads, visits and actions with stable ids.

Procedure, bench and batch compile to it; `benchctl plan` prints it, the engine executes it, tests
check it. A *load* is what is in the line at one time; a *visit* is one set-point that serves one or
more units (its *members*), each at a point of its own; an *action* is one step that the engine
takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.messages import Message


@dataclass(frozen=True, slots=True)
class Expected:
    """What a result will be like, in the measurand's unit: U, the ratio of limits to U, the rule.

    `accept` are the acceptance limits, None where there are none; `problem` says why the rule could
    not decide, whatever the value. `hopeless`: nor could it if the unit's register had no steps.
    """

    U: float
    k: float
    tur: float | None
    rule: str
    accept: tuple[float, float] | None
    problem: Message | None = None
    hopeless: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "U": self.U,
            "k": self.k,
            "tur": self.tur,
            "rule": self.rule,
            "accept": None if self.accept is None else list(self.accept),
            "problem": None if self.problem is None else self.problem.as_json(),
            "hopeless": self.hopeless,
        }


@dataclass(frozen=True, slots=True)
class Member:
    """One unit at one of its points within a visit; limits and `keep` are the unit's own."""

    serial: str
    position: int
    point: str
    nominal: float
    keep: tuple[float, float]
    mpe: tuple[float, float]
    mpe_initial: float
    amount: float
    U_reference: float | None
    ratio: float | None
    """Declared largest share of the initial limit that the reference's U may take."""
    adequate: bool
    expected: Expected | None = None
    """None where nothing is known beforehand, as without a certificate."""
    how_many: Message | None = None
    """How many readings are taken, in words; None where it is not readings that are taken."""

    def as_json(self) -> dict[str, Any]:
        """Return the member as plain data, with the share U takes of the initial limit."""
        share = None if self.U_reference is None else self.U_reference / self.mpe_initial
        return {
            "serial": self.serial,
            "position": self.position,
            "point": self.point,
            "nominal": self.nominal,
            "keep": list(self.keep),
            "mpe": list(self.mpe),
            "amount": self.amount,
            "U_reference": self.U_reference,
            "share": share,
            "ratio": self.ratio,
            "adequate": self.adequate,
            "expected": None if self.expected is None else self.expected.as_json(),
            "how_many": None if self.how_many is None else self.how_many.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Visit:
    """One set-point of a load: what is set, how much must pass, who is judged there."""

    id: str
    load: str
    points: tuple[str, ...]
    role: str
    setpoint: float
    unit: str
    sets: tuple[tuple[str, float], ...]
    amount: float
    amount_unit: str
    expected_s: float
    members: tuple[Member, ...]
    occasion: str = "as_found"
    """as_left: only for units that were adjusted."""
    soak: float = 0.0
    """Waited once it has settled, in s."""
    item: str = ""
    """What is measured there, where items are measured in their own right."""
    consent: bool = False
    """Whether a person must agree before anything is set."""
    after: tuple[tuple[str, float], ...] = ()
    """What is set when it is left, by role."""

    def as_json(self) -> dict[str, Any]:
        """Return the visit as plain data."""
        more: dict[str, Any] = {"item": self.item, "consent": self.consent}
        more["after"] = dict(self.after)
        return {
            "id": self.id,
            "load": self.load,
            "points": list(self.points),
            "role": self.role,
            "setpoint": self.setpoint,
            "unit": self.unit,
            "amount": self.amount,
            "amount_unit": self.amount_unit,
            "expected_s": self.expected_s,
            "members": [m.as_json() for m in self.members],
            "occasion": self.occasion,
            **{name: value for name, value in more.items() if value},
        }


@dataclass(frozen=True, slots=True)
class Load:
    """The units that are in the line together; `at_most` is the largest set-point they all bear."""

    id: str
    serials: tuple[str, ...]
    positions: tuple[int, ...]
    at_most: float | None


@dataclass(frozen=True, slots=True)
class Action:
    """One step.

    `kind` is gate, mount, ask, hold, vent, set, prompt, settle, read, totalise, measure, retest,
    adjust or across.
    """

    id: str
    kind: str
    load: str
    expected_s: float = 0.0
    visit: str = ""
    item: str = ""
    serial: str = ""
    run: int = 0
    conditional: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the action as plain data, without what does not apply to it."""
        data: dict[str, Any] = {"id": self.id, "kind": self.kind, "load": self.load}
        for name in ("visit", "item", "serial", "run", "conditional"):
            if value := getattr(self, name):
                data[name] = value
        data["expected_s"] = self.expected_s
        return data


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """A point of a unit as the record will list it; `skipped` where `--points` left it out."""

    item: str
    point: str
    quantity: str
    unit: str
    nominal: float
    nominal_unit: str
    mpe: tuple[float, float]
    skipped: bool
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Its own quantities by name: `value` and `unit`, or the words of each language."""

    def as_json(self) -> dict[str, Any]:
        """Return the point as plain data."""
        return {
            "item": self.item,
            "point": self.point,
            "quantity": self.quantity,
            "unit": self.unit,
            "nominal": {"value": self.nominal, "unit": self.nominal_unit},
            "mpe": list(self.mpe),
            "occasion": "as_found",
            "skipped": self.skipped,
            "values": {name: dict(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class PlannedUut:
    """A unit under test with everything that was said of it and everything it must pass."""

    serial: str
    position: int
    load: str
    parameters: dict[str, str]
    extra: dict[str, str]
    points: tuple[PlannedPoint, ...]
    items: tuple[tuple[str, str], ...]
    """Name and kind of each item that is answered or observed."""

    def as_json(self) -> dict[str, Any]:
        """Return the unit as plain data."""
        return {
            "serial": self.serial,
            "position": self.position,
            "load": self.load,
            "parameters": self.parameters,
            "extra": self.extra,
            "points": [p.as_json() for p in self.points],
            "items": [{"item": name, "kind": kind} for name, kind in self.items],
        }


@dataclass(frozen=True, slots=True)
class Used:
    """What a run uses up in all, with what it is called."""

    name: str
    value: float
    unit: str
    title: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "title": dict(self.title),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do, in full."""

    procedure: str
    standard: str
    service: str
    stage: str
    bench: str
    simulated: bool
    uuts: tuple[PlannedUut, ...]
    loads: tuple[Load, ...]
    visits: tuple[Visit, ...]
    actions: tuple[Action, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What items are called, by item and language."""
    consumes: tuple[Used, ...] = ()

    @property
    def expected_s(self) -> float:
        """Expected bench time of the whole run in s, without gate and retests, which may be."""
        return sum(a.expected_s for a in self.actions if not a.conditional)

    def visit(self, id_: str) -> Visit:
        """Return the visit with this id.

        Raises:
            KeyError: there is none.
        """
        for visit in self.visits:
            if visit.id == id_:
                return visit
        raise KeyError(id_)

    def load(self, id_: str) -> Load:
        """Return the load with this id.

        Raises:
            KeyError: there is none.
        """
        for load in self.loads:
            if load.id == id_:
                return load
        raise KeyError(id_)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain data: `benchctl plan --json`, and the record's second event."""
        totals: dict[str, float] = {}
        for visit in (v for v in self.visits if v.occasion == "as_found"):
            totals[visit.amount_unit] = totals.get(visit.amount_unit, 0.0) + visit.amount
        return {
            "procedure": self.procedure,
            "standard": self.standard,
            "service": self.service,
            "stage": self.stage,
            "bench": self.bench,
            "simulated": self.simulated,
            "uuts": [u.as_json() for u in self.uuts],
            "loads": [
                {
                    "id": load.id,
                    "serials": list(load.serials),
                    "positions": list(load.positions),
                    "at_most": load.at_most,
                }
                for load in self.loads
            ],
            "visits": [v.as_json() for v in self.visits],
            "actions": [a.as_json() for a in self.actions],
            "expected_s": self.expected_s,
            "amount_total": [{"value": v, "unit": u} for u, v in totals.items()],
            "consumes": [used.as_json() for used in self.consumes],
            "notes": list(self.notes),
            "titles": {item: dict(texts) for item, texts in self.titles.items()},
        }
