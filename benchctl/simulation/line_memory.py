r"""A device with a vendor's own text commands: a table of what it is told and what it answers.

    bath = line_memory(
        {"setpoint": 25.0, "bath": 24.87, "on": False},
        {
            "in_sp_00": "{setpoint:.2f}",            # asked: answered out of the values
            "out_sp_00 {setpoint}": None,            # sets a value; not answered
            "out_mode_05 {on}": "OK",
            "version": "JULABO FP50 SIM1 3.0",
        },
        limits={"setpoint": (-95.0, 300.0)},
        refused="-10 VALUE TOO LARGE",
        unknown="-08 INVALID COMMAND",
    )
    TextBus(Wire(4800), bus, end=b"\r")
    bath["setpoint"]                                 # 25.0, until a driver sets it

A field in a command takes a value of the kind that is held: a number, a flag (1 or 0), a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from benchctl.simulation.feeding import Fed, Source
from benchctl.simulation.scpi import Timed

Reply = str | Timed | None | Callable[["LineMemory", float], "str | Timed | None"]
"""A text with fields, silence, or a function of the device and the bench time."""

_FIELD = re.compile(r"\{(\w+)\}")
_KINDS = {
    bool: r"[01]",
    int: r"[+-]?\d+",
    float: r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?",
    str: r".+?",
}


class LineMemory:
    """The values of one device, by name, and its commands; made by `line_memory`."""

    def __init__(
        self,
        values: Mapping[str, Any],
        lines: Mapping[str, Reply],
        limits: Mapping[str, tuple[float, float]],
        refused: str | None,
        unknown: str | None,
    ) -> None:
        self._now = Fed(values)
        self._lines = [(self._pattern(line), reply) for line, reply in lines.items()]
        self._limits, self._refused, self._unknown = limits, refused, unknown

    def _pattern(self, line: str) -> re.Pattern[str]:
        """Return what matches a command, with a group for each field."""
        parts = _FIELD.split(line)
        for at in range(0, len(parts), 2):
            parts[at] = re.escape(parts[at])
        for at in range(1, len(parts), 2):
            parts[at] = f"(?P<{parts[at]}>{_KINDS[type(self._now[parts[at]])]})"
        return re.compile("".join(parts))

    def __getitem__(self, name: str) -> Any:
        """Return what is held under a name.

        Raises:
            KeyError: there is no such name.
        """
        return self._now[name]

    def __setitem__(self, name: str, value: Any) -> None:
        """Let the device hold, or show, another value.

        Raises:
            KeyError: there is no such name.
        """
        if name not in self._now:
            raise KeyError(name)
        self._now[name] = value

    def shows(self) -> dict[str, Any]:
        """Return everything that is held, by name."""
        return dict(self._now)

    @property
    def t(self) -> float:
        """Bench time of the last exchange."""
        return self._now.t

    @t.setter
    def t(self, value: float) -> None:
        self._now.t = value

    def feed(self, channel: str, source: Source) -> None:
        """Let the device show what a plant tells it.

        Raises:
            KeyError: there is no such name.
        """
        self._now.feed(channel, source)

    def answer(self, line: str, t: float) -> str | Timed | None:
        """Return what the device says to a line at bench time `t`."""
        self.t = t
        for pattern, reply in self._lines:
            if match := pattern.fullmatch(line.strip()):
                if not self._taken(match.groupdict()):
                    return self._refused
                return self._said(reply, t)
        return self._unknown

    def _taken(self, given: Mapping[str, str]) -> bool:
        """Hold the values that a command brings; False if one is beyond its limits."""
        taken = {}
        for name, text in given.items():
            kind = type(self._now[name])
            value = text == "1" if kind is bool else kind(text)
            low, high = self._limits.get(name, (None, None))
            if (low is not None and value < low) or (high is not None and value > high):
                return False
            taken[name] = value
        self._now.update(taken)
        return True

    def _said(self, reply: Reply, t: float) -> str | Timed | None:
        if callable(reply):
            return reply(self, t)
        if isinstance(reply, Timed):
            return Timed(None if reply.text is None else self._filled(reply.text), reply.seconds)
        return None if reply is None else self._filled(reply)

    def _filled(self, text: str) -> str:
        flags = {n: int(v) if isinstance(v, bool) else v for n, v in self._now.items()}
        return text.format(**flags)


def line_memory(
    values: Mapping[str, Any],
    lines: Mapping[str, Reply],
    *,
    limits: Mapping[str, tuple[float, float]] | None = None,
    refused: str | None = None,
    unknown: str | None = None,
) -> LineMemory:
    """Return a device that holds `values` and knows the commands of `lines`.

    Args:
        values: What it holds at first, by name: float, int, bool or text.
        lines: What it answers to each command; see the module.
        limits: Lowest and highest value that it takes under a name.
        refused: What it says to a value beyond them; None for silence.
        unknown: What it says to any other command; None for silence.
    """
    return LineMemory(values, lines, limits or {}, refused, unknown)
