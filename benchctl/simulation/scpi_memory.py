"""A SCPI instrument that holds what it is set to and says what it is told to say.

device = scpi_memory(
"Keysight Technologies,34465A,MY54500001,A.03.01",
{"[SENSe:]VOLTage:DC:RANGe": 10.0, "OUTPut#[:STATe]": {1: False, 2: False}},
{"READ?": 1.25},
limits={"[SENSe:]VOLTage:DC:RANGe": (0.1, 1000.0)},
)
device.instrument                  # for a ScpiBus
device["VOLT:DC:RANG"]             # 10.0, until a driver sets it
device["OUTP", 2]                  # of channel 2: OUTP2 ON, or OUTP ON,(@2)
device["READ?"] = 2.5
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchctl.simulation.feeding import Source
from benchctl.simulation.scpi import (
    OUT_OF_RANGE,
    PLAIN,
    Call,
    Handler,
    Manners,
    ScpiError,
    ScpiInstrument,
    header_pattern,
)

ILLEGAL_PARAMETER = -224
_CHANNEL = re.compile(r"\(@(\d+)\)")


class ScpiMemory:
    """The values behind the commands of one instrument; made by `scpi_memory`."""

    instrument: ScpiInstrument
    """What hangs on the bus."""

    def __init__(
        self,
        identity: str,
        values: Mapping[str, Any],
        readings: Mapping[str, Any],
        commands: Mapping[str, Handler],
        limits: Mapping[str, tuple[float, float]],
        choices: Mapping[str, Sequence[Any]],
        says: Mapping[str, str],
        echo: bool,
        manners: Manners,
    ) -> None:
        self.t = 0.0
        self._initial = {**values, **readings}
        self._limits, self._choices, self._says = limits, choices, says
        self._echo = echo
        self._patterns = {header: header_pattern(header) for header in self._initial}
        table: dict[str, Handler] = {}
        for header in values:
            table[header] = self._setter(header)
            table[f"{header}?"] = self._teller(header, header)
        for query in readings:
            table[query] = self._teller(query, query.partition("?")[0])
        self._reset(0.0)
        self.instrument = ScpiInstrument(
            identity,
            {**table, **commands},
            reset=self._reset,
            manners=replace(manners, echo=echo or manners.echo),
        )

    def _reset(self, _t: float) -> None:
        self._now = {
            header: dict(value) if isinstance(value, Mapping) else value
            for header, value in self._initial.items()
        }

    def __getitem__(self, key: str | tuple[str, int]) -> Any:
        """Return what is held behind a header in any form, or behind one channel of it.

        Raises:
            KeyError: there is no such header or channel.
        """
        header, number = self._known(key)
        held = self._now[header]
        held = held[number] if isinstance(held, dict) else held
        return held() if callable(held) else held

    def __setitem__(self, key: str | tuple[str, int], value: Any) -> None:
        """Let the instrument hold, or show, another value.

        Raises:
            KeyError: there is no such header or channel.
        """
        header, number = self._known(key)
        held = self._now[header]
        if isinstance(held, dict):
            held[number] = value
        else:
            self._now[header] = value

    def feed(self, channel: str | tuple[str, int], source: Source) -> None:
        """Let the instrument say behind a header what a plant tells it.

        Raises:
            KeyError: there is no such header or channel.
        """
        header, number = self._known(channel)
        for values in (self._initial, self._now):
            held = values[header]
            if isinstance(held, dict):
                held[number] = lambda: source(self.t)
            else:
                values[header] = lambda: source(self.t)

    def _known(self, key: str | tuple[str, int]) -> tuple[str, int]:
        asked, number = key if isinstance(key, tuple) else (key, 0)
        for header, pattern in self._patterns.items():
            if asked == header:
                return header, number or 1
            if match := pattern.fullmatch(asked):
                suffix = next((int(s) for s in reversed(match.groups()) if s), 1)
                return header, number or suffix
        raise KeyError(asked)

    def _number(self, header: str, call: Call) -> int:
        """Return the channel that a command is for.

        Raises:
            ScpiError: there is no such channel.
        """
        listed = next((int(m[1]) for a in call.args if (m := _CHANNEL.fullmatch(a))), None)
        number = listed if listed is not None else next(reversed(call.suffixes), 1)
        held = self._now[header]
        if isinstance(held, dict) and number not in held:
            raise ScpiError(OUT_OF_RANGE)
        return number

    def _setter(self, header: str) -> Handler:
        def take(call: Call) -> None:
            key = (header, self._number(header, call))
            self[key] = self._taken(header, self[key], call)

        return take

    def _taken(self, header: str, held: Any, call: Call) -> Any:
        """Return the argument as a value of the kind that is held.

        Raises:
            ScpiError: it is none, or the instrument does not allow it.
        """
        value: Any = call.args[0].strip("\"'") if call.args else call.number()
        if isinstance(held, bool):
            if value.upper() not in ("ON", "OFF", "1", "0"):
                raise ScpiError(ILLEGAL_PARAMETER, "Illegal parameter value")
            value = value.upper() in ("ON", "1")
        elif isinstance(held, int | float):
            value = type(held)(call.number())
            low, high = self._limits.get(header, (-float("inf"), float("inf")))
            if not low <= value <= high:
                raise ScpiError(OUT_OF_RANGE)
        if header in self._choices and value not in self._choices[header]:
            raise ScpiError(ILLEGAL_PARAMETER, "Illegal parameter value")
        return value

    def _teller(self, header: str, asked: str) -> Handler:
        def tell(call: Call) -> str:
            said = self._said(header, self[header, self._number(header, call)])
            return f":{_short(asked)} {said}" if self._echo else said

        return tell

    def _said(self, header: str, value: Any) -> str:
        if header in self._says:
            return self._says[header].format(value)
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, float):
            return f"{value:+.8E}"
        if isinstance(value, tuple | list):
            return ",".join(self._said("", one) for one in value)
        return str(value)


def scpi_memory(
    identity: str,
    values: Mapping[str, Any] | None = None,
    readings: Mapping[str, Any] | None = None,
    *,
    commands: Mapping[str, Handler] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    choices: Mapping[str, Sequence[Any]] | None = None,
    says: Mapping[str, str] | None = None,
    echo: bool = False,
    manners: Manners = PLAIN,
) -> ScpiMemory:
    """Return an instrument that answers `identity` to `*IDN?`.

    Args:
        identity: Maker, model, serial number and firmware, with commas.
        values: What is set and asked for, by header as the manual prints it (`HEADer` and
            `HEADer?`): a float, int, bool or text, which is what it takes and gives; a mapping by
            channel number where there are several (`OUTPut#`, or `(@2)` in the arguments).
        readings: What is only asked for, by query; a function is called for each answer.
        commands: Further commands, of which the table says nothing.
        limits: Lowest and highest value of a header; beyond it the instrument queues error -222.
        choices: The values that a header takes; others queue error -224.
        says: Format of an answer, "{:.3f}"; otherwise +1.25000000E+00, 1 or 0, the text.
        echo: Whether answers repeat the header.
        manners: How it talks, where it does not do as SCPI says.
    """
    return ScpiMemory(
        identity,
        values or {},
        readings or {},
        commands or {},
        limits or {},
        choices or {},
        says or {},
        echo,
        manners,
    )


def _short(header: str) -> str:
    """Return the short form of a header: without what is in brackets or in small letters."""
    return re.sub(r"\[[^]]*\]|[a-z#]", "", header).strip(":")


__all__ = ["ILLEGAL_PARAMETER", "ScpiMemory", "scpi_memory"]
