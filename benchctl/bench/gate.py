"""The gate of a bench: what must be right before the day's work; read from the bench file.

    gate:
      valid_for: 16 h
      checks:
        - {check: master_zero, read: master.volume_flow, for: 10 s, within: 0.0001 m³/h}

A check is a reading that must be `expect` ± `within`, a reading `against` that of another channel,
or the change of a reading when a person does what `ask` says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from benchctl.bench.file import ChannelName, Gate, GateCheck, SetTo
from benchctl.bench.model import GateCheckPart, GatePart, Words
from benchctl.core.messages import Message, msg
from benchctl.core.units import UnitError, unit
from benchctl.language import Quantity, QuantityError, parse_quantity

Place = tuple[str | int, ...]
PERCENT = unit("%")


class Pen(Protocol):
    """What reads a bench file and notes what is wrong in it."""

    def wrong(
        self, code: str, message: Message, place: Place, *, hint: Message | None = None
    ) -> None:
        """Report a mistake at a place."""

    def unknown(
        self, id_: str, name: str, known: Iterable[str], place: Place, *, key: bool = False
    ) -> None:
        """Report a name that is not known."""

    def channel(self, text: str, place: Place, *, of_driver: bool = False) -> ChannelName:
        """Return the two parts of `instrument.channel`."""


class Gates:
    """Reads what the gate of a bench is; `roles` are those that the file binds."""

    def __init__(self, pen: Pen, roles: Collection[str]) -> None:
        self.pen = pen
        self.roles = roles

    def gate(self, part: GatePart) -> Gate:
        """Return the gate."""
        names: list[str] = []
        for n, check in enumerate(part.checks):
            if check.check in names:
                twice = msg("bench.check-twice", name=check.check)
                self.pen.wrong("E303", twice, ("gate", "checks", n, "check"))
            names.append(check.check)
        said = json.dumps(part.model_dump(mode="json", by_alias=True), sort_keys=True)
        return Gate(
            valid_for=self._seconds(part.valid_for, ("gate", "valid_for"), least=60.0),
            checks=tuple(self._check(c, n) for n, c in enumerate(part.checks)),
            sha256=hashlib.sha256(said.encode()).hexdigest(),
        )

    def _check(self, part: GateCheckPart, n: int) -> GateCheck:
        place: Place = ("gate", "checks", n)
        against = part.against
        within = self._within(part, place)
        if part.ask is not None and against is not None:
            self.pen.wrong("E106", msg("bench.ask-against"), (*place, "against"))
        if part.then is not None and part.ask is None:
            self.pen.wrong("E106", msg("bench.then-without-ask"), (*place, "then"))
        return GateCheck(
            name=part.check,
            title=in_words(part.title),
            read=self.pen.channel(part.read, (*place, "read")),
            against=None if against is None else self.pen.channel(against, (*place, "against")),
            sets=tuple(self._set(role, v, (*place, "set", role)) for role, v in part.set.items()),
            wait=self._seconds(part.wait, (*place, "wait")),
            over=self._seconds(part.for_, (*place, "for")),
            timeout=self._seconds(part.timeout, (*place, "timeout")),
            ask=in_words(part.ask),
            then=in_words(part.then),
            expect=self._expect(part, within, place),
            within=within,
        )

    def _set(self, role: str, value: bool | str, place: Place) -> SetTo:
        if role not in self.roles:
            self.pen.unknown("bench.no-such-role", role, self.roles, place, key=True)
        if isinstance(value, bool):
            return SetTo(role, value)
        return SetTo(role, self._quantity(value, place) or Quantity(0.0, PERCENT))

    def _within(self, part: GateCheckPart, place: Place) -> Quantity:
        within = self._quantity(part.within, (*place, "within"))
        if within is None:
            return Quantity(1.0, PERCENT)
        if not within.value > 0:
            self.pen.wrong("E105", msg("bench.not-positive", text=part.within), (*place, "within"))
        if part.against is not None and any(within.unit.dimension):
            self.pen.wrong("E202", msg("bench.against-share", text=part.within), (*place, "within"))
        return within

    def _expect(self, part: GateCheckPart, within: Quantity, place: Place) -> Quantity:
        if part.expect is None:
            if part.ask is not None:
                self.pen.wrong("E101", msg("bench.ask-expects"), place)
            return Quantity(0.0, within.unit)
        if part.against is not None:
            self.pen.wrong("E106", msg("bench.against-expects"), (*place, "expect"))
            return Quantity(0.0, within.unit)
        try:
            expect = parse_quantity(part.expect, like=within.unit, bare=False)
            return Quantity(expect.to(within.unit, difference=part.ask is not None), within.unit)
        except (QuantityError, UnitError) as error:
            self.pen.wrong("E202", error.message, (*place, "expect"), hint=error.hint)
            return Quantity(0.0, within.unit)

    def _quantity(self, text: str, place: Place) -> Quantity | None:
        try:
            return parse_quantity(text, bare=False)
        except QuantityError as error:
            self.pen.wrong("E202", error.message, place, hint=error.hint)
        return None

    def _seconds(self, text: str, place: Place, *, least: float = 0.0) -> float:
        try:
            value = parse_quantity(text, like=unit("s"), bare=False).to(unit("s"))
        except (QuantityError, UnitError) as error:
            self.pen.wrong("E202", error.message, place, hint=error.hint)
            return least
        if value < least:
            self.pen.wrong("E105", msg("bench.too-short", text=text, least=f"{least:g} s"), place)
        return value


def in_words(words: Words | None) -> Mapping[str, str]:
    """Return a sentence by language; one without a language is said in all of them."""
    if words is None:
        return {}
    if isinstance(words, str):
        return {"en": words, "zh": words}
    return {k: v for k, v in (("en", words.en), ("zh", words.zh)) if v}


def gate_titles(gate: Gate | None) -> Mapping[str, Mapping[str, str]]:
    """Return what the checks are called, by check and language."""
    return {} if gate is None else {c.name: c.title for c in gate.checks if c.title}
