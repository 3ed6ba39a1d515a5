"""The measurement model: what follows from what is read, and at last the measurand.

model = Model(parse_expression("100 * (Vm - V) / V"),
              (Derived("V", "L", parse_expression("1000 * mass / density")),))
model.names                                   # Vm, mass, density: what must be read
model({"Vm": 100.2, "mass": 99.9, "density": 998.2})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """`result` in terms of roles and of `steps`; each step comes after those that it uses."""

    result: Expression
    steps: tuple[Derived, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that have to be given: what no step gives."""
        used = self.result.names.union(*(step.value.names for step in self.steps))
        return used - {step.name for step in self.steps}

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return the measurand.

        Raises:
            ExpressionError: a name has no value, or there is no finite value.
        """
        return self.result(self._worked_out(values) if self.steps else values)

    def step(self, name: str, values: Mapping[str, Any]) -> Any:
        """Return what is given, or follows, under a name.

        Raises:
            ExpressionError: as a call does.
        """
        return self._worked_out(values)[name]

    def _worked_out(self, values: Mapping[str, Any]) -> dict[str, Any]:
        known = dict(values)
        for step in self.steps:
            known[step.name] = step.value(known)
        return known
