"""The roles of a bench file: what each is bound to, every mistake at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from benchctl.bench.curves import CurveError, Via, load_curve
from benchctl.bench.file import (
    Binding,
    ByUnit,
    ChannelName,
    EachPosition,
    EachUnit,
    MeanOf,
    OneChannel,
    Ranges,
    Way,
)
from benchctl.bench.formulas import formula_curve, polynomial_curve
from benchctl.bench.model import (
    ByPart,
    ChannelPart,
    EachPart,
    MeanPart,
    PositionsPart,
    RangePart,
    ViaPart,
)
from benchctl.core.messages import Message, msg
from benchctl.language import Quantity, QuantityError, parse_quantity

Place = tuple[str | int, ...]

_VIA = re.compile(r"(\S+)\s+via\s+(\S.*)")


class Pen(Protocol):
    """What reads a bench file and notes what is wrong in it."""

    @property
    def folder(self) -> Path:
        """Where the file lies."""

    @property
    def positions(self) -> int | None:
        """How many places the line has, where the file says so."""

    def wrong(
        self, code: str, message: Message, place: Place, *, hint: Message | None = None
    ) -> None:
        """Report a mistake at a place."""

    def address(self, text: str, place: Place) -> None:
        """See that a text is an address."""

    def channel(self, text: str, place: Place, *, of_driver: bool = False) -> ChannelName:
        """Return the two parts of `instrument.channel` (or `driver.channel`)."""


class Bindings:
    """Reads what roles are bound to."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen

    def role(self, binding: object, place: Place) -> Binding:
        """Return what a role is bound to."""
        if isinstance(binding, str):
            return self.plain(binding, place)
        if isinstance(binding, MeanPart):
            ones = [self.plain(name, (*place, "mean", n)) for n, name in enumerate(binding.mean)]
            return MeanOf(tuple(one.channel for one in ones), tuple(one.via for one in ones))
        if isinstance(binding, EachPart | PositionsPart):
            return self.way(binding, place)
        if isinstance(binding, ByPart):
            return self.by(binding, place)
        if isinstance(binding, ChannelPart):
            return self.one(binding, place)
        assert isinstance(binding, list)
        return self.ranges(binding, place)

    def way(self, part: EachPart | PositionsPart, place: Place) -> Way:
        """Return one way to read units."""
        if isinstance(part, PositionsPart):
            return self.each_position(part, place)
        self.pen.address(part.at, (*place, "at"))
        channel = self.pen.channel(part.each, (*place, "each"), of_driver=True)
        return EachUnit(channel, part.at, part.address)

    def by(self, part: ByPart, place: Place) -> ByUnit:
        """Return the ways to read units of which each chooses one."""
        ways = part.model_extra or {}
        if not ways:
            self.pen.wrong("E106", msg("bench.no-ways"), (*place, "by"))
        return ByUnit(part.by, {name: self.way(w, (*place, name)) for name, w in ways.items()})

    def each_position(self, part: PositionsPart, place: Place) -> EachPosition:
        """Return a channel per position; they must be as many as the line has places."""
        names: list[ChannelName] = []
        vias: list[Via | None] = []
        for n, text in enumerate(part.positions):
            one = self.plain(text, (*place, "positions", n))
            if one.channel in names:
                message = msg("bench.channel-twice", channel=str(one.channel))
                self.pen.wrong("E106", message, (*place, "positions", n))
            if one.via is not None and part.scale is not None:
                self.pen.wrong("E106", msg("bench.via-and-scale"), (*place, "positions", n))
            names.append(one.channel)
            vias.append(one.via)
        wanted = self.pen.positions
        if wanted is not None and len(names) < wanted:
            few = msg("bench.few-positions", count=len(names), positions=wanted)
            self.pen.wrong("E105", few, (*place, "positions"))
        return EachPosition(tuple(names), self.scale(part.scale, (*place, "scale")), tuple(vias))

    def scale(self, text: str | None, place: Place) -> Quantity | str | None:
        """Return what one count is worth, or the parameter that says it."""
        if text is None or text.strip().isidentifier():
            return None if text is None else text.strip()
        return self.resolution(text, place)

    def plain(self, text: str, place: Place) -> OneChannel:
        """Return `instrument.channel`, or `instrument.channel via curve.csv`."""
        through = _VIA.fullmatch(text.strip())
        if through is None:
            return OneChannel(self.pen.channel(text, place))
        return OneChannel(self.pen.channel(through[1], place), self.curve(through[2], place))

    def one(self, part: ChannelPart, place: Place) -> OneChannel:
        """Return a role that is one channel."""
        via = None if part.via is None else self.curve(part.via, (*place, "via"))
        step = None
        if part.resolution is not None:
            step = self.resolution(part.resolution, (*place, "resolution"))
        return OneChannel(
            resolution=step,
            channel=self.pen.channel(part.channel, (*place, "channel")),
            via=via,
            with_=tuple(
                (self.pen.channel(name, (*place, "with", name)), value)
                for name, value in part.with_.items()
            ),
            select=tuple(
                self.pen.channel(name, (*place, "select", n))
                for n, name in enumerate(part.select or ())
            ),
        )

    def ranges(self, parts: list[RangePart], place: Place) -> Ranges:
        """Return a set-point whose channel depends on its value."""
        found = []
        last = 0.0
        if not parts:
            self.pen.wrong("E106", msg("bench.no-ranges"), place)
        for n, part in enumerate(parts):
            one = self.one(part, (*place, n))
            try:
                up_to = parse_quantity(part.up_to, bare=False)
            except QuantityError as error:
                self.pen.wrong("E202", error.message, (*place, n, "up_to"), hint=error.hint)
                continue
            size = up_to.value * up_to.unit.factor
            if size <= last:
                self.pen.wrong("E105", msg("bench.ranges-rise"), (*place, n, "up_to"))
            last = size
            found.append(
                OneChannel(one.channel, one.via, one.with_, one.select, up_to.value, up_to.unit)
            )
        return Ranges(tuple(found))

    def curve(self, part: str | ViaPart, place: Place) -> Via | None:
        """Read a curve that is named relative to the bench file, or absolutely; or a formula."""
        try:
            if isinstance(part, str):
                return load_curve(self.pen.folder / part)
            if (part.formula is None) == (part.polynomial is None):
                self.pen.wrong("E106", msg("bench.curve-one-of"), place)
            elif part.formula is not None:
                return formula_curve(part.formula, part.from_, part.to, part.range)
            else:
                coefficients = part.polynomial or []
                return polynomial_curve(coefficients, part.from_, part.to, part.range)
        except CurveError as error:
            self.pen.wrong("E106", error.message, place)
        return None

    def resolution(self, text: str, place: Place) -> Quantity | None:
        """Return the step of an indication."""
        try:
            step = parse_quantity(text, bare=False)
        except QuantityError as error:
            self.pen.wrong("E202", error.message, place, hint=error.hint)
            return None
        if not step.value > 0:
            self.pen.wrong("E105", msg("bench.not-positive", text=text), place)
        return step


def channel_texts(binding: object, place: Place) -> Iterator[tuple[str, Place]]:
    """Return the `instrument.channel` texts of a role as it stands in the file, with places."""
    if isinstance(binding, str):
        through = _VIA.fullmatch(binding.strip())
        yield through[1] if through else binding, place
    elif isinstance(binding, list):
        for n, part in enumerate(binding):
            yield from channel_texts(part, (*place, n))
    elif isinstance(binding, dict):
        if "by" in binding:
            for name, way in binding.items():
                if isinstance(way, dict):
                    yield from channel_texts(way, (*place, name))
        for key in ("channel", "mean", "select", "positions"):
            if key in binding:
                yield from channel_texts(binding[key], (*place, key))
        before = binding.get("with")
        if isinstance(before, dict):
            for name in before:
                yield str(name), (*place, "with", name)
