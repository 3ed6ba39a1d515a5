"""What a quantity is between two changes of a plant: a sum of pieces that can be integrated.

    flow = Signal(parts=((1.0, Tail(response)), (0.3, ripple)))
    (2.0 * flow + 0.1).integral(t0, t1)

Arithmetic that leaves the sum one is allowed: adding, and multiplying by a number. A product of two
of them, a comparison or a root raises `TypeError`: there is no closed form, and nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, Protocol

from benchctl.simulation.response import Response


class Piece(Protocol):
    """A function of time with an exact integral."""

    def at(self, t: float) -> float:
        """Return the value at an instant."""
        ...

    def integral(self, t_from: float, t_to: float) -> float:
        """Return the integral over time."""
        ...


@dataclass(frozen=True, slots=True)
class Tail:
    """A response as a piece."""

    response: Response

    def at(self, t: float) -> float:
        """Return the value at an instant."""
        return self.response.at(t)

    def integral(self, t_from: float, t_to: float) -> float:
        """Return the integral over time."""
        return self.response.integral(t_to) - self.response.integral(t_from)


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """constant + slope * t + the sum of `parts`, each with its factor."""

    constant: float = 0.0
    slope: float = 0.0
    parts: tuple[tuple[float, Piece], ...] = ()

    def at(self, t: float) -> float:
        """Return the value at an instant."""
        total = self.constant + self.slope * t
        for factor, piece in self.parts:
            total += factor * piece.at(t)
        return total

    def integral(self, t_from: float, t_to: float) -> float:
        """Return the integral over time from `t_from` to `t_to`, exact."""
        span = t_to - t_from
        total = span * (self.constant + 0.5 * self.slope * (t_from + t_to))
        for factor, piece in self.parts:
            total += factor * piece.integral(t_from, t_to)
        return total

    def _times(self, factor: float) -> Signal:
        parts = tuple((factor * own, piece) for own, piece in self.parts)
        return Signal(factor * self.constant, factor * self.slope, parts)

    def __add__(self, other: object) -> Signal:
        """Return the sum with another signal or a number."""
        if isinstance(other, int | float):
            return Signal(self.constant + other, self.slope, self.parts)
        if isinstance(other, Signal):
            constant, slope = self.constant + other.constant, self.slope + other.slope
            return Signal(constant, slope, self.parts + other.parts)
        return NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Signal:
        """Return the signal with the other sign."""
        return self._times(-1.0)

    def __pos__(self) -> Signal:
        """Return the signal itself."""
        return self

    def __sub__(self, other: object) -> Signal:
        """Return the difference to another signal or a number."""
        if isinstance(other, int | float | Signal):
            return self + (-other)
        return NotImplemented

    def __rsub__(self, other: object) -> Signal:
        """Return the difference of a number and this signal."""
        return -self + other

    def __mul__(self, other: object) -> Signal:
        """Return the signal times a number."""
        return self._times(float(other)) if isinstance(other, int | float) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Signal:
        """Return the signal divided by a number."""
        return self._times(1.0 / other) if isinstance(other, int | float) else NotImplemented

    def __eq__(self, other: object) -> NoReturn:
        """Refuse: it is no number."""
        raise TypeError(other)

    def __hash__(self) -> int:
        """Return the identity."""
        return id(self)


def signal_of(value: object) -> Signal:
    """Return a number or a signal as a signal.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, Signal):
        return value
    if isinstance(value, int | float):
        return Signal(float(value))
    raise TypeError(value)
