"""A simulated DHI RPM4 with one absolute Q-RPT, at a pressure at rest."""

from __future__ import annotations

import re

from benchctl.simulation import SimulatedInstrument, TextBus, Timed, Wire


class Monitor:
    """A monitor in kPa; `ready` is its status, `period` (s) until the next measurement is done."""

    def __init__(self, serial: str, model: str) -> None:
        self.pressure, self.rate, self.air = 2306.265, 0.011, 97.0
        self.ready, self.limit, self.mode, self.period = "R", 0.005, "a", 0.6
        self._told = {"SN?": serial, "VER?": f"DH INSTRUMENTS, Inc., {model}, Ver 1.02a"}

    def answer(self, line: str, _t: float) -> str | Timed:
        """Return what it says to an enhanced message."""
        if line in self._told:
            return self._told[line]
        if limit := re.fullmatch(r"SS%(?:\?| +(\d*\.?\d+))", line):
            self.limit = float(limit[1]) if limit[1] else self.limit
            return f"{self.limit:.3f} %"
        if unit := re.fullmatch(r"UNIT(?:\?| +kPa ?([agnd]))", line):
            self.mode = unit[1] or self.mode
            return f"kPa {self.mode}"
        if line == "SR?":
            return Timed(f"{self.ready:<2}", self.period)
        if line == "PRR?":
            values = f"{self.pressure:.3f} kPa{self.mode},{self.rate:.3f} kPa/s"
            return Timed(f"{self.ready},{values},{self.air:.3f} kPa a", self.period)
        return "ERR# 10"


def simulator(serial: str = "321", model: str = "RPM4 A7M") -> SimulatedInstrument:
    """Return a monitor that is ready."""
    monitor = Monitor(serial, model)
    return SimulatedInstrument(
        TextBus(Wire(2400, turnaround=0.01), monitor),
        at="serial://{location}?baud=2400&bits=7&parity=E",
        shows=lambda: {
            "pressure": monitor.pressure,
            "pressure_now": monitor.pressure,
            "rate": monitor.rate,
            "air": monitor.air,
            "stability": monitor.limit,
            "mode": monitor.mode,
        },
        units={
            "pressure": "kPa",
            "pressure_now": "kPa",
            "rate": "kPa/s",
            "air": "kPa",
            "stability": "%",
        },
    )
