"""A figure that a certificate states as a function of the value: table, polynomial, equation.

    Law.table((0.1, 1.0), (0.05, -0.02)).at(0.55)        # 0.015, on the straight line
    Law.polynomial((0.01, -2e-4)).at(20.0)               # 0.006

A law knows no units; who uses it says in what it is entered and what it gives. Nothing is
extrapolated: whoever asks beyond the ends of a table gets the end, and has refused it before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from benchctl.language import Expression, parse_expression

Kind = Literal["constant", "table", "polynomial", "equation"]

VALUE = "value"
"""The name that an equation has for what it is entered with."""
SAMPLES = 201
"""So many places of a range are looked at for the extremes of a polynomial or an equation."""


@dataclass(frozen=True, slots=True)
class Law:
    """One of the four kinds; `x` are the places of a table, `y` its values or coefficients."""

    kind: Kind
    y: tuple[float, ...] = ()
    x: tuple[float, ...] = ()
    text: str = ""
    _equation: Expression | None = field(default=None, compare=False, repr=False)

    @classmethod
    def constant(cls, y: float) -> Law:
        """Return what is the same everywhere."""
        return cls("constant", (y,))

    @classmethod
    def table(cls, x: Sequence[float], y: Sequence[float]) -> Law:
        """Return straight lines between points; `x` ascends strictly."""
        return cls("table", tuple(y), tuple(x))

    @classmethod
    def polynomial(cls, coefficients: Sequence[float]) -> Law:
        """Return c0 + c1 x + c2 x² + …."""
        return cls("polynomial", tuple(coefficients))

    @classmethod
    def equation(cls, text: str) -> Law:
        """Return an expression of `value`.

        Raises:
            ExpressionError: it is none.
        """
        return cls("equation", text=text, _equation=parse_expression(text))

    @property
    def names(self) -> frozenset[str]:
        """The names that an equation uses."""
        return self._equation.names if self._equation is not None else frozenset()

    def at(self, x: float) -> float:
        """Return the figure at `x`.

        Raises:
            ExpressionError: an equation has no value there.
        """
        match self.kind:
            case "constant":
                return self.y[0]
            case "table":
                return self._between(x)
            case "polynomial":
                total = 0.0
                for coefficient in reversed(self.y):
                    total = total * x + coefficient
                return total
            case "equation":
                assert self._equation is not None
                return float(self._equation({VALUE: x}))

    def _between(self, value: float) -> float:
        x, y = self.x, self.y
        if value <= x[0]:
            return y[0]
        if value >= x[-1]:
            return y[-1]
        i = bisect_left(x, value)
        return y[i - 1] + (value - x[i - 1]) / (x[i] - x[i - 1]) * (y[i] - y[i - 1])

    def over(self, low: float, high: float) -> tuple[float, ...]:
        """Return the figure at its own places within a range, or at many even ones.

        Raises:
            ExpressionError: an equation has no value at one of them.
        """
        return tuple(self.at(x) for x in self.places(low, high))

    def places(self, low: float, high: float) -> tuple[float, ...]:
        """Return where it may be extreme within a range: its points, or many even places."""
        if self.kind == "constant":
            return (low, high)
        if self.kind == "table":
            return (low, *(x for x in self.x if low < x < high), high)
        return tuple(low + (high - low) * i / (SAMPLES - 1) for i in range(SAMPLES))

    def as_json(self) -> dict[str, Any]:
        """Return it as the record keeps it."""
        match self.kind:
            case "table":
                return {"table": [[x, y] for x, y in zip(self.x, self.y, strict=True)]}
            case "equation":
                return {"equation": self.text}
            case "polynomial":
                return {"polynomial": list(self.y)}
            case "constant":
                return {"constant": self.y[0]}


def law_from_json(data: Mapping[str, Any]) -> Law:
    """Return the law that `as_json` wrote.

    Raises:
        KeyError: it is of no kind that is known.
    """
    if "table" in data:
        return Law.table([p[0] for p in data["table"]], [p[1] for p in data["table"]])
    if "polynomial" in data:
        return Law.polynomial(data["polynomial"])
    if "equation" in data:
        return Law.equation(data["equation"])
    return Law.constant(data["constant"])
