"""Drivers that are written in YAML: the same declarations, without Python.

    # drivers/acme_t1.yaml
    summary: ACME T1, a two-channel thermometer.
    bus: Modbus RTU, 9600 8N1; option `unit`.
    reading: one exchange, 20 ms.
    safe: nothing to do, it only measures.
    document: ACME T1 data sheet 2024, p. 5.
    protocol: {modbus: {serial: holding 0 u32}}
    readings:
      bath: {at: input 0 i16, scale: 0.1, unit: °C, doc: Temperature of the bath.}

`load_declared` makes an `Instrument` of it, which is checked, listed and used like any other.
pydantic and yaml are imported when a file is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.declared_address import AddressTextError, modbus_address
from benchctl.driver.declared_class import docstring_of, making_safe
from benchctl.driver.declared_line import GROUPS, PatternLine, Patterns
from benchctl.driver.declared_text import VALUE, command_words, query_of, scpi_address, template_of
from benchctl.driver.instrument import Instrument
from benchctl.driver.line_address import ask
from benchctl.driver.modbus import Modbus
from benchctl.driver.protocol import Protocol
from benchctl.driver.registers import Register, send
from benchctl.driver.scpi import Scpi
from benchctl.driver.values import flag, real, text, whole
from benchctl.driver.word_order import OrderProof
from benchctl.driver.word_order import problem as unproven
from benchctl.language import Diagnostics, Document, load_document, validate

if TYPE_CHECKING:
    from benchctl.driver.declared_model import ActionPart, DriverPart, ProofPart, ReadingPart

SUFFIXES = (".yaml", ".yml")
_KINDS: dict[str, Callable[[Any], Any]] = {
    "number": real,
    "whole": whole,
    "flag": flag,
    "text": text,
}


def load_declared(path: Path) -> type[Instrument]:
    """Return the driver that a YAML file declares.

    Raises:
        FileError: the file is wrong; every mistake is told with line and column.
    """
    from benchctl.driver.declared_model import DriverPart

    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = validate(DriverPart, document, diagnostics) if document is not None else None
    diagnostics.raise_if_failed()
    assert document is not None
    assert part is not None
    maker = _Maker(part, document, diagnostics)
    body = maker.body()
    diagnostics.raise_if_failed()
    name = "".join(word[:1].upper() + word[1:] for word in path.stem.split("_"))
    return type(name, (Instrument,), body)


def driver_schema(language: str = "en") -> dict[str, Any]:
    """Return the JSON Schema of such files."""
    from benchctl.driver.declared_model import DriverPart
    from benchctl.language import schema_of

    return schema_of(DriverPart, "benchctl driver", language)


class _Maker:
    """Turns what the file says into the body of a class; mistakes go to the diagnostics."""

    def __init__(self, part: DriverPart, document: Document, diagnostics: Diagnostics) -> None:
        self._part = part
        self._document = document
        self._diagnostics = diagnostics

    def body(self) -> dict[str, Any]:
        part = self._part
        channels = dict(self._channels())
        protocol = self._protocol()
        for (section, name), channel in channels.items():
            self._checked(protocol, section, name, channel)
        body: dict[str, Any] = {
            "__doc__": docstring_of(part),
            "__module__": __name__,
            "protocol": protocol,
            "identity": part.identity,
            **{name: channel for (_, name), channel in channels.items()},
        }
        if part.timeout is not None:
            body["timeout"] = part.timeout
        if part.settings or part.actions:
            body["make_safe"] = self._make_safe()
        if part.identity:
            self._pattern(part.identity, ("identity",))
        return body

    def _wrong(self, message: Message, place: tuple[str | int, ...], hint: Any = None) -> None:
        span = self._document.span(place)
        self._diagnostics.error("E106", message, self._document.source, span, hint=hint)

    def _checked(
        self, protocol: Protocol, section: str, name: str, channel: Reading[Any] | Action
    ) -> None:
        reserved = name in dir(Instrument) or name in Instrument.__annotations__
        if reserved or not name.isidentifier() or name.startswith("_"):
            span = self._document.key_span((section, name))
            message = msg("drivers.reserved", name=name)
            self._diagnostics.error("E106", message, self._document.source, span)
        elif channel.address is not None and (problem := protocol.problem(channel)):
            self._wrong(msg("drivers.bad-place", problem=problem), (section, name, "at"))

    # channels -------------------------------------------------------------------------------

    def _channels(self) -> Iterator[tuple[tuple[str, str], Reading[Any] | Action]]:
        for name, reading in self._part.readings.items():
            made = Reading[Any](self._address(("readings", name), reading), **self._common(reading))
            yield ("readings", name), made
        for name, setting in self._part.settings.items():
            yield (
                ("settings", name),
                Setting[Any](
                    self._address(("settings", name), setting),
                    **self._common(setting),
                    low=setting.low,
                    high=setting.high,
                    choices=setting.choices,
                    safe=setting.safe,
                ),
            )
        for name, action in self._part.actions.items():
            yield ("actions", name), Action(self._action(name, action), doc=action.doc)

    def _common(self, part: ReadingPart) -> dict[str, Any]:
        return {
            "unit": part.unit,
            "kind": _KINDS[part.kind],
            "resolution": part.resolution,
            "doc": part.doc,
        }

    def _address(self, place: tuple[str, str], part: ReadingPart) -> Any:
        protocol, at = self._part.protocol, part.at
        if protocol.modbus is not None:
            if not isinstance(at, str):
                self._wrong(msg("drivers.register-wanted"), (*place, "at"))
                return None
            return self._register(at, (*place, "at"), part.scale)
        if part.scale != 1.0:
            self._wrong(msg("drivers.no-scale"), (*place, "scale"))
        if protocol.scpi is not None:
            return (
                at
                if isinstance(at, str)
                else scpi_address(at, command_words(place, part, self._wrong))
            )
        return self._line_address(place, part)

    def _line_address(self, place: tuple[str, str], part: ReadingPart) -> Any:
        section, name = place
        query = query_of(part)
        shared = sum(query_of(other) == query for _, _, other in self._lines()) > 1
        at = part.at
        if isinstance(at, str):
            if section == "settings":
                self._wrong(msg("drivers.set-wanted"), (*place, "at"))
            return ask(query, name if shared else None, wait=part.wait)
        for key in ("item", "start"):
            if getattr(at, key):
                self._wrong(msg("drivers.scpi-only", key=key), (*place, "at", key))
        words = command_words(place, part, self._wrong)
        write = at.set if isinstance(at.set, str) else ""
        if section == "settings" and at.set is None:
            self._wrong(msg("drivers.set-wanted"), (*place, "at"))
        if write and not VALUE.search(write):
            self._wrong(msg("drivers.no-value", text=write[:40]), (*place, "at", "set"))
            write = ""
        template = template_of(write, number=part.kind in ("number", "whole"))
        return ask(query, name if shared else None, write=template, words=words, wait=part.wait)

    def _lines(self) -> list[tuple[str, str, ReadingPart]]:
        """Return all channels of a driver of lines: section, name, declaration."""
        return [
            *(("readings", name, reading) for name, reading in self._part.readings.items()),
            *(("settings", name, setting) for name, setting in self._part.settings.items()),
        ]

    def _register(self, spelt: str, place: tuple[str | int, ...], scale: float = 1.0) -> Any:
        try:
            return modbus_address(spelt, scale)
        except AddressTextError as error:
            self._wrong(error.message, place, error.hint)
            return None

    def _action(self, name: str, part: ActionPart) -> Any:
        if self._part.protocol.modbus is None:
            return part.at
        target = self._register(part.at, ("actions", name, "at"))
        if target is None or not part.send:
            return target
        return send(target, *part.send)

    # protocol -------------------------------------------------------------------------------

    def _protocol(self) -> Protocol:
        part = self._part.protocol
        if part.scpi is not None:
            return Scpi(**part.scpi.model_dump())
        if part.modbus is not None:
            given = part.modbus.model_dump(exclude={"proof"})
            given["order"] = part.modbus.order or ""
            given["proof"] = self._proof(part.modbus.proof)
            for name in ("identity", "serial"):
                if given[name] is not None:
                    place = ("protocol", "modbus", name)
                    given[name] = self._whole_register(given[name], place)
            return Modbus(**given)
        return self._line()

    def _proof(self, part: ProofPart | None) -> OrderProof | None:
        place = ("protocol", "modbus", "proof", "at")
        register = None if part is None else self._whole_register(part.at, place)
        if part is None or register is None:
            return None
        proof = OrderProof(register, part.holds, tuple(part.tells or ()))
        if wrong := unproven(proof):
            self._wrong(msg("drivers.bad-place", problem=wrong), place)
        return proof

    def _whole_register(self, spelt: str, place: tuple[str | int, ...]) -> Register | None:
        found = self._register(spelt, place)
        if found is not None and not isinstance(found, Register):
            self._wrong(msg("drivers.register-wanted"), place)
            return None
        return found

    def _line(self) -> PatternLine:
        part = self._part.protocol.line
        assert part is not None
        replies: dict[str, dict[str, re.Pattern[str]]] = {}
        units: dict[str, dict[str, str]] = {}
        for section, name, channel in self._lines():
            place = (section, name, "reply") if channel.reply is not None else (section, name)
            pattern = self._pattern(channel.reply or "(.+)", place)
            for group in set(pattern.groupindex) - GROUPS:
                near = closest(group, GROUPS)
                hint = msg("drivers.did-you-mean", word=near) if near else None
                self._wrong(msg("drivers.no-such-group", name=group), place, hint)
            replies.setdefault(query_of(channel), {})[name] = pattern
            units.setdefault(query_of(channel), {})[name] = channel.unit
        at = ("protocol", "line")
        patterns = Patterns(
            replies,
            self._pattern(part.said, (*at, "said")),
            self._pattern(part.done, (*at, "done")),
            self._pattern(part.error, (*at, "error")) if part.error else None,
            units,
        )
        return PatternLine(patterns, **part.model_dump(exclude={"said", "done", "error"}))

    def _pattern(self, pattern: str, place: tuple[str | int, ...]) -> re.Pattern[str]:
        try:
            return re.compile(pattern)
        except re.error as error:
            self._wrong(msg("drivers.no-pattern", problem=str(error)), place)
            return re.compile("")

    # safe state -----------------------------------------------------------------------------

    def _make_safe(self) -> Callable[[Instrument], None]:
        part = self._part
        safe = {n: s.safe for n, s in part.settings.items() if s.safe is not None}
        flags = [n for n in safe if part.settings[n].kind == "flag"]
        usual = [*flags, *(n for n in safe if n not in flags)]
        known = [*part.settings, *part.actions]
        for at, name in enumerate(part.make_safe):
            if name not in known:
                near = closest(name, known)
                hint = msg("drivers.did-you-mean", word=near) if near else None
                self._wrong(msg("drivers.no-such-channel", name=name), ("make_safe", at), hint)
            elif name in part.settings and name not in safe:
                self._wrong(msg("drivers.no-safe", name=name), ("make_safe", at))
        order = [*part.make_safe, *(n for n in usual if n not in part.make_safe)]

        return making_safe(order, safe, part.safe)
