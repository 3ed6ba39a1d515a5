"""A declared plant as its file says it: blocks by name, units, what is shown, what is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.bench import BenchFile
from benchctl.core.errors import BenchctlError
from benchctl.core.units import Unit
from benchctl.language import Expression
from benchctl.simulation.curves import ErrorCurve, Table
from benchctl.simulation.plants.blocks import Block, Formula
from benchctl.simulation.plants.making import Instruments

USUAL = "usual"
"""The kind for which there is nothing of its own."""


class NoValueError(Exception):
    """What stands at a place of the plant file has no value; `problem` says why."""

    def __init__(self, place: tuple[str, ...], problem: Exception) -> None:
        super().__init__(place, problem)
        self.place, self.problem = place, problem


@contextmanager
def naming(*place: str) -> Iterator[None]:
    """Say which place of the file it was where something has no value.

    Raises:
        NoValueError: there was no value.
    """
    try:
        yield
    except (ArithmeticError, TypeError, ValueError, KeyError, BenchctlError) as error:
        raise NoValueError(place, error) from error


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number or text that every unit has for itself; `texts` are expressions by kind."""

    name: str
    texts: Mapping[str, str]

    def text(self, kind: str) -> str:
        """Return the expression for a kind."""
        return self.texts.get(kind, self.texts.get(USUAL, "0"))


@dataclass(frozen=True, slots=True)
class Curve:
    """A function that every unit has for itself, through knots; `smooth` over the logarithm."""

    name: str
    knots: Mapping[str, tuple[tuple[Expression, Expression], ...]]
    smooth: bool

    def through(self, points: list[tuple[float, float]]) -> ErrorCurve | Table:
        """Return the curve through points."""
        return ErrorCurve(points) if self.smooth else Table(points)

    def of_kind(self, kind: str) -> tuple[tuple[Expression, Expression], ...]:
        """Return the knots for a kind."""
        return self.knots[kind] if kind in self.knots else self.knots[USUAL]


@dataclass(frozen=True, slots=True)
class UnitsPart:
    """The units under test: how many, their numbers, what they are like."""

    count: int
    serial: str
    kinds: tuple[str, ...]
    usual: Mapping[str, float | str]
    draw: tuple[Drawn, ...]
    curves: tuple[Curve, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Show:
    """What a channel, `instrument.channel`, shows: a quantity with noise of its own.

    `position` is that of the unit whose quantity it is, 0 for one of the bench.
    `empty` is shown where no unit is. With `select` it is the quantity of that unit whose switch
    alone is on, `settling` s after it was switched; `open` while no single one is.
    """

    channel: str
    position: int
    quantity: str
    noise: float = 0.0
    empty: float = 0.0
    select: tuple[str, ...] = ()
    settling: float = 0.0
    open: float = 0.0


@dataclass(frozen=True, slots=True)
class PlantFault:
    """Something that can go wrong; `value` is what `fault.NAME` is then, 0 otherwise."""

    name: str
    value: float
    each: bool


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant, read and checked.

    `order` are the quantities that remember, in the order in which they are to be looked at;
    `touched` says which of them follow from an input. `observed` are the channels, by instrument,
    of which it matters what they are set to. `sources` are channels that a certificate names and
    that show nothing of the plant, with the unit in which they are set. `exact`: no standard or
    constant is off.
    """

    name: str
    summary: str
    path: Path
    bench: BenchFile
    answer_after: float
    units: UnitsPart
    quantities: Mapping[str, Block]
    each: Mapping[str, Block]
    shows: tuple[Show, ...]
    reads: Mapping[str, tuple[str, Unit | None]]
    truth: Mapping[str, Formula]
    faults: Mapping[str, PlantFault]
    hand: Mapping[str, float]
    order: tuple[str, ...]
    touched: Mapping[str, frozenset[str]]
    observed: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str | None]
    exact: bool
    instruments: Instruments = field(repr=False)

    def where(self, name: str) -> tuple[str, str]:
        """Return where a quantity stands in the file."""
        return ("each" if name in self.each else "quantities", name)

    def block(self, name: str) -> Block:
        """Return the block of a quantity."""
        return self.each[name] if name in self.each else self.quantities[name]
