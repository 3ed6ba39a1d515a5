"""A simulated Sartorius balance that prints SBI lines of 22 characters."""

from __future__ import annotations

from benchctl.simulation import Fed, SimulatedInstrument, TextBus, Wire


class SbiBalance:
    """A balance in g with two decimals; `stable` and `load` (g) are what is on it."""

    def __init__(self, model: str, serial: str) -> None:
        self.inputs = Fed({"mass": 1234.56})
        self.tare, self.stable = 0.0, True
        self._model, self._serial = model, serial

    @property
    def load(self) -> float:
        """What is on it, in g."""
        value: float = self.inputs["mass"]
        return value

    @property
    def net(self) -> float:
        """What the display shows, in g."""
        return round(self.load - self.tare, 2)

    def answer(self, line: str, _t: float) -> str | None:
        """Return what it prints."""
        match line.removeprefix("\x1b"):
            case "P":
                sign = "-" if self.net < 0 else "+"
                return f"G     {sign}{abs(self.net):9.2f} {'g  ' if self.stable else '   '}"
            case "x1_":
                return f"Model {self._model:>14}"
            case "x2_":
                return f"SerNo {self._serial:>14}"
            case "T" | "U" | "V":
                self.tare = self.load
        return None


def simulator(serial: str = "31702415", model: str = "MSE6202S") -> SimulatedInstrument:
    """Return a balance with a load at rest."""
    balance = SbiBalance(model, serial)
    return SimulatedInstrument(
        TextBus(Wire(9600, bits=11, turnaround=0.02), balance),
        at="serial://{location}?baud=9600&parity=O&unit=g",
        shows=lambda: {"mass": balance.net, "mass_now": balance.net},
        units={"mass": "g", "mass_now": "g"},
        inputs=balance.inputs,
    )
