"""A simulated Anton Paar DMA 4500 M filled with water."""

from __future__ import annotations

import re
from typing import Any

from benchctl.simulation import SimulatedInstrument, TextBus, Wire

TAKES = 30.0
"""Seconds of a measurement."""


class DensityMeter:
    """A meter; `until` is the bench time at which its measurement ends."""

    def __init__(self) -> None:
        self.density, self.temperature, self.setpoint = 0.998203, 20.01, 20.0
        self.sample_number = 17
        self.until = 0.0
        self._t = 0.0

    @property
    def measuring(self) -> bool:
        """Whether a measurement goes on."""
        return self._t < self.until

    def answer(self, line: str, t: float) -> str:
        """Return what it says."""
        self._t = t
        command = re.sub(r"^(get|set) ", r"\1", line.strip())
        match command:
            case "start" | "abort":
                return self._told(command)
            case "finished":
                return f"measurement {'not ' if self.measuring else ''}finished"
            case "getrawdata" | "getraw data":
                numbers = f"{self.density:.6f};{self.temperature:.2f};{self.setpoint:.2f}"
                return f"{numbers};{self.sample_number}"
        if wanted := re.fullmatch(r"settemperature (\d+(?:\.\d*)?)", command):
            if self.measuring:
                return "not allowed during measurement"
            self.setpoint = float(wanted[1])
            return "accepted"
        return "unknown command"

    def _told(self, command: str) -> str:
        if (command == "start") == self.measuring:
            return f"measurement {'already' if self.measuring else 'not'} started"
        self.until = self._t + TAKES if command == "start" else self._t
        self.sample_number += command == "start"
        return f"measurement {'started' if self.measuring else 'aborted'}"

    def shows(self) -> dict[str, Any]:
        """Return what its display shows."""
        return {**vars(self), "finished": not self.measuring}


def simulator() -> SimulatedInstrument:
    """Return a meter whose cell is filled."""
    meter = DensityMeter()
    return SimulatedInstrument(
        TextBus(Wire(9600, turnaround=0.02), meter, end=b"\r"),
        at="serial://{location}?baud=9600",
        shows=meter.shows,
        units={"density": "g/cm³", "temperature": "°C", "setpoint": "°C", "sample_number": "1"},
    )
