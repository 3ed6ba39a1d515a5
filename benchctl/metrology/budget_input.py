"""One input of a budget file: its value and its components, and what is wrong with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.core.units import Unit, unit
from benchctl.metrology.budget_numbers import Numbers, Path
from benchctl.metrology.components import (
    BOUNDED,
    SHAPES,
    Component,
    Input,
    bounded,
    from_readings,
    normal,
    resolution,
)
from benchctl.metrology.coverage import coverage_factor, meant_probability

if TYPE_CHECKING:
    from benchctl.metrology.budget_model import InputPart

_WITH_DOF = ("u", "U", "half_width", "limits", "s")


class ReadInput(NamedTuple):
    """An input as the file gives it; `readings` in its unit."""

    input: Input
    unit: str
    readings: tuple[float, ...]


class InputReader:
    """Reads one input; `read` gives it, or None after saying what is wrong."""

    def __init__(self, numbers: Numbers, name: str, part: InputPart) -> None:
        self.numbers = numbers
        self.name = name
        self.part = part
        self.path: Path = ("inputs", name)
        self.given = part.model_fields_set - {"value", "unit"}

    def read(self) -> ReadInput | None:
        """Return the input; None where it cannot be used."""
        before = self.numbers.mistakes
        own = self.numbers.unit(self.part.unit, (*self.path, "unit"))
        like = own or unit("1")
        self._check_keys()
        readings = self._readings(like)
        ends = self._limits(like)
        value = self._value(like, readings, ends)
        components = self._components(like, value, readings, ends)
        if self.numbers.mistakes > before or value is None:
            return None
        made = Input(self.name, value, tuple(components))
        return ReadInput(made, like.symbol, readings)

    def _wrong(self, message: Message, key: str, hint: Message | None = None) -> None:
        place = (*self.path, key) if key else self.path
        self.numbers.wrong("E106", message, place, key=True, hint=hint)

    def _check_keys(self) -> None:
        """Report keys that make no sense without, or beside, another."""
        given = self.given
        values = [k for k in ("value", "readings", "limits") if k in self.part.model_fields_set]
        if not values:
            self.numbers.wrong("E101", msg("metrology.value-missing"), self.path, key=True)
        for extra in values[1:]:
            self._wrong(msg("metrology.two-values", one=values[0], other=extra), extra)
        if "U" in given and not given & {"k", "p"}:
            self._wrong(msg("metrology.needs", key="U", other="k: 2"), "U")
        if {"k", "p"} <= given:
            self._wrong(msg("metrology.exclude", one="k", other="p"), "p")
        for key, others in _NEEDS.items():
            if key in given and not given & set(others):
                self._wrong(msg("metrology.needs", key=key, other=" / ".join(others)), key)
        for one, other in (("u", "U"), ("u", "s"), ("U", "s"), ("half_width", "limits")):
            if {one, other} <= given:
                self._wrong(msg("metrology.exclude", one=one, other=other), other)

    def _readings(self, like: Unit) -> tuple[float, ...]:
        texts = self.part.readings
        if texts is None:
            return ()
        path = (*self.path, "readings")
        found = [self.numbers.value(t, (*path, i), like) for i, t in enumerate(texts)]
        if len(texts) < 2:
            self.numbers.wrong("E106", msg("metrology.two-readings"), path, key=True)
            return ()
        return tuple(x for x in found if x is not None)

    def _limits(self, like: Unit) -> tuple[float, float] | None:
        texts = self.part.limits
        if texts is None:
            return None
        path = (*self.path, "limits")
        found = [self.numbers.value(t, (*path, i), like) for i, t in enumerate(texts)]
        good = [x for x in found if x is not None]
        if len(good) == 2 == len(texts) and good[0] < good[1]:
            return good[0], good[1]
        if len(good) == len(texts):
            self.numbers.wrong("E106", msg("metrology.two-limits"), path, key=True)
        return None

    def _value(
        self, like: Unit, readings: tuple[float, ...], ends: tuple[float, float] | None
    ) -> float | None:
        if self.part.value is not None:
            return self.numbers.value(self.part.value, (*self.path, "value"), like)
        if len(readings) >= 2:
            return from_readings(self.name, readings)[0]
        return None if ends is None else (ends[0] + ends[1]) / 2

    def _components(
        self,
        like: Unit,
        value: float | None,
        readings: tuple[float, ...],
        ends: tuple[float, float] | None,
    ) -> list[Component]:
        part, found = self.part, []
        dof = self._number(part.dof, "dof", 0.0, math.inf) or math.inf
        if len(readings) >= 2:
            found.append(from_readings("readings", readings)[1])
        u = self._amount(part.u, "u", like, value)
        half = self._amount(part.half_width, "half_width", like, value)
        if ends is not None:
            half = (ends[1] - ends[0]) / 2
        found += self._shaped(u, half, like, value, dof)
        expanded = self._amount(part.U, "U", like, value)
        k = self._factor(dof)
        if expanded is not None and k is not None:
            found.append(normal("U", expanded / k, dof))
        s = self._amount(part.s, "s", like, value)
        n = self._number(part.n, "n", 0.0, math.inf)
        if s is not None and n is not None:
            found.append(normal("s", s / math.sqrt(n), dof))
        step = self._amount(part.resolution, "resolution", like, value)
        if step is not None:
            found.append(resolution("resolution", step))
        return found

    def _shaped(
        self, u: float | None, half: float | None, like: Unit, value: float | None, dof: float
    ) -> list[Component]:
        """Return the component of `u` or of a half-width with the distribution that is named."""
        name = self.part.distribution
        if name is not None and name not in SHAPES:
            self._unknown(name)
            return []
        shape = self._shape(name, half, like, value)
        if half is not None:
            if name is not None and name not in BOUNDED:
                hint = msg("metrology.write-u")
                self._wrong(msg("metrology.no-limits", distribution=name), "distribution", hint)
                return []
            source = "half_width" if self.part.half_width is not None else "limits"
            return [bounded(source, half, name or "rectangular", dof, shape)]
        if u is None:
            return []
        if name in BOUNDED:
            return [Component("u", u, name, dof, shape)]
        return [normal("u", u, dof)]

    def _unknown(self, name: str) -> None:
        near = closest(name, SHAPES)
        hint = msg("language.did-you-mean", word=near) if near else None
        message = msg("metrology.no-such-distribution", name=name, known=", ".join(SHAPES))
        self.numbers.wrong("E103", message, (*self.path, "distribution"), hint=hint)

    def _shape(
        self, name: str | None, half: float | None, like: Unit, value: float | None
    ) -> float:
        """Return top or relative d of the distributions that have one."""
        wanted = SHAPES.get(name or "", "")
        for key in ("top", "d"):
            if key in self.given and key != wanted:
                owner = "trapezoid" if key == "top" else "ctrap"
                self._wrong(msg("metrology.only-of", key=key, distribution=owner), key)
        if wanted and wanted not in self.given:
            self._wrong(msg("metrology.needs", key=str(name), other=wanted), "distribution")
        if name == "trapezoid":
            return self._number(self.part.top, "top", 0.0, 1.0, closed=True) or 0.0
        if name != "ctrap":
            return 0.0
        d = self._amount(self.part.d, "d", like, value)
        if d is None:
            return 0.0
        if not half or d > half:
            self._wrong(msg("metrology.d-too-wide"), "d")
            return 0.0
        return d / half

    def _factor(self, dof: float) -> float | None:
        """Return k of the expanded uncertainty, from its probability if that is given."""
        k = self._number(self.part.k, "k", 0.0, math.inf)
        if k is not None or self.part.p is None:
            return k
        p = self._number(self.part.p, "p", 0.0, 1.0)
        return None if p is None else coverage_factor(dof, meant_probability(p))

    def _number(
        self, text: str | None, key: str, low: float, high: float, *, closed: bool = False
    ) -> float | None:
        return self.numbers.number(text, (*self.path, key), low, high, closed=closed)

    def _amount(self, text: str | None, key: str, like: Unit, value: float | None) -> float | None:
        return self.numbers.amount(text, (*self.path, key), like, value)


_NEEDS = {
    "k": ("U",),
    "p": ("U",),
    "s": ("n",),
    "n": ("s",),
    "dof": _WITH_DOF,
    "distribution": ("half_width", "limits", "u"),
}
"""Keys that make no sense without one of others."""
