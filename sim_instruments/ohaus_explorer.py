"""A simulated OHAUS Explorer with a weight at rest on it."""

from __future__ import annotations

from benchctl.simulation import Fed, SimulatedInstrument, TextBus, Timed, Wire


class OhausBalance:
    """A balance in g with two decimals; `stable` and `load` (g) are what is on it."""

    def __init__(self, model: str, serial: str) -> None:
        self.inputs = Fed({"mass": 192.21})
        self.tare, self.stable = 0.0, True
        self._told = {"PV": f"{model}  SR: 2.00", "PSN": serial}

    @property
    def load(self) -> float:
        """What is on it, in g."""
        value: float = self.inputs["mass"]
        return value

    @property
    def net(self) -> float:
        """What the display shows, in g."""
        return round(self.load - self.tare, 2)

    def answer(self, line: str, _t: float) -> str | Timed:
        """Return what it prints."""
        shown = f"{self.net:11.2f} g"
        match line.strip():
            case "IP" | "P":
                return shown if self.stable else f"{shown} ?"
            case "SP":
                return shown if self.stable else Timed("ES", 40.0)
            case "T" | "Z":
                self.tare = self.load
                return "OK!"
            case "0P":
                return "OK!"
        return self._told.get(line.strip(), "ES")


def simulator(serial: str = "B412345678", model: str = "EX6202") -> SimulatedInstrument:
    """Return a balance with a load at rest."""
    balance = OhausBalance(model, serial)
    return SimulatedInstrument(
        TextBus(Wire(9600, turnaround=0.02), balance),
        at="serial://{location}?baud=9600",
        shows=lambda: {"mass": balance.net, "mass_now": balance.net},
        units={"mass": "g", "mass_now": "g"},
        inputs=balance.inputs,
    )
