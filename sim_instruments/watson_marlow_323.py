"""A simulated Watson-Marlow 323Du: every command is repeated, only 1RS and 1ZY are answered."""

from __future__ import annotations

import re
from typing import Any

from benchctl.simulation import SimulatedInstrument, TextBus, Wire


class Pump:
    """A pump at 110 rpm, running."""

    def __init__(self, model: str) -> None:
        self.model, self.speed, self.direction, self.run = model, 110, "CW", True

    def answer(self, line: str, _t: float) -> str | None:
        """Return the echo and, for what asks, the answer behind it."""
        command = line.strip()
        if command == "1RS":
            return f"{line}\r{self.model} {self.speed} {self.direction} {int(self.run)} !"
        if command == "1ZY":
            return f"{line}\r{int(self.run)}"
        if speed := re.fullmatch(r"1SP(\d+)", command):
            self.speed = min(int(speed[1]), 400)
        self.run = {"1GO": True, "1ST": False}.get(command, self.run)
        self.direction = {"1RR": "CW", "1RL": "CCW"}.get(command, self.direction)
        return f"{line}\r"

    def shows(self) -> dict[str, Any]:
        """Return what its display shows."""
        return dict(vars(self))


def simulator(model: str = "323Du") -> SimulatedInstrument:
    """Return a pump that runs."""
    pump = Pump(model)
    return SimulatedInstrument(
        TextBus(Wire(9600, bits=11, turnaround=0.005), pump, end=b"\r", reply_end=b""),
        at="serial://{location}?baud=9600&stop=2",
        shows=pump.shows,
        units={"speed": "1/min"},
    )
