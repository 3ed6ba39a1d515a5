"""The measurement model: what follows from what is read, and at last the measurand.

model = Model(parse_expression("100 * (Vm - V) / V"),
              (Derived("V", "L", parse_expression("1000 * mass / density")),))
model.names                                   # Vm, mass, density: what must be read
model({"Vm": 100.2, "mass": 99.9, "density": 998.2})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchctl.language import Expression

CONTEXT: Mapping[str, str] = {"uut.position": "1", "run.duration": "s"}
"""What a model may name that nobody reads, with units: place in the line, time that it flowed."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A quantity that follows from what is read; `unit` is "" where the file gives none."""

    name: str
    unit: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Model:
    """`result` in terms of roles and of `steps`; each step comes after those that it uses.

    `exact` are names that are known of a unit at a point before anything is read (parameters, what
    follows from them, what makes the point); `given` has their values, once `known_at` told them.
    """

    result: Expression
    steps: tuple[Derived, ...] = ()
    exact: frozenset[str] = frozenset()
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> frozenset[str]:
        """The names that have to be read: what no step gives, and what is not exact."""
        return self._used - {step.name for step in self.steps} - self.exact

    @property
    def _used(self) -> frozenset[str]:
        return self.result.names.union(*(step.value.names for step in self.steps))

    def feeding(self, name: str) -> frozenset[str]:
        """Return what has to be read for `name`: itself, or what the steps to it use."""
        step = next((s for s in self.steps if s.name == name), None)
        if step is None:
            return frozenset((name,)) - self.exact
        return frozenset().union(*(self.feeding(used) for used in step.value.names))

    def known_at(self, env: Mapping[str, Any]) -> Model:
        """Return the model of one unit at one point, with the values of its exact names."""
        return replace(self, given={n: env[n] for n in self._used & self.exact if n in env})

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return the measurand.

        Raises:
            ExpressionError: a name has no value, or there is no finite value.
        """
        return self.result(self._worked_out(values) if self.steps or self.given else values)

    def step(self, name: str, values: Mapping[str, Any]) -> Any:
        """Return what is given, or follows, under a name.

        Raises:
            ExpressionError: as a call does.
        """
        return self._worked_out(values)[name]

    def _worked_out(self, values: Mapping[str, Any]) -> dict[str, Any]:
        known = {**self.given, **values}
        for step in self.steps:
            known[step.name] = step.value(known)
        return known
